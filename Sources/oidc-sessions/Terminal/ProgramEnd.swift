import ArgumentParser
import LoginFlow
import Migrations
import OpenIDConnect
import PostgresPipeline
import PrivatePostgres
import SessionImport
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

    let code: Code
    /// What is wrong, one line for each thing.
    let messages: [String]
    private let kind: Kind

    private enum Kind {
        case error
        case usage
        case help
    }

    init(_ error: any Error) {
        if let known = Self.classified(error) {
            code = known.code
            messages = known.lines
            kind = .error
            return
        }
        let exitCode = OIDCSessions.exitCode(for: error)
        messages = [OIDCSessions.fullMessage(for: error)].filter { !$0.isEmpty }
        kind = exitCode.isSuccess ? .help : .usage
        code = exitCode.isSuccess ? .done : exitCode == .validationFailure ? .misused : .failed
    }

    /// Help and version go to standard output, where they were asked for; everything else to standard error.
    func report() {
        for message in messages {
            switch kind {
            case .help: Terminal.print(message)
            case .usage:
                // It repeats arguments, which may come from anywhere.
                for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
                    Terminal.complain(String(line).onTerminal)
                }
            case .error: Terminal.complain("oidc-sessions: \(message.onTerminal)")
            }
        }
    }

    private static func classified(_ error: any Error) -> (code: Code, lines: [String])? {
        switch error {
        case let error as SettingsError: (.misused, error.problems)
        case let error as ProgramError: (error.code, [error.message])
        case let error as MigrationError: (code(of: error), [message(of: error)])
        case let error as PostgresError: (code(of: error), ["DATABASE_URL: \(error)"])
        case let error as ImportError: (code(of: error), [message(of: error)])
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
        case .badName, .duplicate, .gap, .empty, .unreadable, .encoding: return .misused
        default: return .failed
        }
    }

    private static func code(of error: ImportError) -> Code {
        if let cause = error.underlying { return code(of: cause) }
        return [.source, .failed].contains(error.code) ? .failed : .misused
    }

    private static func message(of error: ImportError) -> String {
        switch error.code {
        case .source: "IMPORT_DATABASE_URL (DATABASE_URL when it isn't set): \(error.message)"
        case .noUsualTable:
            "IMPORT_DATABASE_URL (DATABASE_URL when it isn't set): \(error.message); --table says which if it has another name"
        case .noTable, .wrongTable, .tableNeeded: "--table: \(error.message)"
        case .noAccountTable: "--accounts: \(error.message)"
        case .noProvider: "--provider: \(error.message)"
        case .timeZone: "--time-zone: \(error.message)"
        default: error.message
        }
    }

    private static func message(of error: MigrationError) -> String {
        switch error.code {
        case .pending: "\(error.message): oidc-sessions migrate up"
        case .unavailable, .encoding: "DATABASE_URL: \(error.message)"
        default: error.message
        }
    }
}
