// swift-tools-version: 6.2
import PackageDescription

// The manifest to copy. In an application of your own, the path becomes the URL of this repository.
let package = Package(
    name: "HummingbirdLogin",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "oidc-sessions", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "HummingbirdLogin",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "LoginFlow", package: "oidc-sessions"),
                .product(name: "Migrations", package: "oidc-sessions"),
                .product(name: "OpenIDConnect", package: "oidc-sessions"),
                .product(name: "PostgresPipeline", package: "oidc-sessions"),
                .product(name: "Secrets", package: "oidc-sessions"),
                .product(name: "SessionServer", package: "oidc-sessions"),
                .product(name: "Sessions", package: "oidc-sessions"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
