import Foundation
import OpenIDConnect
import Secrets
import Testing

@testable import oidc_sessions

@Suite("Several providers come from the configuration file")
struct ProviderSettingsTests {
    static let baseURL = ["BASE_URL": "https://app.example.com"]

    private func file(_ providers: String...) -> String {
        #"{"providers": ["# + providers.joined(separator: ",") + "]}"
    }

    private static let corp = #"{"name": "corp", "issuer": "https://login.corp.example", "client_id": "app"}"#

    @Test("each has its own values, and the process's own are the defaults of what says nothing about who we are")
    func scopes() throws {
        let settings = try SettingsFile.load(
            file(
                #"""
                {"name": "corp", "issuer": "https://login.corp.example", "client_id": "app",
                 "client_secret": "corp-secret-marker", "scopes": ["openid", "groups"], "clock_skew_seconds": 5}
                """#,
                #"""
                {"name": "public-2", "issuer": "https://id.example.net/realm", "client_id": "web", "userinfo": true,
                 "response_mode": "form_post", "allowed_algorithms": "ES256 EdDSA"}
                """#
            ),
            environment: Self.baseURL.merging(["OIDC_SCOPES": "openid email", "OIDC_CLOCK_SKEW_SECONDS": "20"]) { $1 }
        )
        let (corp, other) = (settings.providers[0], settings.providers[1])
        #expect(settings.providers.map(\.name) == ["corp", "public-2"])
        #expect(corp.clientSecret?.reveal() == "corp-secret-marker" && other.clientSecret == nil)
        #expect(corp.options.scopes == ["openid", "groups"] && other.options.scopes == ["openid", "email"])
        #expect(corp.options.clockSkew == .seconds(5) && other.options.clockSkew == .seconds(20))
        #expect(other.options.usesUserInfo && other.options.responseMode == .formPost && !corp.options.usesUserInfo)
        #expect(other.options.allowedAlgorithms == [.es256, .eddsa])
        let tenant = try #require(settings.tenants.first)
        #expect(settings.tenants.count == 1 && tenant.id == nil && tenant.defaultProvider == nil)
        #expect(
            tenant.providers.map(\.redirectURI) == [
                "https://app.example.com/callback", "https://app.example.com/callback/public-2",
            ]
        )
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("marker"))
    }

    @Test("what has no effect is refused: an empty list, and what a provider has no key or userinfo for")
    func withoutEffect() throws {
        func object(_ members: String) -> String {
            #"{"name": "corp", "issuer": "https://login.corp.example", "client_id": "app""# + members + "}"
        }
        func problems(_ members: String, _ environment: [String: String] = [:]) throws -> [String] {
            let environment = Self.baseURL.merging(environment) { $1 }
            return try #require(throws: SettingsError.self) {
                try SettingsFile.load(file(object(members)), environment: environment)
            }.problems
        }
        for list in ["scopes", "acr_values", "prompt", "allowed_algorithms"] {
            #expect(
                try problems(#", "\#(list)": []"#)
                    == ["providers[0].\(list): is empty, which changes nothing: leave it out for the default"]
            )
        }
        #expect(
            try problems(#", "client_key_algorithm": "ES256""#)
                == ["providers[0].client_key_algorithm: is for a key, and OIDC_CLIENT_KEY is not set"]
        )
        #expect(
            try problems(#", "userinfo_signing_algorithm": "ES256""#)
                == ["providers[0].userinfo_signing_algorithm: is for signed userinfo, and OIDC_USERINFO is not true"]
        )
        #expect(
            try problems("", ["OIDC_CLIENT_KEY_ALGORITHM": "ES256", "OIDC_USERINFO_SIGNING_ALGORITHM": "ES256"]) == [
                "OIDC_CLIENT_KEY_ALGORITHM: is for a client key, and no provider has one",
                "OIDC_USERINFO_SIGNING_ALGORITHM: is for signed userinfo, and no provider has userinfo true",
            ]
        )
        // A default that one of them uses is none of the other's business.
        let settings = try SettingsFile.load(
            file(object(#", "userinfo": true"#), object("").replacing("corp", with: "other")),
            environment: Self.baseURL.merging(["OIDC_USERINFO_SIGNING_ALGORITHM": "ES256"]) { $1 }
        )
        #expect(settings.providers.count == 2)
    }

    @Test("what has changed between two reads is named by its place, but for what takes effect at once")
    func differences() throws {
        let environment = Self.baseURL
        func texts(_ text: String) throws -> SettingsTexts {
            try SettingsFile.load(text, environment: environment).texts
        }
        let secret = #""client_secret": "a", "scopes": ["openid"]"#
        let before = try texts(
            #"{"PORT": 1, "providers": [{"name": "a", "issuer": "https://a.example", "client_id": "c", \#(secret)}]}"#
        )
        let same = try texts(
            #"{"providers": [{"client_id": "c", "issuer": "https://a.example", "name": "a", \#(secret)}], "PORT": 1}"#
        )
        #expect(same.places(thatDifferFrom: before).isEmpty)
        let after = try texts(
            #"""
            {"default_provider": "b", "PORT": 2, "SESSION_DURATION_HOURS": 2,
             "providers": [{"name": "b", "issuer": "https://a.example", "client_id": "c", "client_secret": "b"}]}
            """#
        )
        #expect(
            after.places(thatDifferFrom: before) == [
                "PORT", "SESSION_DURATION_HOURS", "default_provider", "providers[0].name", "providers[0].scopes",
            ]
        )
    }

    @Test("a secret may be in a file of its own, of which a final newline is no part")
    func secretFile() throws {
        try SettingsFile.with("from-the-file\n") { secret in
            let object = #"""
                {"name": "corp", "issuer": "https://a.example", "client_id": "c", "client_secret_file": "\#(secret)"}
                """#
            let settings = try SettingsFile.load(file(object), environment: Self.baseURL)
            #expect(settings.providers.first?.clientSecret?.reveal() == "from-the-file")
            #expect(settings.tenants.first?.defaultProvider == "corp")
        }
        let missing = #"""
            {"name": "a", "issuer": "https://a.example", "client_id": "c", "client_secret_file": "/nowhere"}
            """#
        #expect(
            try SettingsFile.problems(file(missing), environment: Self.baseURL)
                == ["providers[0].client_secret_file: cannot read /nowhere: no such file"]
        )
        try SettingsFile.with("other-secret-marker") { secret in
            let twice = #"""
                {"name": "a", "issuer": "https://a.example", "client_id": "c", "client_secret_file": "\#(secret)",
                 "client_secret": "client-secret-marker"}
                """#
            let problems = try SettingsFile.problems(file(twice), environment: Self.baseURL)
            let places = "providers[0].client_secret and providers[0].client_secret_file"
            #expect(problems == ["providers[0].client_secret: is set twice, as \(places); keep one"])
        }
    }

    @Test("everything that is wrong is said at once, and where it stands")
    func problems() throws {
        let problems = try SettingsFile.problems(
            file(
                #"{"name": "corp", "issuer": "http://login.corp.example", "client_id": "app"}"#,
                #"{"name": "corp", "issuer": "https://b.example", "client_sceret": "x-marker", "clock_skew_seconds": 300}"#,
                #"{"name": "Corp", "issuer": "https://c.example", "client_id": "c", "userinfo": "yes", "scopes": [1]}"#,
                #""corp""#
            ),
            environment: Self.baseURL
        )
        let expected = [
            "providers[3]: must be an object",
            "providers[0].issuer: must be an https URL",
            "providers[1].name: is another provider's name too",
            "providers[1].client_sceret: no such setting; did you mean client_secret?",
            "providers[1].clock_skew_seconds: must be a whole number of seconds from 0 to 299",
            "providers[1].client_id: is not set",
            "providers[2].name: must be 1 to 32 of a-z",
            "providers[2].scopes: must be a string, or an array of words",
            "providers[2].userinfo: must be true or false",
        ]
        #expect(problems.count == expected.count, "\(problems)")
        for beginning in expected {
            #expect(problems.contains { $0.hasPrefix(beginning) }, "\(beginning) is not in \(problems)")
        }
        #expect(!problems.joined().contains("marker"))
    }

    @Test("a default that is malformed is reported once, by the name under which it is set")
    func malformedDefault() throws {
        let environment = Self.baseURL.merging(["OIDC_CLOCK_SKEW_SECONDS": "1h"]) { $1 }
        let two = file(Self.corp, Self.corp.replacing(#""name": "corp""#, with: #""name": "other""#))
        #expect(
            try SettingsFile.problems(two, environment: environment)
                == ["OIDC_CLOCK_SKEW_SECONDS: must be a whole number of seconds from 0 to 299"]
        )
    }

    @Test(
        "what says who we are to one provider is no default of the others",
        arguments: ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET_FILE"]
    )
    func identity(name: String) throws {
        let environment = Self.baseURL.merging([name: "https://a.example"]) { $1 }
        let problems = try SettingsFile.problems(file(Self.corp), environment: environment)
        let setting = name.replacing("_FILE", with: "")
        #expect(
            problems == ["\(setting): is set besides the providers of the configuration file; each of them has its own"]
        )
        for setting in SettingName.allCases where setting.isSecret { #expect(!setting.isProviderDefault) }
    }

    @Test(
        "a list that is none, a name that is there twice, and what isn't known at the top stop the start",
        arguments: [
            (#"{"providers": {}}"#, "providers: must be an array"),
            (#"{"providers": []}"#, "providers: must be an array"),
            (#"{"providers": [], "providers": []}"#, "--config: "),
            (#"{"provider": "x"}"#, "provider: no such setting, in the configuration file; did you mean providers?"),
            (#"{"default_provider": "corp"}"#, "default_provider: is no provider here"),
            (#"{"default_provider": 1}"#, "default_provider: must be the name"),
        ]
    )
    func form(content: String, problem: String) throws {
        let environment = Self.baseURL.merging(["OIDC_ISSUER": "https://a.example", "OIDC_CLIENT_ID": "c"]) { $1 }
        let problems = try SettingsFile.problems(content, environment: environment)
        #expect(problems.count == 1 && problems[0].hasPrefix(problem), "\(problems)")
    }

    @Test("a default is one of the providers, or nobody is sent anywhere without having chosen")
    func defaultProvider() throws {
        let other = Self.corp.replacing(#""name": "corp""#, with: #""name": "other""#)
        let chosen = #"{"default_provider": "other", "providers": [\#(Self.corp), \#(other)]}"#
        #expect(try SettingsFile.load(chosen, environment: Self.baseURL).tenants[0].defaultProvider == "other")
        let wrong = #"{"default_provider": "othr", "providers": [\#(Self.corp), \#(other)]}"#
        #expect(
            try SettingsFile.problems(wrong, environment: Self.baseURL)
                == ["default_provider: is no provider here; did you mean other?"]
        )
    }
}
