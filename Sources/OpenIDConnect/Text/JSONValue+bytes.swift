extension JSONValue {
    /// Whether it is a string of exactly these bytes.
    func isString(_ text: String) -> Bool {
        stringValue?.hasSameBytes(as: text) == true
    }
}
