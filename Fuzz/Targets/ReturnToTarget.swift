import LoginFlow

extension FuzzTarget {
    /// Where a browser wants to go after its login.
    ///
    /// `scripts/fuzz return-to --against ada` and `--against chromium` ask other parsers about what is accepted.
    static let returnTo = FuzzTarget(
        name: "return-to",
        maximumBytes: 3000,
        dictionary: [
            "//", "/\\", "/..", "/.", "/%2e%2e", "%2F", "%5C", "%00", "%09", "%0A", "%25", "\t", "\n", "\\", "@", ":",
            "?",
            "#", "evil.example", "https:", "javascript:", "/login", "/callback/", "/LOGIN", "%6Cogin", ";", "%CC%81",
        ]
    ) { bytes in
        let reserved = LoginFlow.Options().reservedPaths
        let candidate = String(decoding: bytes, as: UTF8.self)
        guard let accepted = ReturnTo(candidate, reserved: reserved) else { return }
        try expect(accepted.path.utf8.elementsEqual(candidate.utf8), "another path than the one that was asked for")
        try expect(ReturnTo(accepted.path, reserved: reserved) != nil, "what was accepted once is refused")
        try expect(!accepted.description.contains("?"), "the query is shown")
        try BrowserReading(accepted.path).check()
        let path = accepted.path.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let folded = lowercased(decoded(Array(path)))
        for word in reserved {
            let below = ["/", ";"].map { Array((word + $0).utf8) }
            try expect(folded != Array(word.utf8) && !below.contains(where: folded.starts), "\(word) is a destination")
        }
    }

    private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// Percent-decoded once.
    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var (result, rest) = ([UInt8](), bytes[...])
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

/// A relative reference as a browser reads it (WHATWG URL, basic URL parser), as far as it decides where to go.
private struct BrowserReading {
    private let bytes: [UInt8]

    init(_ text: String) {
        // Control characters and spaces go at the ends, tabs and line ends everywhere.
        let trimmed = Array(text.utf8.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed())
        bytes = trimmed.filter { ![0x09, 0x0A, 0x0D].contains($0) }.map { $0 == UInt8(ascii: "\\") ? 0x2F : $0 }
    }

    func check() throws(Violation) {
        // Two slashes begin an authority; without one the text is a scheme, or relative to the page.
        try expect(bytes.first == 0x2F && bytes.dropFirst().first != 0x2F, "a browser leaves the origin")
        try expect(
            bytes.allSatisfy { (0x21...0x7E).contains($0) },
            "a byte that ends a header line or that a browser drops"
        )
        let path = bytes.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let segments = path.split(separator: 0x2F, omittingEmptySubsequences: false).dropFirst()
        for segment in segments {
            let text = String(decoding: segment, as: UTF8.self).lowercased().replacing("%2e", with: ".")
            try expect(text != "." && text != "..", "a dot segment")
        }
        try expect(segments.dropLast().allSatisfy { !$0.isEmpty }, "an empty segment")
    }
}
