/// Who asks for a change, for the audit trail; never a token or an id.
public struct Requester: Sendable, Hashable {
    /// Through what it was asked.
    public struct Surface: Sendable, Hashable, CustomStringConvertible {
        /// The word in the audit trail.
        public let rawValue: String

        private init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        /// The administrative HTTP endpoints.
        public static let adminAPI = Surface("admin-api")
        /// The HTTP endpoint for schedulers.
        public static let cron = Surface("cron")
        /// The command line.
        public static let cli = Surface("cli")
        /// A program that uses this module.
        public static let library = Surface("library")
        /// The background cleaner.
        public static let cleaner = Surface("cleaner")
        /// A user, about their own sessions.
        public static let user = Surface("user")
        /// The identity provider, about its user's sessions.
        public static let provider = Surface("provider")

        /// The word.
        public var description: String { rawValue }
    }

    /// Through what it was asked.
    public var surface: Surface
    /// The name of the operator, token or user, as far as it is known.
    public var name: String?
    /// The address that the request came from.
    public var address: String?
    /// The request's id in the logs.
    public var requestID: String?

    /// Who asks.
    public init(_ surface: Surface, name: String? = nil, address: String? = nil, requestID: String? = nil) {
        self.surface = surface
        self.name = name
        self.address = address
        self.requestID = requestID
    }
}

extension Requester {
    /// What others chose is cut and kept printable: it is read in terminals and logs.
    private static let maximumCharacters = 255

    /// The member `by` of an audit row's details.
    package var json: JSONValue {
        var members: [String: JSONValue] = ["surface": .string(surface.rawValue)]
        for (member, text) in [("name", name), ("address", address), ("requestID", requestID)] {
            members[member] = text.map { .string(Self.printable($0)) }
        }
        return .object(members)
    }

    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        return String(String.UnicodeScalarView(scalars.prefix(maximumCharacters)))
    }
}

extension Requester? {
    /// The details of an audit row that say who asked: none when nobody told.
    var details: [String: JSONValue] { map { ["by": $0.json] } ?? [:] }

    /// The same for a change of a user: the roles, and the names of profile members, whose values are the user's own.
    func details(of profile: [String: JSONValue?], _ roles: [String]?) -> [String: JSONValue] {
        var details = details
        if !profile.isEmpty { details["profile"] = .array(profile.keys.sorted().map { .string($0) }) }
        if let roles { details["roles"] = .array(roles.map { .string($0) }) }
        return details
    }
}
