/// One promise of the contract, and the code that tries it.
public struct SessionStoreCheck: Sendable, CustomStringConvertible {
    /// The promise, in words.
    public let name: String

    private let body: @Sendable (StoreUnderTest) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Tries the promise on an empty store.
    /// - Throws: ``ConformanceFailure`` when it is broken, or what the store threw.
    public func run(_ subject: StoreUnderTest) async throws {
        try await body(subject)
    }

    /// The name.
    public var description: String { name }
}

/// A promise of the contract that a store broke.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// What was expected.
    public let description: String

    init(_ description: String, file: StaticString = #fileID, line: UInt = #line) {
        self.description = "\(description) (\(file):\(line))"
    }
}

func expect(
    _ condition: Bool,
    _ expectation: String,
    file: StaticString = #fileID,
    line: UInt = #line
) throws {
    guard condition else { throw ConformanceFailure(expectation, file: file, line: line) }
}

func unwrap<Value>(
    _ value: Value?,
    _ expectation: String,
    file: StaticString = #fileID,
    line: UInt = #line
) throws -> Value {
    guard let value else { throw ConformanceFailure(expectation, file: file, line: line) }
    return value
}

/// Expects the store to refuse.
func expectRefusal(
    _ expectation: String,
    file: StaticString = #fileID,
    line: UInt = #line,
    _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch {
        return
    }
    throw ConformanceFailure(expectation, file: file, line: line)
}
