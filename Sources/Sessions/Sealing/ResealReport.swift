/// What a pass over rows that aren't under the sealing key did.
public struct ResealReport: Sendable, Hashable {
    /// Rows that are now under the sealing key.
    public var sealed = 0
    /// Rows that somebody was changing at the moment, or changed meanwhile: the next pass takes them.
    public var skipped = 0
    /// Rows that no key of the ring opens.
    public var unreadable = 0

    /// Nothing done yet.
    public init() {}

    /// Adds what another batch did.
    public mutating func add(_ other: ResealReport) {
        sealed += other.sealed
        skipped += other.skipped
        unreadable += other.unreadable
    }
}

/// How far resealing has come; opaque to everything but the store.
public struct ResealCursor: Sendable, Hashable {
    package var rowKey: String
}

/// How many rows with sealed values there are under each key.
public struct SealingStatus: Sendable, Hashable {
    /// By key id, the ring's or another.
    public var rowsByKeyID: [String: Int] = [:]
    /// Rows with clear text of the documented system, or under several keys.
    public var unmarkedRows = 0

    /// Nothing counted.
    public init() {}
}
