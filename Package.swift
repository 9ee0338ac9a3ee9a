// swift-tools-version: 6.2
import PackageDescription

/// Every target is built the same way.
let settings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0480-swiftpm-warning-control.md
    // SwiftPM drops this for packages that depend on us.
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "oidc-sessions",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "oidc-sessions", targets: ["oidc-sessions"]),
        .library(name: "SessionServer", targets: ["SessionServer"]),
        .library(name: "LoginFlow", targets: ["LoginFlow"]),
        .library(name: "OpenIDConnect", targets: ["OpenIDConnect", "OpenIDConnectTransport"]),
        .library(name: "Sessions", targets: ["Sessions"]),
        .library(name: "SessionStoreConformance", targets: ["SessionStoreConformance"]),
        .library(name: "LegacySessionData", targets: ["LegacySessionData"]),
        .library(name: "Migrations", targets: ["Migrations"]),
        .library(name: "PostgresPipeline", targets: ["PostgresPipeline"]),
        .library(name: "Secrets", targets: ["Secrets"]),
        .library(name: "DevelopmentKit", targets: ["PrivatePostgres", "DevelopmentProvider"]),
        // Without the provider, and so without an HTTP server: for tests and benchmarks that need only a database.
        .library(name: "PrivatePostgres", targets: ["PrivatePostgres"]),
    ],
    dependencies: [
        // The commands and their --help.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Settings from environment, file and flags.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        // AES-GCM, SHA-256, HKDF.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The HTTP vocabulary that the server and the transport share.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Logging and metrics facades: the application chooses the backend.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Buffers and event loops that the HTTP server and client are made of.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // How the HTTP server hands requests from handler to handler; it brings this along anyway.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        // TLS of the HTTP client: which certificates it trusts.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Certificates for the tests of that; jwt-kit brings it along anyway.
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        // The HTTP server.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // The HTTP client behind the relying party's transport.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Start and stop in order, with deadlines.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // JWT signatures of providers, and nothing else of it.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // MARK: Shared leaf: values that print as "<redacted>".
        .target(name: "Secrets", swiftSettings: settings),
        // Shared leaf: what is decided once and waited for by many, each of whom may stop waiting.
        .target(name: "Decision", swiftSettings: settings),
        // Shared leaf: JSON, base64url and hexadecimal, strictly.
        .target(name: "WireText", swiftSettings: settings),

        // MARK: Postgres
        .systemLibrary(
            name: "CLibpq",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]
        ),
        .target(
            name: "PostgresPipeline",
            dependencies: [
                "CLibpq", "Secrets",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // The SQL of migrations/, compiled into the binary.
        .target(
            name: "MigrationFiles",
            path: "migrations",
            resources: [
                .embedInCode("11_sessions.sql"),
                .embedInCode("12_sessions_design.sql"),
                .embedInCode("13_session_functions.sql"),
                .embedInCode("14_session_lifecycle.sql"),
                .embedInCode("15_session_indexes.sql"),
                .embedInCode("16_backchannel_logout.sql"),
                .embedInCode("17_login_slots.sql"),
                .embedInCode("18_login_slot_index.sql"),
                .embedInCode("19_login_functions.sql"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Migrations",
            dependencies: [
                "MigrationFiles", "PostgresPipeline",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // MARK: Sessions
        .target(
            name: "Sessions",
            dependencies: [
                "PostgresPipeline", "Secrets", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SessionStoreConformance",
            dependencies: ["Secrets", "Sessions"],
            swiftSettings: settings
        ),
        // Takes sessions over from the tables of other systems.
        .target(
            name: "SessionImport",
            dependencies: [
                "PostgresPipeline", "Secrets", "Sessions", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(name: "LegacySessionData", swiftSettings: settings),

        // MARK: OpenID Connect
        .target(
            name: "OpenIDConnect",
            dependencies: [
                "Secrets", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "OpenIDConnectTransport",
            dependencies: [
                "OpenIDConnect",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // MARK: The two halves joined, and served
        .target(
            name: "LoginFlow",
            dependencies: [
                "Decision", "OpenIDConnect", "Secrets", "Sessions", "WireText",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // openapi.json, compiled into the binary.
        .target(name: "OpenAPIFile", resources: [.embedInCode("openapi.json")], swiftSettings: settings),
        .target(
            name: "SessionServer",
            dependencies: [
                "LoginFlow", "OpenAPIFile", "OpenIDConnect", "Secrets", "Sessions", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Observability",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // MARK: For `dev` and for tests
        // Two actions of posix_spawn that the Glibc module leaves out.
        .systemLibrary(name: "CSpawn", path: "Sources/DevelopmentKit/CSpawn"),
        .target(
            name: "PrivatePostgres",
            dependencies: ["CSpawn", "Decision"],
            path: "Sources/DevelopmentKit/PrivatePostgres",
            swiftSettings: settings
        ),
        .target(
            name: "DevelopmentProvider",
            dependencies: [
                "Secrets", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/DevelopmentKit/DevelopmentProvider",
            swiftSettings: settings
        ),

        // MARK: The program
        .executableTarget(
            name: "oidc-sessions",
            dependencies: [
                "Decision", "DevelopmentProvider", "LoginFlow", "Migrations", "Observability", "OpenIDConnect",
                "OpenIDConnectTransport", "PostgresPipeline", "PrivatePostgres", "Secrets", "SessionImport",
                "SessionServer", "Sessions",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // MARK: Examples: built here so that CI builds everything once; each has a manifest of its own to copy.
        .executableTarget(
            name: "HummingbirdLogin",
            dependencies: [
                "LoginFlow", "Migrations", "OpenIDConnect", "OpenIDConnectTransport", "PostgresPipeline", "Secrets",
                "SessionServer", "Sessions",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/HummingbirdLogin/Sources/HummingbirdLogin",
            swiftSettings: settings
        ),

        // MARK: Tests
        .target(name: "Patience", path: "Tests/Patience", swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [
                "Migrations", "Patience", "PostgresPipeline", "PrivatePostgres", "Secrets",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "ScriptedProvider",
            dependencies: [
                "OpenIDConnect", "Patience", "Secrets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/ScriptedProvider",
            swiftSettings: settings
        ),
        .testTarget(name: "WireTextTests", dependencies: ["WireText"], swiftSettings: settings),
        .testTarget(
            name: "PostgresPipelineTests",
            dependencies: [
                "Patience", "PostgresPipeline", "PrivatePostgres", "Secrets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MigrationsTests",
            dependencies: [
                "MigrationFiles", "Migrations", "PostgresPipeline", "PrivatePostgres", "Secrets", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionsTests",
            dependencies: [
                "LegacySessionData", "Patience", "PostgresPipeline", "PrivatePostgres", "Secrets",
                "SessionStoreConformance", "Sessions", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionImportTests",
            dependencies: ["Patience", "PostgresPipeline", "Secrets", "SessionImport", "Sessions", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OpenIDConnectTests",
            dependencies: [
                "OpenIDConnect", "OpenIDConnectTransport", "Patience", "ScriptedProvider", "Secrets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionServerTests",
            dependencies: [
                "HummingbirdLogin", "LoginFlow", "Migrations", "OpenAPIFile", "OpenIDConnect", "Patience",
                "PostgresPipeline",
                "PrivatePostgres", "ScriptedProvider", "Secrets", "SessionServer", "Sessions", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DevelopmentKitTests",
            dependencies: [
                "DevelopmentProvider", "PrivatePostgres", "Secrets", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // The bodies of the fuzz targets (a link to Fuzz/Targets), over what is committed in Fuzz.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "LoginFlow", "Migrations", "OpenIDConnect", "Secrets", "SessionServer", "Sessions", "WireText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: [
                "Observability",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "DevelopmentProvider", "LoginFlow", "Observability", "OpenIDConnect", "Patience", "PostgresPipeline",
                "PrivatePostgres", "ScriptedProvider", "Secrets", "SessionServer", "Sessions", "TestSupport",
                "oidc-sessions",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BrowserTests",
            dependencies: [
                "LoginFlow", "OpenIDConnect", "Patience", "PostgresPipeline", "PrivatePostgres", "ScriptedProvider",
                "Secrets", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            // Scripts and pinned versions of the third-party providers.
            resources: [.copy("Providers")],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
