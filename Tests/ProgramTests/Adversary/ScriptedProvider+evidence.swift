import Foundation
import OpenIDConnect
import ScriptedProvider
import Testing

extension ScriptedProvider {
    /// Whether its latest answers show what this switch says; of the switches that change one member of an answer.
    func hasSent(_ misbehaviour: Misbehaviour) throws -> Bool {
        switch misbehaviour {
        case .tokenMember(let name, let value):
            return try Self.isEqual(tokenAnswer()[name], value)
        case .idTokenClaim(let name, let value):
            return try Self.isEqual(idTokenPart(1)[name], value)
        case .idTokenHeader(let name, let value):
            return try Self.isEqual(idTokenPart(0)[name], value)
        case .callback(let name, let value):
            let location = try #require(answer(of: .authorization)?.header("Location"))
            let items = try #require(URLComponents(string: location)?.queryItems)
            return items.first { $0.name == name }?.value == value
        case .padding(let endpoint, let count):
            return try #require(answer(of: endpoint)).body.prefix { $0 == 0x20 }.count == count
        default:
            Issue.record("no evidence is known of \(misbehaviour)")
            return false
        }
    }

    private func tokenAnswer() throws -> [String: Any] {
        let body = Data(try #require(answer(of: .token)).body)
        return try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
    }

    private func idTokenPart(_ index: Int) throws -> [String: Any] {
        let token = try #require(try tokenAnswer()["id_token"] as? String)
        let part = Data(Base64URL.decode(token.split(separator: ".").map(String.init)[index]))
        return try #require(try JSONSerialization.jsonObject(with: part) as? [String: Any])
    }

    /// By what both are as JSON.
    private static func isEqual(_ sent: Any?, _ value: JSONValue?) throws -> Bool {
        guard let sent, let value else { return sent == nil && value == nil }
        let wanted = try JSONSerialization.jsonObject(with: Data("[\(value.serialized())]".utf8))
        let both = try [[sent], wanted].map { try JSONSerialization.data(withJSONObject: $0, options: .sortedKeys) }
        return both[0] == both[1]
    }
}
