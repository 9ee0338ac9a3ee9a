// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what it is built with (scripts/fuzz) instruments everything that it depends on.
//
// The bodies of the targets in `Targets` are compiled into the root package's tests as well, where they replay what is in
// `Corpora` and `Regressions`.
let package = Package(
    name: "oidc-sessions-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "oidc-sessions", path: "..")
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer", path: "CLibFuzzer"),
        .executableTarget(
            name: "oidc-sessions-fuzz",
            dependencies: [
                "CLibFuzzer",
                .product(name: "Migrations", package: "oidc-sessions"),
                .product(name: "SessionServer", package: "oidc-sessions"),
            ],
            path: ".",
            exclude: ["CLibFuzzer", "Corpora", "Regressions", "judge.py"],
            sources: ["Driver", "Targets"],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
