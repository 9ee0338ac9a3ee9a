/// What a listener hears.
public enum PostgresNotificationEvent: Sendable, Hashable {
    /// LISTEN is in force on every channel, or the listener has caught up: what is sent from now on is heard.
    case listening
    /// A notification: its channel, its payload, and the process id of the server process that sent it.
    case notification(channel: String, payload: String, pid: Int32)
    /// The connection was lost, or the listener was too slow: assume that notifications were missed.
    case interrupted
}
