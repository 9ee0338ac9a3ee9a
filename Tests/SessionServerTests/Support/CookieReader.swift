import HTTPTypes
import Sessions

@testable import SessionServer

/// Whether the server would look a cookie's value up.
struct CookieReader {
    let settings: ServerSettings
    let policy: SessionPolicy

    func finds(_ value: String) -> Bool {
        let jar = CookieJar(settings: settings, policy: policy)
        return jar.sessionID(jar.cookies(of: [.cookie: "\(Site.sessionCookie)=\(value)"])) != nil
    }
}
