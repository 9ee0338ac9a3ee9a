import Foundation

/// Starts the thread of one connection; the mailbox is how others reach it and learn of its end.
enum ConnectionThread {
    static func start(_ plan: ConnectionPlan, _ mailbox: Mailbox) {
        let thread = Thread {
            ConnectionEngine(plan: plan, mailbox: mailbox).run()
        }
        // Linux shows fifteen characters.
        thread.name = "pg-\(plan.label)"
        thread.start()
    }
}
