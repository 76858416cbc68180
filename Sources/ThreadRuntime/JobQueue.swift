/// A first-in first-out ring of jobs that grows as needed and is never larger than the limit its owner keeps.
struct JobQueue {
    typealias Job = @Sendable () -> Void

    private var slots: [Job?]
    private var head = 0
    private(set) var count = 0

    init() { slots = Array(repeating: nil, count: 16) }

    mutating func append(_ job: @escaping Job) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = job
        count += 1
    }

    mutating func popFirst() -> Job? {
        guard count > 0 else { return nil }
        let job = slots[head].take()
        head = (head + 1) & (slots.count - 1)
        count -= 1
        return job
    }

    mutating func removeAll() -> Int {
        defer { self = JobQueue() }
        return count
    }

    private mutating func grow() {
        var larger: [Job?] = Array(repeating: nil, count: slots.count * 2)
        for index in 0..<count { larger[index] = slots[(head + index) & (slots.count - 1)].take() }
        slots = larger
        head = 0
    }
}
