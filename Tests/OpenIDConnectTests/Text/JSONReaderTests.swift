import Testing

@testable import OpenIDConnect

@Suite("JSON")
struct JSONReaderTests {
    @Test(
        "What is JSON is read",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.50", 1.5), ("1e2", .number(100)),
            ("1E+2", .number(100)), ("1e400", .number(.greatestFiniteMagnitude)),
            ("-1e400", .number(-.greatestFiniteMagnitude)), ("1e-400", .number(0)), (" true\r\n\t", true),
            ("false", false), ("null", .null), ("[]", []), ("[ 1 , \"a\" ]", [1, "a"]), ("{}", [:]),
            ("{ \"a\" : { \"b\" : [ ] } }", ["a": ["b": []]]), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e9\ud83d\uDE00""#, "é😀"), ("\"é😀\u{7F}\"", "é😀\u{7F}"), (#""e\u0301""#, "e\u{301}"),
        ] as [(String, JSONValue)]
    )
    func reads(_ text: String, _ value: JSONValue) {
        #expect(JSONReader.read(Array(text.utf8)) == value)
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "1 2",
            "[1,]", "[,1]", "[1 2]", "[", "]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{'a':1}",
            "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\n\"", "\"\t\"", "\"\\u0000\"",
            "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "// c\n1", "1//", "\u{FEFF}1",
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "\u{A0}1",
        ]
    )
    func refuses(_ text: String) {
        #expect(JSONReader.read(Array(text.utf8)) == nil)
    }

    @Test(
        "Bytes that are no UTF-8 are refused wherever they stand",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]]
    )
    func encoding(_ bytes: [UInt8]) {
        #expect(JSONReader.read([0x22] + bytes + [0x22]) == nil)
        #expect(JSONReader.read(bytes + [0x31]) == nil)
        #expect(JSONReader.read([0x31] + bytes) == nil)
    }

    @Test("ID-21 nesting ends at 32 levels")
    func depth() {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        #expect(JSONReader.read(nested(32)) != nil)
        #expect(JSONReader.read(nested(33)) == nil)
        #expect(JSONReader.read(nested(1_000_000)) == nil)
    }

    @Test("ID-21 a name ends at 256 bytes: hashing one of combining marks takes the square of its length")
    func longNames() {
        func object(_ name: String) -> [UInt8] { Array("{\"\(name)\":1}".utf8) }
        #expect(JSONReader.read(object(String(repeating: "n", count: 256))) != nil)
        #expect(JSONReader.read(object(String(repeating: "n", count: 257))) == nil)
        let hostile = object(.combiningMarks(250_000))
        var value: JSONValue?
        let time = ThreadTime.taken { value = JSONReader.read(hostile) }
        #expect(value == nil)
        #expect(time < .seconds(1))
    }

    @Test("What is written is read back")
    func roundTrip() {
        let value: JSONValue = [
            "text": "a\"\\\n\u{2028}é😀", "list": [1, 1.5, true, .null, []], "": ["a": -1],
        ]
        #expect(JSONReader.read(Array(value.serialized().utf8)) == value)
    }

    @Test("PD-08 damaged documents never trap: every prefix, and every byte replaced")
    func damaged() {
        let document = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",null,true],"b":{"c":"é"}}"#.utf8)
        for end in document.indices { #expect(JSONReader.read(Array(document[..<end])) == nil) }
        var readable = 0
        for index in document.indices {
            for byte in UInt8.min ... .max {
                var damaged = document
                damaged[index] = byte
                if let value = JSONReader.read(damaged) {
                    readable += 1
                    #expect(JSONReader.read(Array(value.serialized().utf8)) == value)
                }
            }
        }
        #expect(readable > document.count)
    }
}
