/// The binary forms that values have on the wire: big-endian numbers and self-describing arrays.
///
/// Source: the `*_send` functions of the server, `src/backend/utils/adt/`.
enum BinaryForm {
    /// A number, most significant byte first.
    static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    /// `jsonb`: a version byte, then the text.
    static func jsonb(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(contentsOf: text.utf8)
        return bytes
    }

    /// An array of one dimension: dimensions, whether there are NULLs, element type, then length and lower bound.
    static func array<Element>(
        _ elements: [Element?],
        of type: PostgresType,
        _ encode: (Element) -> [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += self.bytes(Int32(elements.isEmpty ? 0 : 1))
        bytes += self.bytes(Int32(elements.contains { $0 == nil } ? 1 : 0))
        bytes += self.bytes(type.oid)
        guard !elements.isEmpty else { return bytes }
        bytes += self.bytes(Int32(elements.count))
        bytes += self.bytes(Int32(1))
        for element in elements {
            guard let element else {
                bytes += self.bytes(Int32(-1))
                continue
            }
            let encoded = encode(element)
            bytes += self.bytes(Int32(encoded.count))
            bytes += encoded
        }
        return bytes
    }

    /// Reads a big-endian number; `nil` when fewer bytes are left.
    static func number<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self,
        from bytes: UnsafeRawBufferPointer,
        at offset: Int = 0
    ) -> Number? {
        guard offset >= 0, bytes.count - offset >= MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// The elements of an array of one dimension; `nil` when it is not one, or is of another element type.
    static func elements<Element>(
        of bytes: UnsafeRawBufferPointer,
        type: PostgresType,
        _ decode: (UnsafeRawBufferPointer) -> Element?
    ) -> [Element?]? {
        guard let dimensions = number(Int32.self, from: bytes), number(UInt32.self, from: bytes, at: 8) == type.oid
        else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count = number(Int32.self, from: bytes, at: 12), count >= 0 else { return nil }
        var elements: [Element?] = []
        var offset = 20
        for _ in 0..<count {
            guard let length = number(Int32.self, from: bytes, at: offset) else { return nil }
            offset += 4
            guard length >= 0 else {
                elements.append(nil)
                continue
            }
            let end = offset + Int(length)
            guard end <= bytes.count, let element = decode(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
            else { return nil }
            elements.append(element)
            offset = end
        }
        return elements
    }
}
