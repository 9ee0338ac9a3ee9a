import ArgumentParser

/// How hard the program is attacked, beside whom.
struct AttackScale: ParsableArguments {
    /// `LOGIN_TTL_SECONDS` of the program, short so that what was abandoned can be cleaned soon.
    static let loginSeconds = 30

    @Option(help: "Seconds of each attack, and of the stretch before it without one.")
    var attackSeconds = 60

    @Option(help: "Requests a second of an attack.")
    var attackRate = 1_000

    @Option(help: "Connections of an attack.")
    var attackConnections = 64

    @Option(help: "Requests a second of the honest clients' session checks.")
    var honestChecks = 200

    @Option(help: "Logins a second of the honest clients, from start to session.")
    var honestLogins = 20

    @Option(help: "The attacks to make, all when not given.")
    var attack: [AttackKind] = []

    @Option(help: "Settings of the program besides, NAME=value.")
    var attackSetting: [String] = []

    @Option(help: "Another oidc-sessions than the one that was built with this, to compare with.")
    var attackProgram: String?

    var settings: [String: String] {
        attackSetting.reduce(into: [:]) { settings, text in
            guard let equals = text.firstIndex(of: "=") else { return }
            settings[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
    }
}

/// What strangers can do without knowing anything.
enum AttackKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Started and abandoned logins, all from one address.
    case logins
    /// The same, each from another address.
    case spreadLogins = "spread-logins"
    /// The same with the longest address to return to.
    case longLogins = "long-logins"
    /// Logout tokens under keys that nobody has.
    case kids
    /// Callbacks with made-up states.
    case callbacks
    /// Cookies of 64 KB.
    case cookies

    var title: String {
        switch self {
        case .logins: "logins abandoned, one address"
        case .spreadLogins: "logins abandoned, many addresses"
        case .longLogins: "the same, return_to of 2 KB"
        case .kids: "logout tokens of unknown kids"
        case .callbacks: "callbacks with made-up states"
        case .cookies: "cookies of 64 KB"
        }
    }

    var leavesRows: Bool { [.logins, .spreadLogins, .longLogins].contains(self) }
}
