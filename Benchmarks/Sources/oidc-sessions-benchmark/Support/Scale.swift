import ArgumentParser

/// How much is measured, for all parts alike.
struct Scale: ParsableArguments {
    @Option(help: "Rows in the table.")
    var rows = 300_000

    @Option(help: "Seconds of each measurement.")
    var seconds = 3.0

    @Option(help: "How often each measurement is made; the median counts.")
    var rounds = 3

    @Option(help: "Numbers of tasks, or of pgbench's clients.")
    var tasks: [Int] = [1, 8, 64, 256]

    @Option(help: "The operations of `sessions` to measure, all when not given.")
    var operations: [String] = []
}
