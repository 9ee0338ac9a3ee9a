import Synchronization

/// The documented in-memory session object, for applications that haven't moved to `SessionManager` yet.
///
/// As ever, it is lost at a restart, knows no expiry, and isn't shared between replicas.
@available(*, deprecated, message: "Lost at every restart and never expired: use SessionManager of the Sessions module")
public let sessionData = LegacySessionData()

/// What the documented system remembered under a session id.
public struct LegacySession: Sendable, Equatable {
    /// The nonce of the login under way.
    public var nonce: String?
    /// The state of the login under way.
    public var state: String?
    /// The access token.
    public var accessToken: String?
    /// The PKCE verifier of the login under way.
    public var codeVerifier: String?
    /// The `sub` claim, once the user is known.
    public var sub: String?

    /// A session with everything unset but what is given.
    public init(
        nonce: String? = nil,
        state: String? = nil,
        accessToken: String? = nil,
        codeVerifier: String? = nil,
        sub: String? = nil
    ) {
        self.nonce = nonce
        self.state = state
        self.accessToken = accessToken
        self.codeVerifier = codeVerifier
        self.sub = sub
    }
}

extension LegacySession: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<session>`: it holds tokens.
    public var description: String { "<session>" }

    /// Always `<session>`.
    public var debugDescription: String { "<session>" }

    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>(), displayStyle: .struct)
    }
}

/// Sessions by id, in the memory of this process; safe to use from any task.
public final class LegacySessionData: Sendable {
    private let sessions = Mutex<[String: LegacySession]>([:])

    init() {}

    /// The session under an id; assigning nil removes it.
    public subscript(id: String) -> LegacySession? {
        get { sessions.withLock { $0[id] } }
        set { sessions.withLock { $0[id] = newValue } }
    }

    /// Changes the session under an id as one step, and creates it when there is none.
    public func update(_ id: String, _ change: @Sendable (inout LegacySession) -> Void) {
        sessions.withLock { change(&$0[id, default: LegacySession()]) }
    }

    /// Removes the session under an id.
    @discardableResult
    public func removeValue(forKey id: String) -> LegacySession? {
        sessions.withLock { $0.removeValue(forKey: id) }
    }

    /// The number of sessions.
    public var count: Int { sessions.withLock { $0.count } }

    /// The ids, in no order.
    public var keys: [String] { sessions.withLock { Array($0.keys) } }
}
