import LoginFlow
import OpenIDConnect
import SessionServer

/// The lists that only a configuration file has.
extension SettingsReader {
    /// Every provider: those of the file, or the one of the process's own settings.
    mutating func providers(required: Bool) -> [ProviderSettings] {
        guard let objects = file?.providers else {
            let isListMalformed = file?.root.members[ConfigurationFile.providersMember] != nil
            return provider(named: "default", required: required && !isListMalformed).map { [$0] } ?? []
        }
        for setting in SettingName.allCases where setting.isOfProvider && !setting.isProviderDefault && isSet(setting) {
            report(setting, "is set besides the providers of the configuration file; each of them has its own")
        }
        var providers: [ProviderSettings] = []
        var names: Set<String> = []
        for object in objects {
            let name = name(of: object)
            if let name, !names.insert(name).inserted {
                report(at: object.place("name"), "is another provider's name too")
            }
            let provider = reading(.provider(object)) { $0.provider(named: name ?? "unnamed", required: true) }
            if let provider, name != nil { providers.append(provider) }
        }
        // Of providers that were refused nobody knows what they would have used.
        if providers.count == objects.count { reportUnusedDefaults(of: providers) }
        return providers
    }

    /// Values of the process that are for some providers only, and for none of these.
    private mutating func reportUnusedDefaults(of providers: [ProviderSettings]) {
        if isSet(.clientKeyAlgorithm), !providers.contains(where: { $0.options.clientKey != nil }) {
            report(.clientKeyAlgorithm, "is for a client key, and no provider has one")
        }
        if isSet(.userInfoSigningAlgorithm), !providers.contains(where: \.options.usesUserInfo) {
            report(.userInfoSigningAlgorithm, "is for signed userinfo, and no provider has userinfo true")
        }
    }

    /// Notes the members that no setting of the environment has.
    mutating func noteObjects() {
        let members = ["name", "id", "providers", ConfigurationFile.defaultProviderMember]
        for object in (file?.providers ?? []) + (file?.tenants ?? []) {
            for member in members { note(object.members[member], at: object.place(member)) }
        }
        let member = ConfigurationFile.defaultProviderMember
        note(file?.root.members[member], at: member)
    }

    /// Every tenant with its providers; the one without an id when there are none; empty when something is missing.
    mutating func tenants(providers: [ProviderSettings], required: Bool) -> [TenantSettings] {
        guard let objects = file?.tenants else {
            let isListMalformed = file?.root.members[ConfigurationFile.tenantsMember] != nil
            let baseURL = baseURL(required: required && !isListMalformed)
            let cookieName = cookieName(.cookieName)
            let chosen = defaultProvider(of: file?.root, among: providers, outOf: providers)
            guard let baseURL, !providers.isEmpty else { return [] }
            return [
                tenant(id: nil, at: baseURL, cookieName: cookieName, providers: providers, defaultProvider: chosen)
            ]
        }
        for setting in [SettingName.baseURL, .tenantID] where isSet(setting) {
            report(setting, "is set besides the tenants of the configuration file; each of them has its own")
        }
        let general = defaultProvider(of: file?.root, among: providers, outOf: providers)
        var tenants: [TenantSettings] = []
        for object in objects {
            if let tenant = tenant(object, providers: providers, generalDefault: general) {
                reportCollisions(of: tenant, at: object, with: tenants)
                tenants.append(tenant)
            }
        }
        for provider in providers where !tenants.contains(where: { $0.providers.map(\.name).contains(provider.name) }) {
            if tenants.count == objects.count { warn("no tenant lists the provider \(provider.name)") }
        }
        return tenants
    }

    // MARK: One tenant

    private mutating func tenant(
        _ object: ConfigurationObject,
        providers: [ProviderSettings],
        generalDefault: String?
    ) -> TenantSettings? {
        let id = tenantID(of: object)
        let (baseURL, cookieName) = reading(.tenant(object)) {
            ($0.baseURL(required: true), $0.cookieName(.cookieName))
        }
        let listed = self.providers(of: object, among: providers)
        let own = defaultProvider(of: object, among: listed, outOf: providers)
        let general = generalDefault.flatMap { name in listed.contains { $0.name == name } ? name : nil }
        guard let id, let baseURL, !listed.isEmpty else { return nil }
        return tenant(
            id: id,
            at: baseURL,
            cookieName: cookieName,
            providers: listed,
            defaultProvider: own ?? general
        )
    }

