import HTTPTypes
import HummingbirdTesting
import NIOCore
import OpenAPIFile
import OpenIDConnect
import Testing

/// `openapi.json`, against which every answer that a test sees is held.
struct APIDescription: Sendable {
    static let shared = APIDescription()

    let schema: JSONSchema
    let paths: [String: JSONValue]

    private init() {
        let document = JSONReader.read(OpenAPIFile.contents, limits: .own) ?? .null
        schema = JSONSchema(document: document)
        paths = document.objectValue?["paths"]?.objectValue ?? [:]
    }

    /// The operation of a method at a path, and whether there is any at that path.
    ///
    /// As in the router, a path that is spelled out goes before one that varies.
    func operation(_ method: HTTPRequest.Method, _ path: String) -> (operation: JSONValue?, isKnown: Bool) {
        let segments = path.split(separator: "/")
        let matches = paths.keys.filter { template in
            let pattern = template.split(separator: "/")
            return pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0.first == "{" || $0.utf8.elementsEqual($1.utf8) }
        }
        let best = matches.min { $0.count { $0 == "{" } < $1.count { $0 == "{" } }
        return (best.flatMap { paths[$0]?.objectValue?[method.rawValue.lowercased()] }, best != nil)
    }

    /// Records an issue for an answer that isn't described: its status, media type, fields, or the form of its body.
    func check(_ method: HTTPRequest.Method, _ uri: String, _ response: TestResponse) {
        let isHead = method == .head
        let path = String(uri.prefix { $0 != "?" && $0 != "#" })
        let (operation, isKnown) = operation(isHead ? .get : method, path)
        guard isKnown else { return }
        guard let operation else {
            let expected: [HTTPResponse.Status] = [
                .methodNotAllowed, .unauthorized, .uriTooLong, .requestHeaderFieldsTooLarge, .serviceUnavailable,
                // Without tokens nothing is at the described path.
                .notFound,
            ]
            #expect(expected.contains(response.status), "\(method) \(path) is not described")
            return
        }
        if isHead, response.status == .methodNotAllowed { return }
        for problem in problems(operation, response, hasBody: !isHead) {
            Issue.record("\(method) \(path): \(response.status.code): \(problem)")
        }
    }

    private func problems(_ operation: JSONValue, _ response: TestResponse, hasBody: Bool) -> [String] {
        let responses = operation.objectValue?["responses"]?.objectValue ?? [:]
        guard var described = responses["\(response.status.code)"]?.objectValue else { return ["is not described"] }
        if let reference = described["$ref"]?.stringValue {
            described = schema.resolve(reference)?.objectValue ?? [:]
        }
        var problems: [String] = []
        for (name, header) in described["headers"]?.objectValue ?? [:] {
            guard header.objectValue?["required"] == true else { continue }
            if response.headers[.known(name)] == nil { problems.append("lacks \(name)") }
        }
        let type = String((response.headers[.contentType] ?? "").prefix { $0 != ";" })
        guard let content = described["content"]?.objectValue else {
            return problems + (type.isEmpty ? [] : ["has a body that isn't described"])
        }
        guard let form = content[type]?.objectValue?["schema"] else {
            return problems + ["has the media type '\(type)', which isn't described"]
        }
        guard hasBody, type == "application/json" else { return problems }
        guard let value = JSONReader.read(Array(buffer: response.body), limits: .own) else {
            return problems + ["is no JSON"]
        }
        return problems + schema.problems(value, form)
    }
}
