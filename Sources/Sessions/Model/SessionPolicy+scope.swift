extension SessionPolicy {
    /// The tenant that something new belongs to: the only one of this policy, if there is one.
    func scoped(_ tenantID: String) throws(SessionError) -> String {
        guard let scope = self.tenantID, tenantID != scope else { return tenantID }
        guard tenantID.isEmpty else { throw SessionError(.invalidInput, "another tenant than this process serves") }
        return scope
    }
}
