import ArgumentParser

/// How much is cleaned, beside whom.
struct CleaningScale: ParsableArguments {
    @Option(help: "Rows in the table that is cleaned.")
    var cleaningRows = 5_000_000

    @Option(help: "How many of them have expired; by default two of five.")
    var cleaningExpired: Int?

    @Option(help: "Clients that read beside the cleaner; every eighth read is a touch too.")
    var cleaningClients = 64

    @Option(help: "Reads a second of all clients together.")
    var cleaningReads = 2_000

    var expired: Int { min(cleaningExpired ?? cleaningRows / 5 * 2, cleaningRows - 1) }
    /// The first rows of the table's numbering have expired, the others are read.
    var live: Range<Int> { expired..<cleaningRows }
}
