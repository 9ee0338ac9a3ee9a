import Foundation
import Testing

/// The example answers of docs/session-management.md against openapi.json, which the server's tests hold against what
/// it really answers.
@Suite("Example answers of docs/session-management.md")
struct ExampleAnswerTests {
    private let schemas: [String: Any]

    init() throws {
        let data = try Data(contentsOf: Document.root.appending(path: "Sources/OpenAPIFile/openapi.json"))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
    }

    @Test("each has the members that its description has, no more and no less")
    func members() throws {
        let text = try Document("docs/session-management.md").text
        let examples = text.matches(of: #/<!-- (?<schema>[A-Za-z]+) -->\n```json\n(?<example>[\s\S]*?)\n```/#)
        #expect(examples.count >= 9)
        #expect(examples.count == (try Document("docs/session-management.md").blocks("json").count))
        for match in examples {
            let name = String(match.schema)
            let schema = try #require(schemas[name], "\(name)")
            let example = try JSONSerialization.jsonObject(with: Data(match.example.utf8))
            check(example, schema, at: name)
        }
    }

    /// As much of JSON Schema as members need: objects, arrays, references, choices.
    private func check(_ value: Any, _ schema: Any, at path: String) {
        guard let schema = schema as? [String: Any] else { return }
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
            return check(value, schemas[String(name)] ?? [:], at: path)
        }
        if let choices = schema["oneOf"] as? [[String: Any]] {
            let isNull = value is NSNull
            return check(value, choices.first { ($0["type"] as? String == "null") == isNull } ?? [:], at: path)
        }
        if let object = value as? [String: Any] {
            let properties = schema["properties"] as? [String: Any] ?? [:]
            for member in schema["required"] as? [String] ?? [] {
                #expect(object[member] != nil, "\(path) lacks \(member)")
            }
            for (member, value) in object {
                let isFree = schema["additionalProperties"] is [String: Any]
                #expect(properties[member] != nil || isFree, "\(path) has no \(member)")
                check(value, properties[member] ?? [:], at: "\(path).\(member)")
            }
        } else if let array = value as? [Any] {
            for item in array { check(item, schema["items"] ?? [:], at: "\(path)[]") }
        }
    }
}
