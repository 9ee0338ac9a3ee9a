import CLibpq

/// The arrays of pointers that libpq wants for each statement, kept from one to the next.
struct ParameterScratch {
    private var values: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Queues the execution of a statement, prepared unless it is a control statement; `false` when libpq refuses.
    mutating func send(_ operation: Operation, as name: String, on connection: OpaquePointer) -> Bool {
        if operation.isControl {
            return PQsendQueryParams(connection, operation.statement.sql, 0, nil, nil, nil, nil, 1) == 1
        }
        let count = operation.statement.parameters.count
        guard count > 0 else {
            return PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 1) == 1
        }
        while formats.count < count { formats.append(1) }
        return operation.parameters.withUnsafeBytes { buffer in
            values.removeAll(keepingCapacity: true)
            lengths.removeAll(keepingCapacity: true)
            var offset = 0
            for _ in 0..<count {
                let length = buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                offset += 4
                let start = buffer.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
                values.append(length < 0 ? nil : start)
                lengths.append(max(length, 0))
                offset += Int(max(length, 0))
            }
            return PQsendQueryPrepared(connection, name, Int32(count), values, lengths, formats, 1) == 1
        }
    }
}
