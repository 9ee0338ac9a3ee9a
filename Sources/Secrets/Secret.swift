/// A value that never shows itself: every way of printing it answers `<redacted>`.
///
/// Tokens, verifiers, keys, connection strings and client secrets travel inside a `Secret`, so that a log line,
/// an error, a dump of a containing value or string interpolation cannot leak them by accident. The one way to the
/// value is ``reveal()``, which is easy to find in a review.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps a value.
    public init(_ value: Value) {
        self.value = value
    }

    /// The value itself.
    ///
    /// Call it where the value is used, never where it is passed on.
    public func reveal() -> Value {
        value
    }

    /// The result of `transform` on the value, again as a secret.
    public func map<Other: Sendable>(_ transform: (Value) throws -> Other) rethrows -> Secret<Other> {
        Secret<Other>(try transform(value))
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }

    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }

    /// A mirror without children, so that `dump` and reflection-based encoders find nothing.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}
