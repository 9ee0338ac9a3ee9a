extension String {
    /// The text with everything escaped that would do something to a terminal or to the order of the line.
    ///
    /// Texts come from strangers: a user agent can hold ANSI sequences, line feeds, or characters that turn the
    /// direction of what follows. Letters, marks, numbers, punctuation, symbols and the plain space stay; the rest
    /// becomes `\u{…}`.
    var onTerminal: String {
        var result = ""
        var marks = 0
        for scalar in unicodeScalars {
            let isMark = scalar.isMark
            marks = isMark ? marks + 1 : 0
            // A pile of marks grows over the lines above and below.
            if scalar.isPlain, marks <= 2, !(isMark && result.isEmpty) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// The same for a JSON text, whose strings say the same afterwards: RFC 8259 section 7 lets any character be escaped,
    /// and those that a terminal would obey are nowhere but in strings.
    var escapedInJSON: String {
        guard !unicodeScalars.allSatisfy({ $0.isPlain || $0.isMark }) else { return self }
        return unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.isPlain || scalar.isMark {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
    }

    /// How many columns a terminal takes for it, once it is ``onTerminal``.
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// The text cut to so many columns, an ellipsis in place of what is gone.
    func cut(to width: Int) -> String {
        guard columns > width else { return self }
        var result = ""
        var used = 0
        for scalar in unicodeScalars {
            guard used + scalar.columns <= width - 1 else { break }
            used += scalar.columns
            result.unicodeScalars.append(scalar)
        }
        return result + "…"
    }
}

extension Unicode.Scalar {
    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    fileprivate var isPlain: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        // Characters that are there and can't be seen: fillers, variation selectors.
        default: !properties.isDefaultIgnorableCodePoint
        }
    }

    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    /// The wide and full-width blocks of Unicode's East Asian Width, by block: near enough for a table.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
