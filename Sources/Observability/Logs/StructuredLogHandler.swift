public import Logging

/// A log handler that writes one line an event, as JSON for machines or as text for people.
///
/// Values are escaped so that nothing a stranger sends can start a new line or move a terminal's cursor.
public struct StructuredLogHandler: LogHandler {
    /// How a line looks.
    public struct Format: Sendable, Hashable {
        enum Kind {
            case json
            case text
        }

        let kind: Kind

        /// One JSON object a line: `time`, `level`, `logger`, `message`, then the metadata.
        public static let json = Format(kind: .json)
        /// Time, level, message, then the metadata as `key=value`.
        public static let text = Format(kind: .text)
    }

    /// The lowest level that is written.
    public var logLevel: Logger.Level
    /// Metadata of every event of this logger.
    public var metadata: Logger.Metadata = [:]
    /// Metadata taken from the task at each event.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: Format
    private let output: LogOutput
    private let now: @Sendable () -> UTCTimestamp

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - format: JSON for machines or text for people.
    ///   - level: The lowest level that is written.
    ///   - output: Where the lines go.
    public init(label: String, format: Format, level: Logger.Level = .info, output: LogOutput = .standardError) {
        self.init(label: label, format: format, level: level, output: output, now: { .now })
    }

    init(
        label: String,
        format: Format,
        level: Logger.Level,
        output: LogOutput,
        now: @escaping @Sendable () -> UTCTimestamp
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.output = output
        self.now = now
    }

    /// A value of this logger's metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event as one line.
    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() {
            fields.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            fields.merge(own) { _, new in new }
        }
        if let error = event.error {
            fields["error"] = fields["error"] ?? "\(error)"
        }
        output.write(format.kind == .json ? json(event, fields) : text(event, fields))
    }

    private func json(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var line = "{\"time\":\"\(now().description)\",\"level\":\"\(event.level.rawValue)\",\"logger\":"
        LineEscaping.appendJSONString(label, to: &line)
        line.append(",\"message\":")
        LineEscaping.appendJSONString("\(event.message)", to: &line)
        // Sorted, so that two lines of one event compare; our own four names can't be overwritten by metadata.
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line.append(",")
            LineEscaping.appendJSONString(Self.reserved.contains(key) ? "metadata.\(key)" : key, to: &line)
            line.append(":")
            append(value, to: &line)
        }
        line.append("}\n")
        return line
    }

    private func append(_ value: Logger.Metadata.Value, to line: inout String) {
        switch value {
        case .string(let string):
            LineEscaping.appendJSONString(string, to: &line)
        case .stringConvertible(let value):
            if let literal = Self.literal(value) {
                line.append(literal)
            } else {
                LineEscaping.appendJSONString(value.description, to: &line)
            }
        case .array(let values):
            line.append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(",") }
                append(value, to: &line)
            }
            line.append("]")
        case .dictionary(let values):
            line.append("{")
            for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(",") }
                LineEscaping.appendJSONString(entry.key, to: &line)
                line.append(":")
                append(entry.value, to: &line)
            }
            line.append("}")
        }
    }

    /// A number or a truth value as JSON has it, so that whoever reads the lines can compare and add.
    private static func literal(_ value: any CustomStringConvertible) -> String? {
        switch value {
        case let number as any BinaryInteger: number.description
        // JSON has neither infinity nor NaN.
        case let number as Double: number.isFinite ? number.description : nil
        case let truth as Bool: truth.description
        default: nil
        }
    }

    private func text(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var line = "\(now().timeOfDay) \(Self.padded(event.level)) \(LineEscaping.printable("\(event.message)"))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line.append(" \(LineEscaping.printable(key))=\(LineEscaping.printable("\(value)"))")
        }
        line.append("\n")
        return line
    }

    private static let reserved: Set<String> = ["time", "level", "logger", "message"]

    private static func padded(_ level: Logger.Level) -> String {
        let name = level.rawValue
        return name + String(repeating: " ", count: max(0, 8 - name.count))
    }
}
