import Foundation
import Glibc
import Synchronization
import Testing

@testable import PrivatePostgres

@Suite("Programs that are started")
struct CommandTests {
    @Test("A program inherits no descriptor, not even one that another thread opens at that moment")
    func descriptors() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let opener = DescriptorOpener()
        opener.start()
        defer { opener.stop() }
        for round in 1...100 {
            let file = directory.appending(path: "\(round)")
            var command = Command("/bin/ls", ["/proc/self/fd"])
            command.output = file.path
            try await command.run(within: .seconds(120))
            // The three, and the folder that is being listed.
            #expect(try String(contentsOf: file, encoding: .utf8) == "0\n1\n2\n3\n")
        }
    }

    @Test("A program starts where it is told to")
    func workingDirectory() async throws {
        let directory = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "output")
        var command = Command("/bin/pwd", [])
        command.workingDirectory = directory.path
        command.output = file.path
        try await command.run(within: .seconds(120))
        #expect(try String(contentsOf: file, encoding: .utf8) == directory.path + "\n")
    }
}

/// Opens descriptors that are not marked close-on-exec, and closes them, over and over.
private final class DescriptorOpener: Sendable {
    private let isStopped = Atomic(false)

    func start() {
        let thread = Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                let descriptors = (0..<8).map { _ in open("/dev/null", O_RDONLY) }
                usleep(200)
                for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
            }
        }
        thread.start()
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }
}
