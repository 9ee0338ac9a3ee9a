import ServiceLifecycle

/// A service that works on the tables, and so begins once they are known to be there.
struct AfterSchema<Work: Service>: Service, CustomStringConvertible {
    let schema: SchemaGuard
    let service: Work

    init(schema: SchemaGuard, service: Work) {
        self.schema = schema
        self.service = service
    }

    /// What the log says of it: the kind of service, and nothing that it holds.
    var description: String { "AfterSchema<\(Work.self)>" }

    /// Runs the service; a shutdown before the tables are there ends this too.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await schema.confirmed() }
        } catch is CancellationError {
            return
        }
        try await service.run()
    }
}
