/// The characters that a cookie value may have: RFC 6265 section 4.1.1, `cookie-octet`.
enum CookieOctet {
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
