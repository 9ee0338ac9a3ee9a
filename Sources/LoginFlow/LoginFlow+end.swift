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
        var session: Session?
        var isUnreadable = false
        let isDeleted: Bool
        do {
            do {
                session = try await manager.getSession(id, touch: false)
            } catch {
                // Whatever keeps it from being read must not keep it alive.
                isUnreadable = true
                logger.warning("A session that ends could not be read", metadata: ["error": "\(LoginError(error))"])
            }
            isDeleted = try await manager.deleteSession(id)
        } catch {
            throw LoginError(error)
        }
        guard let session, session.subject != nil else {
            return EndedLogin(providerLogoutURL: nil, wasSignedIn: isUnreadable && isDeleted)
        }
        logger.info("Signed out", metadata: ["session": "\(session.handle)"])
        return EndedLogin(providerLogoutURL: await providerLogoutURL(of: session), wasSignedIn: true)
    }

    private func providerLogoutURL(of session: Session) async -> String? {
        guard let name = session.provider, let provider = providers[name],
            session.issuer.map(provider.configuration.issuer.hasSameBytes) == true
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
