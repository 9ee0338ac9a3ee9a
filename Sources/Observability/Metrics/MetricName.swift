/// Names as the Prometheus text format allows them.
enum MetricName {
    /// A metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other character becomes `_`.
    static func sanitized(_ name: String) -> String {
        sanitized(name) { $0 == UInt8(ascii: ":") }
    }

    /// A label name: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with the reserved `__`.
    static func sanitizedLabel(_ name: String) -> String {
        var result = sanitized(name) { _ in false }
        while result.hasPrefix("__") { result.removeFirst() }
        return result
    }

    /// A label value, escaped for between double quotes.
    static func escapedValue(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result.append("\\\\")
            case "\"": result.append("\\\"")
            case "\n": result.append("\\n")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func sanitized(_ name: String, alsoAllowed: (UInt8) -> Bool) -> String {
        guard !name.isEmpty else { return "_" }
        var result = ""
        for (index, byte) in name.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if index == 0 { result.append("_") }
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result.unicodeScalars.append(alsoAllowed(byte) ? Unicode.Scalar(byte) : "_")
            }
        }
        return result
    }
}
