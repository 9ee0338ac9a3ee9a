/// Why a test with real parts can't go on; the text says what to do about it.
struct BrowserTestError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
