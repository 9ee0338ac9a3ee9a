import Foundation
import PrivatePostgres
import TestSupport
import Testing

@testable import oidc_sessions

@Suite("What people read on a terminal")
struct TerminalTextTests {
    @Test(
        "AD-13 text from strangers is shown and not obeyed",
        arguments: [
            ("plain text, ümlaut, 日本語, 🙂", "plain text, ümlaut, 日本語, 🙂"),
            ("a\r\nb", #"a\u{d}\u{a}b"#), ("\u{1B}[31mred", #"\u{1b}[31mred"#), ("\u{9B}31m", #"\u{9b}31m"#),
            ("\u{202E}evil", #"\u{202e}evil"#), ("\u{2066}x\u{2069}", #"\u{2066}x\u{2069}"#),
            ("a\u{200B}b", #"a\u{200b}b"#), ("a\u{2028}b", #"a\u{2028}b"#), ("a\u{A0}b", #"a\u{a0}b"#),
            ("\u{7F}", #"\u{7f}"#), ("\u{E000}", #"\u{e000}"#), ("\u{E0041}", #"\u{e0041}"#),
            ("\u{FEFF}", #"\u{feff}"#),
            ("e\u{301}", "e\u{301}"), ("e\u{301}\u{301}\u{301}", "e\u{301}\u{301}\\u{301}"), ("\u{301}", #"\u{301}"#),
            ("\u{3164}", #"\u{3164}"#), ("a\tb", #"a\u{9}b"#),
        ]
    )
    func onTerminal(text: String, shown: String) {
        #expect(text.onTerminal.unicodeScalars.elementsEqual(shown.unicodeScalars), "\(text.onTerminal)")
    }

    @Test(
        "JSON says the same after it was made harmless",
        arguments: ["\u{202E}x", "\u{9B}", "\u{E0041}", "\u{FEFF}a\u{301}"]
    )
    func json(text: String) throws {
        let encoded = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self).escapedInJSON
        #expect(encoded.utf8.allSatisfy { $0 >= 0x20 })
        #expect(try JSONDecoder().decode([String].self, from: Data(encoded.utf8)) == [text])
        #expect(!encoded.unicodeScalars.contains { $0.properties.generalCategory == .format || $0.value == 0x9B })
    }

    @Test("a table fits the terminal: what is to be copied stays whole, the rest is cut")
    func table() {
        var table = TextTable("HANDLE", "USER", "DEVICE", uncut: [0], width: 40)
        table.add("0123456789abcdef", "ada lovelace of the analytical engine", "日本語日本語日本語")
        table.add("0123456789abcdef", "x", "y")
        let lines = table.text.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines { #expect(String(line).columns <= 40, "\(line)") }
        #expect(lines[1].hasPrefix("0123456789abcdef  "))
        #expect(lines[1].contains("…"))
        var wide = TextTable("HANDLE", "USER", width: nil)
        wide.add("0123456789abcdef", String(repeating: "long ", count: 100))
        #expect(!wide.text.contains("…"))
    }

    @Test("a table that is printed in parts keeps its columns")
    func parts() {
        var table = TextTable("A", "B", uncut: [], width: nil)
        table.add("long cell", "1")
        #expect(table.next() == "A          B\nlong cell  1")
        table.add("x", "2")
        #expect(table.next() == "x          2")
    }

    @Test("how long ago, in the largest unit")
    func relativeTime() {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        let cases = [
            (0.0, "now"), (59, "59 s ago"), (60, "1 min ago"), (7_199, "1 h ago"), (172_800, "2 d ago"),
            (-120, "in 2 min"),
        ]
        for (seconds, text) in cases {
            #expect(RelativeTime.text(from: now.addingTimeInterval(-seconds), to: now) == text)
        }
    }

    @Test("progress is a line that fits")
    func progress() {
        #expect(
            ProgressLine.line("sealed", done: 50, total: 100, width: 79).hasPrefix(
                "[###############...............] sealed 50 of 100, 50 %"
            )
        )
        #expect(ProgressLine.line("sealed", done: 50, total: nil, width: 79) == "sealed 50")
        for width in 8...100 {
            #expect(ProgressLine.line("sealed", done: 123_456, total: 1_000_000, width: width).columns <= width)
        }
    }

    @Test("on a terminal, lists are as wide as it, and programs in a pipe get everything")
    func realTerminal() async throws {
        try await ProgramDatabase.withDatabase { database in
            let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
            let handles = try await database.addSessions(
                ["t1"],
                subject: "a-subject-that-is-far-longer-than-its-column",
                set: "user_agent = '\(agent)', ip_address = '2001:db8::1'"
            )
            let environment = ["DATABASE_URL": database.uri]
            let (exit, shown) = try await PseudoTerminal.run(
                ["sessions", "list"],
                columns: 80,
                environment: environment
            )
            #expect(exit == .code(0))
            let lines = shown.split(separator: "\n").map(String.init)
            #expect(lines.count == 2)
            for line in lines { #expect(line.columns <= 80, "\(line)") }
            #expect(lines.last?.hasPrefix(handles[0]) == true)
            let piped = try await database.run("sessions", "list")
            #expect(piped.output.contains(agent))
            #expect(piped.output.contains("a-subject-that-is-far-longer-than-its-column"))
        }
    }
}
