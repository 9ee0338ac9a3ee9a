import OpenIDConnect
import Sessions

extension JSONValue {
    /// A claim as the session keeps it.
    init(_ claim: ClaimValue) {
        switch claim {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .array(elements.map(JSONValue.init))
        case .object(let members): self = .object(members.mapValues(JSONValue.init))
        }
    }
}
