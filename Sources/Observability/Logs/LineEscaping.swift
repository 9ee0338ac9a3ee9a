/// Escaping that keeps one log event on one line, whatever a stranger put into it.
enum LineEscaping {
    /// Appends `text` as a JSON string (RFC 8259 section 7), quotes included.
    ///
    /// Besides what JSON demands, DEL, the C1 controls and the Unicode line separators are escaped: terminals and log
    /// viewers act on them.
    static func appendJSONString(_ text: String, to line: inout String) {
        line.append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line.append("\\\"")
            case "\\": line.append("\\\\")
            case "\n": line.append("\\n")
            case "\r": line.append("\\r")
            case "\t": line.append("\\t")
            default:
                if isControl(scalar) {
                    line.append("\\u")
                    line.append(hexadecimal(scalar.value, digits: 4))
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
        line.append("\"")
    }

    /// `text` for a person's terminal: control characters shown as `\u{…}`, everything else as it is.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result.append("\\u{\(hexadecimal(scalar.value, digits: 2))}")
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
