/// A group of endpoints with tokens of its own: what opens one opens no other.
enum BearerSurface: String, Sendable, Hashable {
    case admin = "admin-api"
    case cron
}
