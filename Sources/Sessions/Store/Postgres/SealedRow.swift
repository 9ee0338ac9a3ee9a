import PostgresPipeline
import Secrets

/// A row with its sealed columns, on the way from one key to another.
struct SealedRow {
    static let columns = """
        id, kind, revision, nonce, state, code_verifier, access_token, refresh_token, id_token, login_context
        """

    let rowKey: String
    let revision: Int64
    private let isLogin: Bool
    private var values: [SealedColumn: String] = [:]
    private static let order: [SealedColumn] = [
        .nonce, .state, .codeVerifier, .accessToken, .refreshToken, .idToken, .loginContext,
    ]

    init(_ row: PostgresRow) throws(PostgresError) {
        rowKey = try row.text(0)
        isLogin = try row.text(1) == "login"
        revision = try row.int8(2)
        for (index, column) in Self.order.enumerated() {
            values[column] = try row.optionalText(3 + index)
        }
    }

    /// The same values under the key that seals now.
    func resealed(with keyRing: KeyRing) throws(SessionError) -> SealedRow {
        var sealer = RowSealer(keyRing: keyRing, rowKey: rowKey)
        var result = self
        for (column, stored) in values where !isDigest(column) && !sealer.isCurrent(stored) {
            let value = try sealer.openValue(stored, column: column)
            result.values[column] = try sealer.sealValue(value.reveal(), column: column)
        }
        return result
    }

    /// Opens every value, and says whether one of them was never sealed.
    ///
    /// - Throws: ``SessionError/Code/corrupted`` for the first that can't be opened.
    func isClear(openingWith keyRing: KeyRing) throws(SessionError) -> Bool {
        var sealer = RowSealer(keyRing: keyRing, rowKey: rowKey)
        var isClear = false
        for (column, stored) in values where !isDigest(column) {
            _ = try sealer.openValue(stored, column: column)
            if !RowSealer.isSealed(stored) { isClear = true }
        }
        return isClear
    }

    /// A started login stores only the digest of its state.
    private func isDigest(_ column: SealedColumn) -> Bool { isLogin && column == .state }

    /// The values of many rows, one array for each column.
    static func arrays(_ rows: [SealedRow]) -> [PostgresValue] {
        order.map { column in .textArray(rows.map { $0.values[column] }) }
    }
}
