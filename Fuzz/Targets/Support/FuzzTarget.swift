/// A parser of strangers' bytes, and what must be true of it whatever the bytes are.
///
/// Nothing here knows libFuzzer: the driver calls the bodies with bytes that it makes up, the tests with those in
/// `Corpora` and `Regressions`.
struct FuzzTarget: Sendable {
    /// The word on the command line, and the name of the folders.
    let name: String

    /// Longer inputs are not tried: what stands before the parser in the program refuses them, or they are more of the
    /// same.
    let maximumBytes: Int

    /// Words that inputs are made of.
    let dictionary: [String]

    /// Feeds the parser.
    ///
    /// - Throws: ``Violation`` for a promise that it broke; that it refuses the input is none.
    let check: @Sendable ([UInt8]) async throws -> Void

    /// Every one of them.
    static let all: [FuzzTarget] = [
        .cookies, .callback, .tokens, .keySet, .discovery, .userInfo, .returnTo, .headers, .migrations, .arguments,
        .answers, .sealed, .clientKey,
    ]
}

/// A promise that a parser broke.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

/// - Throws: ``Violation`` unless the condition is true.
func expect(_ condition: Bool, _ promise: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description: promise()) }
}
