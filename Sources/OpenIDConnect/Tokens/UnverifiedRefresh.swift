public import Secrets

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// What the provider answered to a refresh token, before its type and its ID token have been judged: only
/// ``RelyingParty/verified(_:)`` gives the tokens out.
public struct UnverifiedRefresh: Sendable {
    let response: TokenResponse
    let login: RefreshableLogin
    let metadata: MetadataSource.Entry
    let receivedAt: Date

    /// The refresh token that replaces the one that was sent; nil when that stays in use (RFC 6749 section 6).
    ///
    /// It is worth keeping even when the rest can't be verified for now: the one that was sent may be spent.
    public var refreshToken: Secret<String>? { response.refreshToken }
}

extension UnverifiedRefresh: CustomStringConvertible, CustomReflectable {
    /// Nothing of it.
    public var description: String { "unverified refresh" }

    /// A mirror without anything.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
