import Foundation

/// A client of one connection that is kept, on the thread that uses it.
final class WebClient {
    struct Answer {
        let status: Int
        let head: [String]
        let body: String

        var location: String? { Wire.field("location", of: head) }
        /// `name=value` of what is set, not of what is deleted.
        var cookies: [String] {
            Wire.fields("set-cookie", of: head).compactMap { field in
                let pair = String(field.prefix { $0 != ";" })
                return pair.hasSuffix("=") ? nil : pair
            }
        }
    }

    private let port: UInt16
    private var wire: Wire?

    init(port: UInt16) { self.port = port }

    /// Sends a request and waits for its answer; tries once more on a new connection when the kept one was closed.
    func get(_ target: String, fields: [String] = []) throws -> Answer {
        try exchange("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(Self.lines(fields))\r\n")
    }

    func post(_ target: String, form: String, fields: [String] = []) throws -> Answer {
        try exchange(
            "POST \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(Self.lines(fields))"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
        )
    }

    private static func lines(_ fields: [String]) -> String { fields.map { $0 + "\r\n" }.joined() }

    /// Sends what is a whole request already, as ``get(_:fields:)`` does.
    func exchange(_ request: String) throws -> Answer {
        if let wire, let answer = try? answer(to: request, on: wire) { return answer }
        let wire = try Wire.connect(port: port)
        self.wire = wire
        guard let answer = try answer(to: request, on: wire) else { throw Wire.Failure(saying: "no answer") }
        return answer
    }

    private func answer(to request: String, on wire: Wire) throws -> Answer? {
        do {
            try wire.send(request)
            guard let head = try wire.head(), let status = head.first?.split(separator: " ").dropFirst().first else {
                self.wire = nil
                return nil
            }
            let body = try wire.body(of: head)
            if Wire.field("connection", of: head)?.lowercased() == "close" { self.wire = nil }
            return Answer(status: Int(status) ?? 0, head: head, body: body)
        } catch {
            self.wire = nil
            throw error
        }
    }
}
