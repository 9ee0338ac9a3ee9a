extension LoginError {
    /// A stable kind of failure; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The stable name: the `error` of a JSON answer, the label of a metric.
        public let name: String
        /// The HTTP status that says the same.
        public let httpStatus: Int
        /// What a page says about it: one or two sentences without any detail of the request.
        public let explanation: String

        private init(_ name: String, _ httpStatus: Int, _ explanation: String) {
            self.name = name
            self.httpStatus = httpStatus
            self.explanation = explanation
        }

        /// The same as ``name``.
        public var description: String { name }

        /// Whether two codes have one name.
        public static func == (left: Code, right: Code) -> Bool { left.name == right.name }

        /// Hashes the name.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }

        /// No provider has that name.
        public static let unknownProvider = Code(
            "unknown_provider",
            404,
            "There is no sign-in provider of that name."
        )
        /// There are several providers, none is the default, and none was named.
        public static let providerRequired = Code(
            "provider_required",
            400,
            "There are several sign-in providers. Please choose one."
        )
        /// The parameters of the callback are not those of an authorization response.
        public static let invalidCallback = Code(
            "invalid_callback",
            400,
            "The answer of the sign-in provider could not be read. Please sign in again."
        )
        /// The callback belongs to no login that this browser has started and not finished: it is unknown, too old,
        /// finished before, or another browser's.
        public static let loginNotFound = Code(
            "login_not_found",
            400,
            "This sign-in was started in another browser, took too long, or is finished already. Please sign in again."
        )
        /// The answer comes from another issuer than the login was started at (RFC 9207).
        public static let issuerMismatch = Code(
            "issuer_mismatch",
            400,
            "The answer came from another sign-in provider than the one that was asked. Please sign in again."
        )
        /// The answer came in the query though it was to be posted, or the other way round: the provider does not do what
        /// `response_mode` says.
        public static let responseModeMismatch = Code(
            "response_mode_mismatch",
            502,
            "The sign-in provider answered in another way than it was asked to, so you were not signed in. "
                + "Please tell the operator of this site."
        )
        /// The provider, or the user there, refused.
        public static let refused = Code(
            "sign_in_refused",
            403,
            "The sign-in provider did not sign you in."
        )
        /// The provider signed the user out before the sign-in was finished here.
        public static let signedOutMeanwhile = Code(
            "signed_out_meanwhile",
            403,
            "You were signed out at the sign-in provider before this sign-in was finished. Please sign in again."
        )
        /// A logout token is not one that a provider of this service would send.
        public static let invalidLogoutToken = Code(
            "invalid_request",
            400,
            "This is no logout token of a sign-in provider of this service."
        )
        /// The provider no longer accepts the code.
        public static let codeRejected = Code(
            "code_rejected",
            400,
            "This sign-in took too long or is finished already. Please sign in again."
        )
        /// The provider can't be reached or is out of order.
        public static let providerUnavailable = Code(
            "provider_unavailable",
            502,
            "The sign-in provider cannot be reached at the moment. Please try again in a moment."
        )
        /// The provider didn't answer in time.
        public static let providerTimedOut = Code(
            "provider_timed_out",
            504,
            "The sign-in provider took too long to answer. Please try again in a moment."
        )
        /// What the provider answered doesn't pass the checks, so nobody is signed in by it.
        public static let answerRejected = Code(
            "provider_answer_rejected",
            502,
            "The answer of the sign-in provider could not be verified, so you were not signed in."
        )
        /// The provider says more about the user than a session takes.
        public static let profileTooLarge = Code(
            "profile_too_large",
            502,
            "The sign-in provider sent more about you than can be stored. Please tell the operator of this site."
        )
        /// The session store is out of reach, so nothing is known and nobody is let in.
        public static let storeUnavailable = Code(
            "temporarily_unavailable",
            503,
            "Sign-in is not possible at the moment. Please try again in a moment."
        )
        /// More logins are being started at once than may be.
        public static let tooManyLogins = Code(
            "too_many_logins",
            503,
            "Too many people are signing in at the moment. Please try again in a moment."
        )
        /// The access token has ended and the provider gives no new one for now; the session lives on.
        public static let refreshUnavailable = Code(
            "refresh_unavailable",
            503,
            "Your sign-in cannot be renewed at the moment. Please try again in a moment."
        )
        /// A setting is wrong, here or at the provider.
        public static let misconfigured = Code(
            "misconfigured",
            500,
            "Sign-in is not set up correctly. Please tell the operator of this site."
        )
        /// Something unexpected.
        public static let failed = Code(
            "internal_error",
            500,
            "Something went wrong. Please try again in a moment."
        )
    }
}
