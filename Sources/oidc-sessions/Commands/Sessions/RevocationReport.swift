/// What ended, as `--json` prints it, under the names that endings by criteria have over HTTP.
struct RevocationReport: Encodable {
    var revoked = 0
    var matched = 0
    let dryRun: Bool

    private enum CodingKeys: String, CodingKey {
        case dryRun
        case revoked = "endedCount"
        case matched = "matchedCount"
    }
}
