import Foundation
import Testing

/// Package.resolved against what is known of its packages.
@Suite("Dependencies")
struct DependencyTests {
    /// The first version of each that is free of what its advisories tell.
    static let floors = [
        ("swift-nio", "2.100.0"), ("swift-nio-http2", "1.44.0"), ("swift-nio-extras", "1.34.1"),
    ]

    @Test("RX-06 no package is older than the fix of a known weakness", arguments: floors)
    func floor(package: String, version: String) throws {
        let data = try Data(contentsOf: Document.root.appending(path: "Package.resolved"))
        let resolved = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let pins = try #require(resolved["pins"] as? [[String: Any]])
        let pin = try #require(pins.first { $0["identity"] as? String == package })
        let state = try #require(pin["state"] as? [String: Any])
        let found = try #require(state["version"] as? String)
        #expect(found.compare(version, options: .numeric) != .orderedAscending, "\(package) \(found)")
    }
}
