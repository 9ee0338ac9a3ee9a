import Foundation
import OpenIDConnect

/// The part of JSON Schema 2020-12 that the description uses; a keyword that isn't known here is a failure, not a pass.
struct JSONSchema: Sendable {
    /// The document that references point into.
    let document: JSONValue

    private static let annotations: Set<String> = ["description", "default", "example", "maxItems"]

    /// What is wrong with a value, as `path: problem`; empty when it fits.
    func problems(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
        guard let keywords = schema.objectValue else { return ["\(path): the schema is no object"] }
        if let reference = keywords["$ref"]?.stringValue {
            guard let target = resolve(reference) else { return ["\(path): \(reference) leads nowhere"] }
            return problems(value, target, at: path)
        }
        return keywords.flatMap { keyword, argument in
            check(keyword, argument, value, keywords).map { $0.hasPrefix("/") ? path + $0 : "\(path): \($0)" }
        }
    }

    func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(document)) { $0?.objectValue?[String($1)] }
    }

    private func check(
        _ keyword: String,
        _ argument: JSONValue,
        _ value: JSONValue,
        _ keywords: [String: JSONValue]
    ) -> [String] {
        switch keyword {
        case "type":
            let types = argument.stringArrayValue ?? argument.stringValue.map { [$0] } ?? []
            return types.contains { isType(value, $0) } ? [] : ["is no \(types)"]
        case "const": return value == argument ? [] : ["is not \(argument.serialized())"]
        case "enum":
            return argument.arrayValue?.contains(value) == true ? [] : ["is not among \(argument.serialized())"]
        case "oneOf":
            let fitting = (argument.arrayValue ?? []).filter { problems(value, $0).isEmpty }.count
            return fitting == 1 ? [] : ["fits \(fitting) of the schemas in oneOf"]
        case "pattern", "minLength", "maxLength", "format":
            return value.stringValue.map { text(keyword, argument, $0) } ?? []
        case "minimum": return (value.numberValue ?? .infinity) >= (argument.numberValue ?? 0) ? [] : ["is too small"]
        case "maximum": return (value.numberValue ?? -.infinity) <= (argument.numberValue ?? 0) ? [] : ["is too large"]
        case "minItems":
            return Double(value.arrayValue?.count ?? .max) >= argument.numberValue ?? 0 ? [] : ["has too few elements"]
        case "items":
            return (value.arrayValue ?? []).enumerated().flatMap { index, element in
                problems(element, argument, at: "/\(index)")
            }
        case "properties":
            return (argument.objectValue ?? [:]).flatMap { name, schema in
                value.objectValue?[name].map { problems($0, schema, at: "/\(name)") } ?? []
            }
        case "required":
            guard let members = value.objectValue else { return [] }
            return (argument.stringArrayValue ?? []).filter { members[$0] == nil }.map { "lacks \($0)" }
        case "additionalProperties":
            let known = keywords["properties"]?.objectValue ?? [:]
            let others = (value.objectValue ?? [:]).filter { known[$0.key] == nil }
            if argument == false { return others.keys.map { "has \($0), which isn't described" } }
            return others.flatMap { problems($0.value, argument, at: "/\($0.key)") }
        default:
            return Self.annotations.contains(keyword) ? [] : ["has a schema with \(keyword), which isn't checked"]
        }
    }

    private func text(_ keyword: String, _ argument: JSONValue, _ text: String) -> [String] {
        switch keyword {
        case "minLength": return Double(text.unicodeScalars.count) >= argument.numberValue ?? 0 ? [] : ["is too short"]
        case "maxLength": return Double(text.unicodeScalars.count) <= argument.numberValue ?? 0 ? [] : ["is too long"]
        case "pattern":
            guard let pattern = argument.stringValue, let expression = try? Regex(pattern) else {
                return ["has a bad pattern"]
            }
            return text.firstMatch(of: expression) != nil ? [] : ["doesn't match \(pattern)"]
        default:
            guard argument == "date-time" else { return ["has a format that isn't checked"] }
            let isDate = [false, true].contains { hasFraction in
                (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction))) != nil
            }
            return isDate ? [] : ["is no date"]
        }
    }

    private func isType(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("integer", .integer), ("number", .integer), ("number", .number):
            true
        default: false
        }
    }
}
