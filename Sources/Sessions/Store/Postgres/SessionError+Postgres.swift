import PostgresPipeline

extension SessionError {
    /// What a failure of the database means for sessions.
    init(_ error: PostgresError) {
        self.init(Self.code(of: error), error.description, underlying: error)
    }

    private static func code(of error: PostgresError) -> Code {
        switch error.code {
        case .unavailable, .closed, .configuration: .unavailable
        case .busy: .busy
        case .timeout: .timeout
        case .outcomeUnknown: .outcomeUnknown
        case .cancelled: .cancelled
        case .decoding: .corrupted
        case .server: code(ofState: error.sqlState ?? "")
        default: .failed
        }
    }

    private static func code(ofState state: String) -> Code {
        switch state {
        // Values that don't fit: bytes that aren't text, an escape that jsonb refuses, numbers and times out of range.
        case "22021", "22P05", "22P02", "22003", "22008", "22015": .invalidInput
        case "22001", "54000": .tooLarge
        case "57014": .timeout
        // Shutting down, starting, or a standby after a failover.
        case "57P01", "57P02", "57P03", "25006": .unavailable
        default: ["40", "53", "55"].contains(state.prefix(2)) ? .busy : .failed
        }
    }
}
