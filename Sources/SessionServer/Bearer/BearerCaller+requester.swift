import Sessions

extension BearerCaller {
    /// For the audit trail: through what, with which token, from where.
    func requester(_ surface: Requester.Surface, _ visit: Visit) -> Requester {
        Requester(surface, name: name, address: visit.clientAddress?.description, requestID: visit.requestID)
    }
}
