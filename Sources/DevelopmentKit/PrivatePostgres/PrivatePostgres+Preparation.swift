import Foundation
import Glibc

extension PrivatePostgres {
    /// The steps of a start.
    struct Preparation {
        let layout: Layout
        let options: Options
        let account: ServerAccount
        let installation: URL

        /// Runs `initdb` unless there is a complete data directory.
        func initialiseIfEmpty() async throws {
            if exists(layout.data.appending(path: "PG_VERSION")) { return }
            try? FileManager.default.removeItem(at: layout.unfinishedData)
            try writePassword()
            let log = layout.directory.appending(path: "initdb.log")
            try? FileManager.default.removeItem(at: log)
            var arguments = [
                "--pgdata", layout.unfinishedData.path, "--username", Layout.user, "--encoding", "UTF8", "--no-locale",
                "--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", layout.passwordFile.path,
            ]
            if !options.durable { arguments.append("--no-sync") }
            var command = Command(installation.appending(path: "initdb").path, arguments)
            command.output = log.path
            command.workingDirectory = layout.directory.path
            try await account.adopting(command, directory: layout.directory).run(within: options.deadline)
            try append(
                "include_if_exists 'private.conf'\n",
                to: layout.unfinishedData.appending(path: "postgresql.conf")
            )
            do {
                try FileManager.default.moveItem(at: layout.unfinishedData, to: layout.data)
            } catch {
                throw PrivatePostgresError(.fileSystem, "cannot rename \(layout.unfinishedData.path)")
            }
        }

        /// Writes the settings of this start, and the copies of the TLS files that the server insists on owning.
        func writeSettings(port: UInt16?) throws {
            var settings = [
                "listen_addresses": port == nil ? "''" : "'127.0.0.1'",
                "port": "\(port.map(Int.init) ?? Layout.socketPort)",
                "unix_socket_directories": quoted(layout.socketDirectory.path),
                "unix_socket_permissions": "0700",
                "log_destination": "stderr",
                "logging_collector": "off",
            ]
            if !options.durable {
                settings["fsync"] = "off"
                settings["full_page_writes"] = "off"
            }
            if let tls = options.tls {
                settings["ssl"] = "on"
                settings["ssl_cert_file"] = quoted(try copy(tls.certificateFile, as: "private-server.crt"))
                settings["ssl_key_file"] = quoted(try copy(tls.privateKeyFile, as: "private-server.key"))
                if let authority = tls.clientAuthorityFile {
                    settings["ssl_ca_file"] = quoted(try copy(authority, as: "private-clients.crt"))
                }
            }
            settings.merge(options.settings) { $1 }
            let text = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
            try write(Data(text.utf8), to: layout.settings)
        }

        /// Starts the server and waits until it accepts connections.
        func launch() async throws -> ChildProcess {
            try Layout.makePrivateDirectory(layout.socketDirectory, for: account)
            try? FileManager.default.removeItem(at: layout.previousLog)
            try? FileManager.default.moveItem(at: layout.log, to: layout.previousLog)
            var command = Command(installation.appending(path: "postgres").path, ["-D", layout.data.path])
            command.output = layout.log.path
            command.workingDirectory = layout.directory.path
            let process = try await ChildProcess.start(account.adopting(command, directory: layout.directory))
            let deadline = ContinuousClock.now + options.deadline
            do {
                while !isReady(process) {
                    guard process.exit == nil, ContinuousClock.now < deadline else {
                        throw PrivatePostgresError(.notReady, "Postgres did not start\(lastLinesOfLog())")
                    }
                    try await Task.sleep(for: .milliseconds(10))
                }
            } catch {
                process.signal(SIGQUIT)
                throw error
            }
            return process
        }

        /// What `pg_ctl` waits for: the eighth line of `postmaster.pid`, written by this very process.
        private func isReady(_ process: ChildProcess) -> Bool {
            let file = layout.data.appending(path: "postmaster.pid")
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return false }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.count >= 8 && lines[0] == "\(process.processID)" && lines[7].hasPrefix("ready")
        }

        private func writePassword() throws {
            var generator = SystemRandomNumberGenerator()
            let password = (0..<4).map { _ in
                let number = String(generator.next() as UInt64, radix: 16)
                return String(repeating: "0", count: 16 - number.count) + number
            }
            try write(Data(password.joined().utf8), to: layout.passwordFile)
        }

        private func copy(_ source: URL, as name: String) throws -> String {
            do {
                let target = layout.data.appending(path: name)
                try write(try Data(contentsOf: source), to: target)
                return target.path
            } catch {
                throw PrivatePostgresError(.fileSystem, "cannot copy \(source.path)")
            }
        }

        private func write(_ data: Data, to file: URL) throws {
            try? FileManager.default.removeItem(at: file)
            // Made here and nowhere else: what somebody puts there meanwhile is neither followed nor overwritten.
            let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw PrivatePostgresError(.fileSystem, "cannot write \(file.path)") }
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            guard (try? handle.write(contentsOf: data)) != nil else {
                throw PrivatePostgresError(.fileSystem, "cannot write \(file.path)")
            }
            try account.takeOver(file, mode: 0o600)
        }

        private func append(_ text: String, to file: URL) throws {
            guard let before = try? Data(contentsOf: file) else {
                throw PrivatePostgresError(.fileSystem, "cannot read \(file.path)")
            }
            try write(before + Data(text.utf8), to: file)
        }

        private func exists(_ file: URL) -> Bool {
            FileManager.default.fileExists(atPath: file.path)
        }

        private func quoted(_ text: String) -> String {
            "'" + text.replacing("'", with: "''") + "'"
        }

        private func lastLinesOfLog() -> String {
            let text = (try? String(contentsOf: layout.log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").suffix(5).map { "\n  " + $0 }.joined()
        }
    }
}
