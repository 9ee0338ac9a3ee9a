extension AuthorizationOptions {
    static let promptRule = "none stands alone, and no value is empty or has a space in it"

    /// Whether the list can be sent (Core section 3.1.2.1).
    static func isPossible(prompt: [String]) -> Bool {
        prompt.allSatisfy(isWord) && (prompt == ["none"] || !prompt.contains("none"))
    }

    /// Whether it can be one of several in a list that spaces divide.
    static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.isPrintableASCII && !text.utf8.contains(UInt8(ascii: " "))
    }

    /// At most 256 bytes and no control character.
    package static func isPlausibleHint(_ hint: String) -> Bool {
        (1...256).contains(hint.utf8.count) && hint.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
