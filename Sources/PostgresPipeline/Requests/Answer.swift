/// How a request ended.
enum Answer: Sendable {
    case result(PostgresResult)
    case results([PostgresResult])
    case failure(PostgresError)
}
