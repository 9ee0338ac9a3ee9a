import Foundation
import OpenIDConnect
import ScriptedProvider
import Secrets
import SwiftASN1
import Testing

extension ScriptedKey {
    /// The private half as a JWK.
    func privateJWK() throws -> [String: JSONValue] {
        var key = publicJWK
        key["use"] = nil
        let document = try PEMDocument(pemString: privatePEM)
        let inner = try DER.sequence(DER.parse(document.derBytes), identifier: .sequence) { nodes in
            _ = try Int(derEncoded: &nodes)
            _ = nodes.next()
            let key = try ASN1OctetString(derEncoded: &nodes)
            while nodes.next() != nil {}
            return key.bytes
        }
        switch key["kty"] {
        case "OKP": key["d"] = .string(Base64URL.encode(try ASN1OctetString(derEncoded: Array(inner)).bytes))
        case "EC":
            // RFC 5915 section 3: version, then the number.
            let number = try DER.sequence(DER.parse(inner), identifier: .sequence) { nodes in
                _ = try Int(derEncoded: &nodes)
                let number = try ASN1OctetString(derEncoded: &nodes)
                while nodes.next() != nil {}
                return number.bytes
            }
            key["d"] = .string(Base64URL.encode(number))
        default:
            // RFC 8017 appendix A.1.2
            let numbers = try DER.sequence(DER.parse(inner), identifier: .sequence) { nodes in
                _ = try Int(derEncoded: &nodes)
                var numbers: [ArraySlice<UInt8>] = []
                while let node = nodes.next() { numbers.append(try ArraySlice<UInt8>(derEncoded: node)) }
                return numbers
            }
            for (name, number) in zip(["n", "e", "d", "p", "q", "dp", "dq", "qi"], numbers) {
                key[name] = .string(Base64URL.encode(Array(number.drop { $0 == 0 })))
            }
        }
        return key
    }

    /// The key as the client reads it from a file.
    func signingKey(_ algorithm: String? = nil, keyID: String? = nil) throws -> ClientSigningKey {
        let algorithm = try #require(SigningAlgorithm(name: algorithm ?? self.algorithm))
        return try ClientSigningKey(Secret(privatePEM), algorithm: algorithm, keyID: keyID ?? kid)
    }
}
