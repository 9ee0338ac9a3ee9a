import Sessions

extension BearerCaller {
    /// For the audit trail: through what, with which token, from where.
    func requester(_ surface: Requester.Surface, _ visit: Visit) -> Requester {
        visit.requester(surface, name: name)
    }
}
