/// A first-in, first-out queue in a ring that doubles when it is full and never shrinks below what it held.
struct FIFO<Element> {
    private var ring: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[(head + count) & (ring.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head].take()
        head = (head + 1) & (ring.count - 1)
        count -= 1
        return element
    }

    /// Everything, in order; empty afterwards.
    mutating func removeAll() -> [Element] {
        var all: [Element] = []
        all.reserveCapacity(count)
        while let element = popFirst() { all.append(element) }
        ring = []
        head = 0
        return all
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, ring.count * 2))
        for offset in 0..<count { larger.append(ring[(head + offset) & (ring.count - 1)]) }
        larger += repeatElement(nil, count: max(16, ring.count * 2) - count)
        ring = larger
        head = 0
    }
}
