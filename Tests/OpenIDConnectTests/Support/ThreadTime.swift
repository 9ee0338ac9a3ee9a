import Foundation

/// The processor's time that this thread has used, which a busy machine does not change.
enum ThreadTime {
    /// What `body` takes.
    static func taken(by body: () -> Void) -> Duration {
        let start = now
        body()
        return now - start
    }

    private static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension String {
    /// One letter with so many bytes of combining marks, in the order that normalisation has to change.
    static func combiningMarks(_ bytes: Int) -> String {
        "a" + String(repeating: "\u{301}\u{316}", count: bytes / 4)
    }
}
