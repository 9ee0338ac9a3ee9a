import Dispatch

/// Ends the process when a parser doesn't come back: nothing else can end a loop, and all other tests would wait for it.
struct Watchdog {
    private let timer: any DispatchSourceTimer

    init(_ work: String, after seconds: Int = 300) {
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + .seconds(seconds))
        timer.setEventHandler { fatalError("no end after \(seconds) s: \(work)") }
        timer.activate()
    }

    func stop() { timer.cancel() }
}
