import Foundation
import Glibc
import Sessions

extension Requester {
    /// Whoever runs this program: the account, who became it by sudo, and the host.
    static var shell: Requester {
        let account = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        let environment = ProcessInfo.processInfo.environment
        let before = environment["SUDO_USER"].map { " (sudo by \($0))" } ?? ""
        return Requester(.cli, name: "\(account)@\(ProcessInfo.processInfo.hostName)\(before)")
    }
}
