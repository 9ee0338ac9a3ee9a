import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore

/// One `Set-Cookie` field, taken apart by the rules of RFC 6265 section 5.2.
struct ReceivedCookie: Sendable, Hashable {
    let name: String
    let value: String
    let attributes: [String]

    init(_ field: String) {
        let parts = field.components(separatedBy: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let halves = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.name = halves[0]
        self.value = halves.count > 1 ? halves[1] : ""
        self.attributes = Array(parts.dropFirst())
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    var cookies: [ReceivedCookie] { headers[values: .setCookie].map(ReceivedCookie.init) }

    func cookie(_ name: String) -> ReceivedCookie? { cookies.first { $0.name == name } }

    /// The members of a JSON object that are strings.
    var json: [String: String] { jsonObject.compactMapValues { $0 as? String } }

    var jsonObject: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))) as? [String: Any] ?? [:]
    }

    var location: String? { headers[.location] }
}
