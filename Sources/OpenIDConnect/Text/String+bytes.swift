extension String {
    /// Whether both are the same bytes.
    ///
    /// `==` is not enough for identifiers: it follows Unicode's canonical equivalence, by which U+212A (the Kelvin
    /// sign) equals the letter K.
    func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether every character is one of U+0020 to U+007E.
    var isPrintableASCII: Bool {
        utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
