import OpenIDConnect
import SessionServer
import Sessions

/// What the settings alone say about serving.
struct ServingChecks {
    let settings: Settings

    var findings: [Finding] {
        settings.warnings.map { Finding.warn("settings", $0) } + origins + [administration, listeners]
    }

    private var origins: [Finding] {
        if !settings.tenants.isEmpty {
            return settings.tenants.flatMap { tenant in
                [redirectURIs(tenant), cookies(at: tenant.baseURL, named: tenant.sessionCookieName)]
                    .map { finding in tenant.id.map(finding.of) ?? finding }
            }
        }
        guard let baseURL = settings.baseURL else {
            return [
                .warn("redirect URI", "BASE_URL is not set here: serve needs it"),
                .warn("cookies", "BASE_URL is not set here: what they are called follows from it"),
            ]
        }
        let name = settings.cookieName ?? ServerSettings(baseURL: baseURL).sessionCookieName
        return [redirectURI(baseURL.redirectURI, at: baseURL), cookies(at: baseURL, named: name)]
    }

    private func redirectURIs(_ tenant: TenantSettings) -> Finding {
        guard tenant.providers.count > 1 else {
            return redirectURI(tenant.providers.first?.redirectURI ?? "", at: tenant.baseURL)
        }
        let list = tenant.providers.map { "\($0.redirectURI) at \($0.name)" }.joined(separator: ", ")
        return redirectURI(list, at: tenant.baseURL)
    }

    private func redirectURI(_ uri: String, at baseURL: BaseURL) -> Finding {
        guard baseURL.isSecure else {
            return .warn(
                "redirect URI",
                "\(uri) is plain http, which browsers and providers take for a laptop only: "
                    + "make BASE_URL the https origin that people see"
            )
        }
        return .ok(
            "redirect URI",
            "\(uri); register it at the provider exactly so, and \(baseURL.postLogoutRedirectURI)"
        )
    }

    private func cookies(at baseURL: BaseURL, named name: String) -> Finding {
        guard baseURL.isSecure else {
            return .warn(
                "cookies",
                "\(name) is neither Secure nor __Host-, because BASE_URL is http"
            )
        }
        if let old = settings.documentedCookieName {
            return .warn(
                "cookies",
                "\(old) is read too, and a sibling domain can plant it: take SESSION_DOCUMENTED_COOKIE_NAME out once the"
                    + " sessions of before have ended"
            )
        }
        return .ok("cookies", "__Host-\(name), Secure, HttpOnly")
    }

    private var administration: Finding {
        let admin =
            settings.adminTokens.isEmpty ? "ADMIN_TOKEN is not set" : "\(settings.adminTokens.count) ADMIN_TOKEN"
        let cron = settings.cronSecrets.isEmpty ? "CRON_SECRET is not set" : "\(settings.cronSecrets.count) CRON_SECRET"
        let unset = settings.adminTokens.isEmpty || settings.cronSecrets.isEmpty
        return .ok("admin secrets", "\(admin), \(cron)" + (unset ? "; without one its endpoints answer 404" : ""))
    }

    private var listeners: Finding {
        if settings.listener == settings.adminListener, settings.listener.port != 0 {
            return .fail("listeners", "PORT and ADMIN_PORT are the same: change one")
        }
        let admin = "\(settings.adminListener.host):\(settings.adminListener.port)"
        guard Self.isLoopback(settings.adminListener.host) else {
            return .warn(
                "listeners",
                "/metrics is served on \(admin): see that strangers can't reach it, or change ADMIN_HOST"
            )
        }
        return .ok("listeners", "public \(settings.listener.host):\(settings.listener.port), admin \(admin)")
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }
}
