// The driver of scripts/fuzz, which says what the words mean.
import Foundation

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "list":
    print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
case "dictionary" where words.count == 2:
    for target in FuzzTarget.all where target.name == words[1] { print(FuzzDriver.dictionary(of: target)) }
case "accepted" where words.count == 3:
    ReturnToCandidates.printAccepted(of: Int(words[1]) ?? 0, seed: UInt64(words[2]) ?? 0)
default:
    guard let target = FuzzTarget.all.first(where: { [$0.name, "--target=\($0.name)"].contains(words.first) })
    else {
        FileHandle.standardError.write(Data("the first word is a target, list, dictionary or accepted\n".utf8))
        exit(64)
    }
    exit(FuzzDriver.run(target, options: Array(words.dropFirst())))
}
