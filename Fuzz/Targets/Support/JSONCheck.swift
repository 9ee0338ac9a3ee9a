import Foundation

@testable import WireText

/// What must be true of the JSON reader, whatever it is given.
struct JSONCheck {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func run() throws {
        let value = JSONReader.read(bytes)
        let isText = String(validating: bytes, as: UTF8.self) != nil
        try expect((JSONReader.lineOfFlaw(bytes) == nil) == (value != nil) || !isText, "the flaw's line")
        guard let value else { return }
        let text = value.serialized()
        let again = JSONReader.read(Array(text.utf8))
        try expect(again?.serialized().utf8.elementsEqual(text.utf8) == true, "another value when it is read again")
        try expect(!value.containsNUL, "a NUL that no database text can hold")
        // Ours is the stricter one: what it takes, everybody takes. Foundation has no infinities either, but refuses
        // numbers that are too large, which ours cuts.
        guard !Self.hasFractions(value) else { return }
        let foundation = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        try expect(foundation != nil, "Foundation refuses a text that we take")
    }

    private static func hasFractions(_ value: JSONValue) -> Bool {
        switch value {
        case .number: true
        case .null, .bool, .integer, .string: false
        case .array(let elements): elements.contains(where: hasFractions)
        case .object(let members): members.values.contains(where: hasFractions)
        }
    }
}
