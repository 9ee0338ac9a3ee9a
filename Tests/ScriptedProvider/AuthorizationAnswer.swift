/// What the provider sends the browser back with.
public struct AuthorizationAnswer: Sendable {
    /// The redirect URI of the request.
    public let redirectURI: String
    /// The parameters in order.
    public var parameters: [(name: String, value: String)]

    /// The parameters encoded: the query of the callback, or the body of a form post.
    public var query: String { WireForm.encode(parameters) }

    /// The path of the redirect URI.
    public var path: String {
        redirectURI.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3).reduce("") { "\($0)/\($1)" }
    }

    /// The whole URL of the callback.
    public var url: String { redirectURI + "?" + query }

    /// The value of a parameter.
    public subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// The answer with a parameter replaced, or removed by nil.
    public func replacing(_ name: String, by value: String?) -> AuthorizationAnswer {
        var answer = self
        answer.parameters.removeAll { $0.name == name }
        if let value { answer.parameters.append((name, value)) }
        return answer
    }
}
