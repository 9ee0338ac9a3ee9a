import Logging
import OpenIDConnect
public import Sessions

extension LoginFlow {
    /// Ends a session: here first, so that it holds even if the provider is out of reach, then tells where the browser
    /// signs out of the provider.
    ///
    /// - Parameter id: nil when the browser brought none: nothing happens, and that is no error.
    /// - Throws: ``LoginError`` when the store failed; the session may still be alive then, and nobody may be told that
    ///   it is over.
    public func end(_ id: SessionID?) async throws(LoginError) -> EndedLogin {
        guard let id else { return EndedLogin(providerLogoutURL: nil, wasSignedIn: false) }
        let session: Session?
        do {
            session = try await manager.getSession(id, touch: false)
            try await manager.deleteSession(id)
        } catch {
            throw LoginError(error)
        }
        guard let session, session.subject != nil else {
            return EndedLogin(providerLogoutURL: nil, wasSignedIn: false)
        }
        logger.info("Signed out", metadata: ["session": "\(session.handle)"])
        return EndedLogin(providerLogoutURL: await providerLogoutURL(of: session), wasSignedIn: true)
    }

    private func providerLogoutURL(of session: Session) async -> String? {
        guard let name = session.provider, let provider = providers[name],
            provider.configuration.issuer == session.issuer
        else { return nil }
        do {
            return try await provider.endSessionRequest(idTokenHint: session.idToken, state: nil)
        } catch {
            logger.warning(
                "The session is over here, but the provider's logout is unknown",
                metadata: ["error": "\(LoginError(error))", "provider": "\(name)"]
            )
            return nil
        }
    }
}
