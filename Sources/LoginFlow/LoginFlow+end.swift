import Logging
import OpenIDConnect
import Secrets
public import Sessions
import WireText

extension LoginFlow {
    /// Ends a session: here first, so that it holds even if the provider is out of reach, then tells where the browser
    /// signs out of the provider.
    ///
    /// Its refresh token is taken back behind the answer, unless another session may need the grant: ``TokenRevoker``.
    ///
    /// A session that has expired and is still stored is ended as well, and its holder may sign out of the provider, but
    /// without the hint: the ID token is for holders of sessions only.
    ///
    /// - Parameter id: nil when the browser brought none: nothing happens, and that is no error.
    /// - Throws: ``LoginError`` when the store failed; the session may still be alive then, and nobody may be told that
    ///   it is over.
    public func end(_ id: SessionID?) async throws(LoginError) -> EndedLogin {
        guard let id else { return EndedLogin(wasSignedIn: false) }
        let ended: EndedSession?
        do {
            ended = try await manager.endSession(id)
        } catch {
            throw LoginError(error)
        }
        guard let ended, ended.subject != nil else { return EndedLogin(wasSignedIn: false) }
        logger.info("Signed out", metadata: ["session": "\(ended.handle)"])
        guard let provider = providers.vouching(name: ended.provider, issuer: ended.issuer) else {
            return EndedLogin(wasSignedIn: ended.wasAlive)
        }
        refresher.takeBack(ended, at: provider)
        return await atProvider(ended, provider)
    }

    private func atProvider(_ ended: EndedSession, _ provider: RelyingParty) async -> EndedLogin {
        // Without a place to come back to, nothing would bring the state back.
        let state = provider.configuration.options.postLogoutRedirectURI == nil ? nil : Secret(RandomToken.make())
        let url: String?
        do {
            url = try await within(pacing.logoutLimit, by: refresher.clock) {
                try await provider.endSessionRequest(
                    idTokenHint: ended.wasAlive ? ended.idToken : nil,
                    state: state
                )
            }
        } catch {
            logger.warning(
                "The session is over here, but the provider's logout is unknown",
                metadata: ["error": "\(LoginError(error))", "provider": "\(provider.configuration.name)"]
            )
            return EndedLogin(wasSignedIn: ended.wasAlive)
        }
        return EndedLogin(
            providerLogoutURL: url,
            state: url == nil ? nil : state,
            wasSignedIn: ended.wasAlive
        )
    }
}
