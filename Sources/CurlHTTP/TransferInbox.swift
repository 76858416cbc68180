/// What other threads ask of the engine. The engine empties it; the limit says how many requests may wait.
struct TransferInbox {
    private(set) var waiting: Queue = Queue()
    private var resumes: [HTTPTransfer] = []
    private var cancels: [HTTPTransfer] = []
    private(set) var isStopping = false
    /// The engine's thread is gone; nobody would answer.
    var hasEnded = false
    /// Transfers the engine works on, for metrics.
    var running = 0
    /// A wake-up is under way: no need for another.
    private var isWoken = false

    struct Work {
        var started: [HTTPTransfer] = []
        var resumed: [HTTPTransfer] = []
        var cancelled: [HTTPTransfer] = []
        var isStopping = false
    }

    /// True when the engine must be woken.
    mutating func add(_ transfer: HTTPTransfer) -> Bool {
        waiting.append(transfer)
        return wake()
    }

    mutating func resume(_ transfer: HTTPTransfer) -> Bool {
        resumes.append(transfer)
        return wake()
    }

    mutating func cancel(_ transfer: HTTPTransfer) -> Bool {
        cancels.append(transfer)
        return wake()
    }

    mutating func stop() -> Bool {
        isStopping = true
        return wake()
    }

    private mutating func wake() -> Bool {
        defer { isWoken = true }
        return !isWoken
    }

    /// Everything to do now; starts at most `slots` waiting transfers.
    mutating func take(slots: Int) -> Work {
        isWoken = false
        var work = Work(resumed: resumes, cancelled: cancels, isStopping: isStopping)
        resumes.removeAll(keepingCapacity: true)
        cancels.removeAll(keepingCapacity: true)
        while work.started.count < slots, let next = waiting.popFirst() { work.started.append(next) }
        return work
    }

    /// First in, first out, without moving every element on each removal.
    struct Queue {
        private var items: [HTTPTransfer?] = []
        private var head = 0

        var count: Int { items.count - head }

        mutating func append(_ transfer: HTTPTransfer) { items.append(transfer) }

        mutating func popFirst() -> HTTPTransfer? {
            guard head < items.count else { return nil }
            let item = items[head]
            items[head] = nil
            head += 1
            if head == items.count {
                items.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 1024, head * 2 > items.count {
                items.removeFirst(head)
                head = 0
            }
            return item
        }
    }
}
