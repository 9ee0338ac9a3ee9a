extension String {
    /// Whether both are the same bytes.
    ///
    /// `==` is not enough for identifiers: it follows Unicode's canonical equivalence, by which U+212A (the Kelvin
    /// sign) equals the letter K. Nor is it harmless on a stranger's text, any more than a hash of it: the order of
    /// combining marks is settled first, in a time that grows with the square of their number.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether both are the same bytes, when letters of ASCII count without case.
    func hasSameASCIILetters(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.lowercasedASCII == $1.lowercasedASCII }
    }

    /// Whether every character is one of U+0020 to U+007E.
    var isPrintableASCII: Bool {
        utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

extension Sequence<String> {
    /// Whether one of them is these bytes.
    package func containsBytes(of text: String) -> Bool {
        contains { $0.hasSameBytes(as: text) }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
