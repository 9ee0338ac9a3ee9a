/// The statements of a session's life, each known by a piece of its text.
enum LoginStatement: String, CaseIterable {
    case begin = "'login', $2, $3"
    case claim = "kind = 'login' AND state = $2"
    case create = "FROM session_create("
    case read = "FROM sessions\nWHERE id = $1 AND kind <> 'login'"
    case end = "DELETE FROM sessions\n    WHERE id = $1 AND kind <> 'login'"
}
