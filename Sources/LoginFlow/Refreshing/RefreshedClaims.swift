import OpenIDConnect

/// What the sources that are asked in a refresh say about the user: an ID token, if one comes, and userinfo, if it is
/// configured.
struct RefreshedClaims: Sendable {
    /// What came of asking userinfo.
    enum UserInfoAnswer: Sendable {
        case notAsked
        case failed
        case answered(UserInfo)
    }

    /// What they say; nothing is said about the claims that aren't here.
    let claims: [String: JSONValue]
    /// Whether the roles' claim, which isn't among ``claims``, was to be expected there: the user has none any more.
    let endsRoles: Bool

    /// Judges the answers.
    ///
    /// A refreshed ID token may say less than the login's (Core section 12.2 asks for no claim about the user), so
    /// silence changes nothing, except about roles: providers leave the claim out for who is in no group. They end where
    /// userinfo answered without the claim, where the ID token before this one had it, and where an ID token that speaks
    /// of the user is the only source.
    ///
    /// Userinfo that fails takes nothing from what the ID token says: there, only what has changed since the ID token
    /// before is new, for the rest userinfo may have said otherwise.
    /// - Parameters:
    ///   - idToken: the new one.
    ///   - previous: the claims about the user in the ID token that it replaces.
    init(
        idToken: IDTokenClaims?,
        previous: [String: JSONValue],
        userInfo: UserInfoAnswer,
        rolesClaim: String
    ) {
        let told = idToken.map { StandardClaims($0).profile } ?? [:]
        let isMissed = idToken != nil && previous[rolesClaim] != nil
        let claims: [String: JSONValue]
        let isExpected: Bool
        switch userInfo {
        case .notAsked:
            claims = told
            isExpected = isMissed || !told.isEmpty
        case .failed:
            claims = Self.changed(told, since: previous)
            isExpected = isMissed && told[rolesClaim] == nil
        case .answered(let answer):
            claims = idToken.map { StandardClaims($0, userInfo: answer).profile } ?? answer.profile
            isExpected = true
        }
        self.claims = claims
        self.endsRoles = isExpected && claims[rolesClaim] == nil
    }

    /// The members that are others than before; an address and whether it is verified are one statement.
    private static func changed(
        _ claims: [String: JSONValue],
        since previous: [String: JSONValue]
    ) -> [String: JSONValue] {
        var result = claims.filter { $0.value != previous[$0.key] }
        for name in ["email", "phone_number"] where result[name] != nil || result[name + "_verified"] != nil {
            result[name] = claims[name]
            result[name + "_verified"] = claims[name + "_verified"]
        }
        return result
    }
}
