import Foundation
import Logging
import Synchronization
import Testing

@testable import Observability

@Suite("Log lines")
struct StructuredLogHandlerTests {
    private final class Lines: Sendable {
        private let storage = Mutex<[String]>([])
        var all: [String] { storage.withLock { $0 } }
        var output: LogOutput { LogOutput { line in self.storage.withLock { $0.append(line) } } }
    }

    private func logger(_ format: StructuredLogHandler.Format, _ lines: Lines) -> Logger {
        Logger(label: "test") { label in
            StructuredLogHandler(
                label: label,
                format: format,
                level: .debug,
                output: lines.output,
                now: { UTCTimestamp(milliseconds: 1_795_243_139_042) }
            )
        }
    }

    @Test("a JSON line has the four fields, then the metadata, sorted")
    func json() throws {
        let lines = Lines()
        var logger = logger(.json, lines)
        logger[metadataKey: "request_id"] = "r1"
        logger.warning("hello", metadata: ["list": ["a", ["b": "c"]], "level": "forged"])

        let expected =
            #"{"time":"2026-11-21T06:38:59.042Z","level":"warning","logger":"test","message":"hello","#
            + #""metadata.level":"forged","list":["a",{"b":"c"}],"request_id":"r1"}"# + "\n"
        #expect(lines.all == [expected])
    }

    @Test("a number and a truth value are that in JSON, and a text of digits is a text")
    func numbers() {
        let lines = Lines()
        logger(.json, lines).info(
            "m",
            metadata: [
                "a": .stringConvertible(303 as Int), "b": .stringConvertible(28.74), "c": .stringConvertible(UInt8(7)),
                "d": .stringConvertible(true), "e": "303", "f": .stringConvertible(Double.infinity),
                "g": .stringConvertible(Logger.Level.info),
            ]
        )
        #expect(
            lines.all.first?.hasSuffix(
                #""message":"m","a":303,"b":28.74,"c":7,"d":true,"e":"303","f":"inf","g":"info"}"# + "\n"
            ) == true
        )
    }

    @Test(
        "AD-13 nothing in a message or in metadata starts a new line or reaches a terminal",
        arguments: [
            "\r\n{\"level\":\"info\"}", "\u{1B}[31mred", "\u{2028}", "\u{0}", "\u{9B}2J", "\"\u{301}", "\u{202E}",
        ]
    )
    func forging(_ text: String) throws {
        for format in [StructuredLogHandler.Format.json, .text] {
            let lines = Lines()
            logger(format, lines).info("m \(text)", metadata: ["k\(text)": .string(text)])

            let line = try #require(lines.all.first)
            #expect(lines.all.count == 1)
            #expect(line.hasSuffix("\n"))
            let controls = line.unicodeScalars.dropLast().filter {
                $0.properties.generalCategory == .control || ["\u{2028}", "\u{202E}"].contains($0)
            }
            #expect(controls.isEmpty)
            if format == .json {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["message"] as? String == "m \(text)")
                #expect(object?["k\(text)"] as? String == text)
            }
        }
    }

    @Test("text lines are for people")
    func text() {
        let lines = Lines()
        logger(.text, lines).info("hello", metadata: ["port": "8080"])
        #expect(lines.all == ["06:38:59.042 info     hello port=8080\n"])
    }

    @Test(
        "timestamps are civil dates in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_102_444_800_001, "2100-01-01T00:00:00.001Z"),
        ]
    )
    func timestamps(_ milliseconds: Int64, _ expected: String) {
        #expect(UTCTimestamp(milliseconds: milliseconds).description == expected)
    }
}
