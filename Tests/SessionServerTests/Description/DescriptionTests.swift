import HTTPTypes
import HummingbirdTesting
import OpenIDConnect
import ScriptedProvider
import Testing

@testable import SessionServer

@Suite("The description of the routes")
struct DescriptionTests {
    /// Everything that the program can serve.
    private func endpoints() throws -> [Endpoint] {
        var options = Site.Options()
        options.configure = { $0.responseMode = .formPost }
        options.settings = { $0.allowsThirdPartyLogin = true }
        options.providers.append(ScriptedProvider(issuer: "https://other.example"))
        let site = try Site(store: options.memory, options)
        return try SessionRoutes(flow: site.flow, settings: site.settings).endpoints
    }

    @Test("Routes and description agree in both directions: paths, methods, and who may use them")
    func agreement() throws {
        let served = Set(try endpoints().map { "\($0.method) \($0.path) \(Self.security($0))" })
        var described: Set<String> = []
        for (path, operations) in APIDescription.shared.paths {
            for (method, operation) in operations.objectValue ?? [:] {
                let security = operation.objectValue?["security"]?.arrayValue?.first?.objectValue?.keys.first
                described.insert("\(method.uppercased()) \(path) \(security ?? "open")")
            }
        }
        #expect(served.subtracting(described).sorted() == [])
        #expect(described.subtracting(served).sorted() == [])
    }

    private static func security(_ endpoint: Endpoint) -> String {
        switch endpoint.handler {
        case .open: "open"
        case .signedIn: "session"
        case .bearer(.admin, _): "adminToken"
        case .bearer(.cron, _): "cronSecret"
        }
    }

    @Test("Every operation has an id of its own, and every reference leads somewhere")
    func references() {
        let description = APIDescription.shared
        var ids: [String] = []
        for operation in description.paths.values.flatMap({ ($0.objectValue ?? [:]).values }) {
            ids.append(operation.objectValue?["operationId"]?.stringValue ?? "")
        }
        #expect(Set(ids).count == ids.count && !ids.contains(""))
        let references = Self.references(in: description.schema.document)
        #expect(references.count > 100)
        for reference in references { #expect(description.schema.resolve(reference) != nil, "\(reference)") }
        for kind in ["schemas", "responses"] {
            let components = description.schema.resolve("#/components/\(kind)")?.objectValue ?? [:]
            for name in components.keys {
                #expect(references.contains("#/components/\(kind)/\(name)"), "\(name) is used nowhere")
            }
        }
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            (members["$ref"]?.stringValue.map { [$0] } ?? []) + members.values.flatMap(references)
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }

    @Test("The document is served as it is, to anybody, and may be kept")
    func served() async throws {
        try await Site.inMemory { _, client in
            let response = try await Operator(client: client).get("/openapi.json")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.headers[.cacheControl] == "public, max-age=3600")
            #expect(response.jsonObject["openapi"] as? String == "3.1.0")
        }
    }

    @Test(
        "The check of answers finds what is wrong with one",
        arguments: [
            (#"{"revoked":1}"#, true), (#"{"revoked":-1}"#, false), (#"{"revoked":1.5}"#, false), (#"{}"#, false),
            (#"{"revoked":"1"}"#, false), (#"{"revoked":1,"more":1}"#, false), ("[]", false), ("null", false),
        ]
    )
    func checker(text: String, isRight: Bool) throws {
        let schema = APIDescription.shared.schema
        let form = try #require(schema.resolve("#/components/schemas/Revoked"))
        let value = try #require(JSONReader.read(Array(text.utf8)))
        #expect(schema.problems(value, form).isEmpty == isRight)
    }

    @Test(
        "The check knows every kind of rule that the description uses",
        arguments: [
            ("Handle", #""0123456789abcdef0123456789abcdef""#, #""0123456789ABCDEF0123456789abcdef""#),
            ("SessionState", #""active""#, #""gone""#),
            ("NoSession", #"{"authenticated":false}"#, #"{"authenticated":true}"#),
            ("EndingCriteria", #"{"state":["active"]}"#, #"{"state":[]}"#),
            ("EndingCriteria", #"{"olderThanDays":1}"#, #"{"olderThanDays":0}"#),
            ("EndingCriteria", #"{"user":"a"}"#, #"{"user":""}"#),
            ("Statistics/properties/sessionsByTenant", #"{"a":1}"#, #"{"a":-1}"#),
            ("CronStatistics/properties/stats/properties/timestamp", #""2026-11-21T07:25:00.000Z""#, #""today""#),
            ("Error/properties/error", #""not_found""#, #""Not found""#),
        ]
    )
    func rules(name: String, right: String, wrong: String) throws {
        let schema = APIDescription.shared.schema
        let form = try #require(schema.resolve("#/components/schemas/\(name)"))
        #expect(schema.problems(try #require(JSONReader.read(Array(right.utf8))), form) == [])
        #expect(schema.problems(try #require(JSONReader.read(Array(wrong.utf8))), form) != [])
    }
}
