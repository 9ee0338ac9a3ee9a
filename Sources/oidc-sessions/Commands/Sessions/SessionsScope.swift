import ArgumentParser
import Sessions

/// The criteria that the commands have in common.
struct SessionsScope: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this issuer, exactly.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("Only of this tenant, exactly; '' for sessions of none.", valueName: "id"))
    var tenant: String?

    var filter: SessionFilter {
        var filter = SessionFilter()
        filter.issuer = issuer
        filter.tenantID = tenant
        return filter
    }
}
