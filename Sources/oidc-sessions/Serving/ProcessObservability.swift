import Logging
import Metrics
import Observability

/// Log lines and metrics of a process that serves; to be set up once, before anything else.
enum ProcessObservability {
    static func start(
        format: StructuredLogHandler.Format,
        level: Logger.Level
    ) -> (logger: Logger, metrics: PrometheusRegistry) {
        LoggingSystem.bootstrap { label in
            StructuredLogHandler(label: label, format: format, level: level)
        }
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return (Logger(label: "oidc-sessions"), registry)
    }
}
