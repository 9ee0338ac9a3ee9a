/// What to import, and how its users are named here.
public struct ImportPlan: Sendable {
    /// The system that the tables are of.
    public var system: SourceSystem
    /// The table of sessions; nil takes the names that the system uses.
    public var table: TableName?
    /// The table of accounts; nil takes the names that the system uses.
    ///
    /// Looked at only with ``provider``.
    public var accountTable: TableName?
    /// The issuer of the users, as `OIDC_ISSUER` has it.
    public var issuer: String
    /// The provider, by its name in the account table, whose account ids are the subjects; nil when the system's own
    /// user ids are what the issuer calls `sub`.
    ///
    /// Sessions of users without exactly one such account are left out: a user id of the old system may be the subject
    /// of somebody else.
    public var provider: String?
    /// The tenant that they get; empty in a deployment without tenants.
    public var tenantID = ""
    /// Whether the ids of a system whose ids are no secrets were made at random here: then a cookie may present them.
    ///
    /// The same for every run: it decides which id a session is known by.
    public var hasRandomIDs = false
    /// What columns without a time zone are in: Prisma and Drizzle write UTC.
    public var timeZone = "UTC"
    /// What is kept of a browser's address; nil for nothing.
    public var storedAddress: @Sendable (String) -> String? = { $0 }
    /// Rows of one batch.
    public var batchSize = 500
    /// Counts and changes nothing.
    public var isDryRun = false

    /// A plan for a system.
    public init(system: SourceSystem, issuer: String) {
        self.system = system
        self.issuer = issuer
    }
}
