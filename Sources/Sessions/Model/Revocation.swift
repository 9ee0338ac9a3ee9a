public import Foundation

/// When and why a session was ended.
public struct Revocation: Sendable, Hashable {
    /// When, by the store's clock.
    public let date: Date
    /// The word of the ``SessionEndReason``.
    public let reason: String

    package init(date: Date, reason: String) {
        self.date = date
        self.reason = reason
    }
}
