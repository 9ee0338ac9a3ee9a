import HTTPTypes
import Hummingbird
import Logging

extension ProviderEndpoints {
    /// `/authorize`: shows the consent page, or answers at once when `prompt=none` asks for it.
    func authorize(_ request: Request) async throws -> Response {
        guard let form = try await parameters(request) else {
            return .page(.unreadable, status: .badRequest)
        }
        let authorization: AuthorizationRequest
        do {
            authorization = try AuthorizationRequest(form, clients: configuration.clients)
        } catch {
            return try await answer(refusal: error)
        }
        let session = await currentSession(request)
        if authorization.isSilent {
            return try await answerSilently(authorization, session: session)
        }
        let browser = browser(request)
        let question = await state.ask(
            .consent(authorization),
            browser: browser.value,
            lifetime: configuration.questionLifetime
        )
        let page = Page.consent(
            authorization,
            users: configuration.users,
            current: session?.subject,
            question: question
        )
        return .page(page, headers: browser.headers)
    }

    /// `POST /consent`: the answer to the page.
    func consent(_ request: Request) async throws -> Response {
        guard let form = try await parameters(request), let id = form["question"],
            let browser = ProviderCookie.browser.value(in: request),
            case .consent(let authorization) = await state.answer(id, browser: browser)
        else {
            return .page(
                .problem("This page was answered before, is too old, or was shown to another browser. Start again."),
                status: .badRequest
            )
        }
        if form["deny"] != nil {
            return try await answer(authorization.answer, error: "access_denied", description: "the person said no")
        }
        guard let subject = form["user"], let user = user(subject) else {
            return .page(.problem("Nobody was chosen."), status: .badRequest)
        }
        let (cookie, session) = try await state.startSession(
            subject: user.subject,
            clientID: authorization.client.id,
            replacing: ProviderCookie.session.value(in: request),
            lifetime: configuration.providerSessionLifetime
        )
        logger.info("signed in", metadata: ["subject": "\(user.subject)", "client": "\(authorization.client.id)"])
        let line = ProviderCookie.session.header(cookie, lifetime: configuration.providerSessionLifetime)
        return try await issueCode(authorization, session: session, headers: [.setCookie: line])
    }

    func currentSession(_ request: Request) async -> ProviderSession? {
        guard let cookie = ProviderCookie.session.value(in: request), let session = await state.session(cookie: cookie),
            user(session.subject) != nil
        else { return nil }
        return session
    }

    /// OpenID Connect Core 1.0, section 3.1.2.6: which errors stand for the page that must not be shown.
    private func answerSilently(_ request: AuthorizationRequest, session: ProviderSession?) async throws -> Response {
        guard let session, request.maximumAge.map({ seconds - session.authenticatedAt <= $0 }) ?? true else {
            return try await answer(request.answer, error: "login_required", description: "nobody is signed in")
        }
        guard session.clientIDs.contains(request.client.id) else {
            return try await answer(request.answer, error: "consent_required", description: "nobody was asked")
        }
        return try await issueCode(request, session: session, headers: [:])
    }

    private func issueCode(
        _ request: AuthorizationRequest,
        session: ProviderSession,
        headers: HTTPFields
    ) async throws -> Response {
        let code = await state.issueCode(
            for: request,
            session: session,
            lifetime: configuration.authorizationCodeLifetime
        )
        return try await answer(request.answer, [("code", code)], headers: headers)
    }

    private func answer(refusal: AuthorizationRefusal) async throws -> Response {
        switch refusal {
        case .page(let text): .page(.problem(text), status: .badRequest)
        case .answer(let target, let error, let description):
            try await answer(target, error: error, description: description)
        }
    }

    private func answer(_ target: AnswerTarget, error: String, description: String) async throws -> Response {
        try await answer(target, [("error", error), ("error_description", description)], headers: [:])
    }

    /// Every answer, good or bad, says who gives it (RFC 9207, section 2).
    private func answer(
        _ target: AnswerTarget,
        _ parameters: [(name: String, value: String)],
        headers: HTTPFields
    ) async throws -> Response {
        var parameters = parameters
        if let state = target.state { parameters.append(("state", state)) }
        parameters.append(("iss", try await issuer.value))
        switch target.mode {
        case .query: return .seeOther(FormParameters.url(target.redirectURI, adding: parameters), headers: headers)
        case .formPost: return .page(.formPost(to: target.redirectURI, parameters), headers: headers)
        }
    }
}
