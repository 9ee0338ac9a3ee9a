/// A JSON value as a provider sent it: a claim, a metadata member, a member of the token response.
public enum ClaimValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number. Beyond the range of a double it is the largest finite one.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([ClaimValue])
    /// An object.
    case object([String: ClaimValue])

    /// The string, or nil for any other type.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// Whether it is a string of exactly these bytes.
    func isString(_ text: String) -> Bool {
        stringValue?.hasSameBytes(as: text) == true
    }

    /// The boolean, or nil for any other type: the string `"true"` is not a boolean.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, or nil for any other type; always finite.
    public var numberValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The elements, or nil for any other type.
    public var arrayValue: [ClaimValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, or nil for any other type.
    public var objectValue: [String: ClaimValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The elements when every one is a string, else nil.
    public var stringArrayValue: [String]? {
        guard let elements = arrayValue else { return nil }
        let strings = elements.compactMap(\.stringValue)
        return strings.count == elements.count ? strings : nil
    }
}

// No nil literal: in `isValid ? value : nil` it would mean `null`, not "no value".
extension ClaimValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: ClaimValue...) { self = .array(elements) }
    /// An object; of two members with one name the last one counts.
    public init(dictionaryLiteral elements: (String, ClaimValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
