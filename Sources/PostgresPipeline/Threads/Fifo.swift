/// A queue in one array: appended at the end, taken from a moving start.
struct Fifo<Element> {
    private var storage: [Element?] = []
    private var start = 0

    var isEmpty: Bool { start == storage.count }
    var count: Int { storage.count - start }
    var first: Element? { isEmpty ? nil : storage[start] }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// Puts elements before all others, in their order.
    mutating func prepend(_ elements: [Element]) {
        storage.replaceSubrange(0..<start, with: elements)
        start = 0
    }

    mutating func popFirst() -> Element? {
        guard start < storage.count else { return nil }
        let element = storage[start]
        storage[start] = nil
        start += 1
        if start == storage.count {
            storage.removeAll(keepingCapacity: true)
            start = 0
        } else if start >= 1_024, start * 2 > storage.count {
            storage.removeFirst(start)
            start = 0
        }
        return element
    }

    /// Takes the first element that satisfies a condition.
    mutating func popFirst(where condition: (Element) -> Bool) -> Element? {
        if let first, condition(first) { return popFirst() }
        guard let index = storage[start...].firstIndex(where: { $0.map(condition) ?? false }) else { return nil }
        return storage.remove(at: index)
    }

    /// Empties the queue and answers what was in it.
    mutating func removeAll() -> [Element] {
        let elements = storage[start...].compactMap { $0 }
        storage.removeAll(keepingCapacity: true)
        start = 0
        return elements
    }

    /// The first element that satisfies a condition.
    func first(where condition: (Element) -> Bool) -> Element? {
        for case .some(let element) in storage[start...] where condition(element) {
            return element
        }
        return nil
    }
}
