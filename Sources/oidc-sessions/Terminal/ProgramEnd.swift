import ArgumentParser
import LoginFlow
import Migrations
import OpenIDConnect
import PostgresPipeline
import PrivatePostgres
import Sessions

/// How the program ends because of an error: the exit code, and what to say.
struct ProgramEnd {
    /// Exit codes of the contract.
    enum Code: Int32 {
        case done = 0
        case failed = 1
        /// Bad usage or configuration.
        case misused = 2
        /// The database can't be reached: EX_TEMPFAIL of sysexits.h.
        case tryAgain = 75
    }

    let code: Int32
    /// One line for each thing that is wrong.
    let lines: [String]
    private let isHelp: Bool

    init(_ error: any Error) {
        if let known = Self.classified(error) {
            code = known.code.rawValue
            lines = known.lines.map { "oidc-sessions: \($0)" }
            isHelp = false
            return
        }
        let exitCode = OIDCSessions.exitCode(for: error)
        isHelp = exitCode.isSuccess
        lines = [OIDCSessions.fullMessage(for: error)].filter { !$0.isEmpty }
        code =
            exitCode == .validationFailure ? Code.misused.rawValue : exitCode.rawValue
    }

    /// Help and version go to standard output, where they were asked for; everything else to standard error.
    func report() {
        for line in lines {
            if isHelp { Terminal.print(line) } else { Terminal.complain(line) }
        }
    }

    private static func classified(_ error: any Error) -> (code: Code, lines: [String])? {
        switch error {
        case let error as SettingsError: (.misused, error.problems)
        case let error as ProgramError: (error.code, [error.message])
        case let error as MigrationError: (code(of: error), [message(of: error)])
        case let error as PostgresError: (code(of: error), ["DATABASE_URL: \(error)"])
        case let error as SessionError: (code(of: error), ["\(error)"])
        case let error as LoginError: (error.code == .misconfigured ? .misused : .failed, ["\(error)"])
        case let error as OpenIDConnectError: (error.code == .invalidConfiguration ? .misused : .failed, ["\(error)"])
        case let error as PrivatePostgresError: (.failed, [error.message])
        default: nil
        }
    }

    private static func code(of error: PostgresError) -> Code {
        // Class 28: the account or its password; 3D000: no such database.
        if error.sqlState?.hasPrefix("28") == true || error.sqlState == "3D000" { return .misused }
        if error.code == .configuration { return .misused }
        return error.isTransient ? .tryAgain : .failed
    }

    private static func code(of error: SessionError) -> Code {
        if let cause = error.underlying as? PostgresError { return code(of: cause) }
        return error.isTransient ? .tryAgain : .failed
    }

    private static func code(of error: MigrationError) -> Code {
        if let cause = error.underlying as? PostgresError, error.fileName == nil { return code(of: cause) }
        switch error.code {
        case .unavailable: return .tryAgain
        case .badName, .duplicate, .gap, .empty, .unreadable: return .misused
        default: return .failed
        }
    }

    private static func message(of error: MigrationError) -> String {
        switch error.code {
        case .pending: "\(error.message): oidc-sessions migrate up"
        case .unavailable: "DATABASE_URL: \(error.message)"
        default: error.message
        }
    }
}