    private mutating func tenant(
        id: String?,
        at baseURL: BaseURL,
        cookieName: String?,
        providers: [ProviderSettings],
        defaultProvider: String?
    ) -> TenantSettings {
        var configurations: [ProviderConfiguration] = []
        for (index, provider) in providers.enumerated() {
            do throws(OpenIDConnectError) {
                // RFC 9700 section 4.4.2.2: each provider has its own; the first keeps what it has when it is alone.
                let redirectURI = index == 0 ? baseURL.redirectURI : baseURL.redirectURI(of: provider.name)
                let configuration = try provider.configuration(
                    redirectURI: redirectURI,
                    postLogoutRedirectURI: baseURL.postLogoutRedirectURI
                )
                configurations.append(configuration)
                if configuration.options.responseMode == .formPost, !baseURL.isSecure {
                    report(
                        .responseMode,
                        "form_post needs a BASE_URL with https: browsers send a cookie with a post from another site only when"
                            + " it is Secure"
                    )
                }
            } catch {
                report(.baseURL, error.message)
            }
        }
        return TenantSettings(
            id: id,
            baseURL: baseURL,
            cookieName: cookieName,
            providers: configurations,
            defaultProvider: defaultProvider ?? (providers.count == 1 ? providers[0].name : nil)
        )
    }

    private mutating func reportCollisions(
        of tenant: TenantSettings,
        at object: ConfigurationObject,
        with others: [TenantSettings]
    ) {
        if others.contains(where: { $0.id == tenant.id }) {
            report(at: object.place("id"), "is another tenant's id too")
        }
        for other in others where other.baseURL.host == tenant.baseURL.host {
            if other.baseURL.origin == tenant.baseURL.origin {
                report(at: object.place("base_url"), "is another tenant's too: the host says whose a request is")
            } else if other.sessionCookieName == tenant.sessionCookieName {
                report(
                    at: object.place("cookie_name"),
                    "must differ from that of tenant \(other.id ?? ""): cookies don't know ports, and both have one host"
                )
            }
        }
    }

    // MARK: Members that are no settings of the environment

    private mutating func name(of object: ConfigurationObject) -> String? {
        guard let name = text("name", of: object) else { return nil }
        // It is a segment of the redirect URI, a parameter of /login and a label of metrics.
        guard name.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,31}/) != nil else {
            report(at: object.place("name"), "must be 1 to 32 of a-z, 0-9, - and _, and begin with a letter or a digit")
            return nil
        }
        return name
    }

    private mutating func tenantID(of object: ConfigurationObject) -> String? {
        guard let id = text("id", of: object) else { return nil }
        guard id.utf8.count <= 255, id == id.onTerminal else {
            report(at: object.place("id"), "must be at most 255 bytes of visible characters")
            return nil
        }
        return id
    }

    /// A text that has to be there.
    private mutating func text(_ member: String, of object: ConfigurationObject) -> String? {
        guard let text = object.members[member]?.stringValue, !text.isEmpty else {
            report(at: object.place(member), object.members[member] == nil ? "is not set" : "must be a string")
            return nil
        }
        return text
    }

    /// The providers that a tenant lists; all of them when it has no list.
    private mutating func providers(
        of object: ConfigurationObject,
        among providers: [ProviderSettings]
    ) -> [ProviderSettings] {
        guard let list = object.members["providers"] else { return providers }
        guard let names = list.stringArrayValue, !names.isEmpty, Set(names).count == names.count else {
            report(at: object.place("providers"), "must be an array of names of providers, each once")
            return []
        }
        return names.enumerated().compactMap { index, name in
            provider(name, among: providers, outOf: providers, at: object.place("providers[\(index)]"))
        }
    }

    private mutating func defaultProvider(
        of object: ConfigurationObject?,
        among providers: [ProviderSettings],
        outOf all: [ProviderSettings]
    ) -> String? {
        let member = ConfigurationFile.defaultProviderMember
        guard let object, let value = object.members[member] else { return nil }
        let place = object.path.isEmpty ? member : object.place(member)
        guard let name = value.stringValue else {
            report(at: place, "must be the name of a provider")
            return nil
        }
        return provider(name, among: providers, outOf: all, at: place)?.name
    }

    private mutating func provider(
        _ name: String,
        among providers: [ProviderSettings],
        outOf all: [ProviderSettings],
        at place: String
    ) -> ProviderSettings? {
        if let provider = providers.first(where: { $0.name == name }) { return provider }
        // One that is malformed has been reported where it stands.
        let isMalformed =
            (file?.providers ?? []).contains { $0.members["name"]?.stringValue == name }
            && !all.contains { $0.name == name }
        guard !isMalformed else { return nil }
        let nearest = UnknownSettings.nearest(to: name, among: providers.map(\.name))
        report(at: place, "is no provider here" + (nearest.map { "; did you mean \($0)?" } ?? ""))
        return nil
    }
}

extension SettingsScope {
    /// A tenant's settings; its other members are read by name.
    fileprivate static func tenant(_ object: ConfigurationObject) -> SettingsScope {
        SettingsScope(
            object,
            members: [
                SettingName.baseURL.rawValue: Member(setting: .baseURL, name: "base_url", isInherited: false),
                SettingName.cookieName.rawValue: Member(setting: .cookieName, name: "cookie_name", isInherited: true),
            ],
            others: ["id", "providers", ConfigurationFile.defaultProviderMember]
        )
    }
}
