import Foundation

@testable import OpenIDConnect
@testable import WireText

extension FuzzTarget {
    /// `d` and a discovery document, or `u` and an address that a provider names.
    static let discovery = FuzzTarget(
        name: "discovery",
        maximumBytes: 65_536,
        dictionary: [
            "d{\"issuer\":\"https://id.example\"", "\"authorization_endpoint\":\"https://",
            "\"token_endpoint\":\"https://",
            "\"jwks_uri\":\"https://", "\"userinfo_endpoint\":\"https://", "\"end_session_endpoint\":\"https://",
            "\"id_token_signing_alg_values_supported\":[\"RS256\"]", "uhttps://", "uhttp://localhost",
            "169.254.169.254",
            "127.0.0.1", "localhost", "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2852039166", ".", "%5B",
            "?",
        ]
    ) { bytes in
        let input = FuzzInput(bytes)
        if input.kind == UInt8(ascii: "u") {
            guard let url = CheckedURL(input.text) else { return }
            return try check(url)
        }
        let issuer = "https://id.example"
        guard let document = JSONReader.readObject(Array(input.rest)) else { return }
        var unusable: [String] = []
        guard let metadata = try? ProviderMetadata(document, issuer: issuer, onUnusable: { unusable.append($0) }) else {
            return
        }
        try expect(metadata.issuer.utf8.elementsEqual(issuer.utf8), "another issuer's document")
        try expect(unusable.allSatisfy { document[$0] != nil }, "a member is unusable that is not there")
        let endpoints = [
            metadata.authorizationEndpoint, metadata.tokenEndpoint, metadata.jwksURI, metadata.userInfoEndpoint,
            metadata.endSessionEndpoint, metadata.revocationEndpoint, metadata.pushedAuthorizationEndpoint,
        ]
        for endpoint in endpoints.compactMap(\.self) {
            guard let url = CheckedURL(endpoint) else { throw Violation(description: "an endpoint that is no URL") }
            try check(url)
            try expect(endpoint.hasPrefix("https://"), "an endpoint without TLS")
            try expect(!NumericHost(url.host).isNeighbour, "an endpoint on this machine or its link")
        }
        let text = JSONValue.object(document).serialized()
        let again = JSONReader.readObject(Array(text.utf8)).flatMap {
            try? ProviderMetadata($0, issuer: issuer, onUnusable: { _ in })
        }
        try expect(again == metadata, "other metadata when the document is written and read again")
    }

    /// What we take for a URL is the same URL for Foundation, and stays one when parameters are appended.
    private static func check(_ url: CheckedURL) throws {
        if let components = URLComponents(string: url.text) {
            let host = components.encodedHost?.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
            let own = url.host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            try expect(host == own, "another host than Foundation's: \(own)")
            try expect(components.port == url.port, "another port than Foundation's")
            try expect(components.user == nil && components.fragment == nil, "a user or a fragment")
        }
        try expect(url.text.hasPrefix("https://") || url.isLoopback, "plain http to another machine")
        if url.isLoopback { try expect(NumericHost(url.host).isNeighbour, "a loopback host that is none") }
        guard url.text.utf8.count < 1000, let text = try? url.appending([("new name", "&=#?")], to: "endpoint") else {
            return
        }
        guard let longer = CheckedURL(text) else { throw Violation(description: "no URL with a parameter") }
        try expect(longer.origin == url.origin && longer.path == url.path, "a parameter changes the destination")
        try expect(longer.parameterNames?.last == "new name", "a parameter that is not there")
    }
}

/// What the resolver makes of a host, without asking anybody: it reads more than one notation as an address.
private struct NumericHost {
    let isNeighbour: Bool

    init(_ host: String) {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        if name == "localhost" || name.hasSuffix(".localhost") {
            isNeighbour = true
            return
        }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var list: UnsafeMutablePointer<addrinfo>?
        defer { if let list { freeaddrinfo(list) } }
        guard getaddrinfo(name.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), nil, &hints, &list) == 0,
            let address = list?.pointee.ai_addr
        else {
            isNeighbour = false
            return
        }
        isNeighbour = Self.isNeighbour(address)
    }

    private static func isNeighbour(_ address: UnsafeMutablePointer<sockaddr>) -> Bool {
        if Int32(address.pointee.sa_family) == AF_INET {
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { isNeighbour(Array($0)) }
            }
        }
        return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
            withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
                let isPlain = bytes.prefix(10).allSatisfy { $0 == 0 } && [0, 0xFF].contains(bytes[10])
                if isPlain, bytes[10] == bytes[11] { return bytes[10] == 0 || isNeighbour(Array(bytes.suffix(4))) }
                return bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
            }
        }
    }

    private static func isNeighbour(_ octets: [UInt8]) -> Bool {
        octets[0] == 127 || octets[0] == 0 || octets[0] == 169 && octets[1] == 254
    }
}
