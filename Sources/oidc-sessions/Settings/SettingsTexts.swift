import Secrets

/// The settings as they were read, by the place where they stand: tells what has changed when they are read again.
///
/// Without those that take effect then.
struct SettingsTexts: Sendable {
    private var values: [String: Secret<String>] = [:]

    mutating func note(_ value: Secret<String>?, at place: String) {
        values[place] = value
    }

    /// Where a value is another one, or is there in only one of both.
    func places(thatDifferFrom other: SettingsTexts) -> [String] {
        Set(values.keys).union(other.values.keys)
            .filter { values[$0]?.reveal() != other.values[$0]?.reveal() }
            .sorted()
    }
}

extension SettingName {
    /// Whether a new value takes effect at SIGHUP.
    var isReadAgain: Bool {
        switch self {
        case .sessionSecret, .adminToken, .cronSecret, .clientSecret, .clientKey, .clientKeyID, .clientKeyAlgorithm,
            .dpopKey:
            true
        default: false
        }
    }
}
