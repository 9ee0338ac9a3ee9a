/// Why a command gave up, where no module has an error for it.
struct ProgramError: Error, CustomStringConvertible {
    let code: ProgramEnd.Code
    /// One line that names the setting or flag to change.
    let message: String

    init(_ message: String) {
        self.init(.failed, message)
    }

    init(_ code: ProgramEnd.Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { message }
}
