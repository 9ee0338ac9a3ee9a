import HTTPTypes

extension HTTPFields {
    /// The value of a field whose values are ASCII; a value that isn't is as good as empty, which fits nothing.
    ///
    /// Strings are compared by canonical equivalence: 60 KB of combining marks beside a word take seconds.
    func plain(_ name: HTTPField.Name) -> String? {
        self[name].map { $0.utf8.allSatisfy { $0 < 0x80 } ? $0 : "" }
    }
}
