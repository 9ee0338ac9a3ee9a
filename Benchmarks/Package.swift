// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who depends on the libraries fetches or builds what only measuring needs.
let package = Package(
    name: "oidc-sessions-benchmark",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "oidc-sessions", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "oidc-sessions-benchmark",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Migrations", package: "oidc-sessions"),
                .product(name: "PostgresPipeline", package: "oidc-sessions"),
                .product(name: "PrivatePostgres", package: "oidc-sessions"),
                .product(name: "Secrets", package: "oidc-sessions"),
                .product(name: "Sessions", package: "oidc-sessions"),
                // The program itself, which is put under load as a process of its own.
                .product(name: "oidc-sessions", package: "oidc-sessions"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
