import ArgumentParser

/// How much is cleaned.
struct CleaningScale: ParsableArguments {
    @Option(help: "Rows in the table that is cleaned; half of them have expired.")
    var cleaningRows = 2_000_000
}
