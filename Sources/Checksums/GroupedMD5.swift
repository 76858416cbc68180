internal import Synchronization

/// The MD5 of bodies that come at the same time, several in one pass. Any thread, one body's calls one after the other.
///
/// A body's bytes are gathered into blocks. When as many bodies have one as the machine hashes in one pass, these blocks are
/// hashed together, in little more than the time of one, by the thread that brought the last of them; the others go on
/// meanwhile. A body that is far ahead of the others, or whose digest is asked for, is hashed with fewer, or alone: no thread
/// ever waits for another body's bytes. It costs a copy of each byte, and some blocks of memory.
public final class GroupedMD5: Sendable {
    /// One body's hash so far.
    ///
    /// `@unchecked Sendable`: `filling` is of the calls of its body, which come one after the other, `waiting` is touched under
    /// the lock of the queue, and `md5` by the one thread that hashes, all of the one `GroupedMD5` that gets all of the body.
    public final class Body: @unchecked Sendable {
        fileprivate var filling: MD5Block?
        fileprivate var waiting: [MD5Block] = []
        var md5 = MD5()

        public init() {}
    }

    /// Blocks of one body that wait: as much as four of curl's send buffers, since a server likes to read several from one
    /// connection before it turns to the next.
    static let maxWaiting = (2 << 20) / MD5Block.byteCount

    /// `@unchecked Sendable`: blocks and bodies are in its hands alone, under its lock.
    private struct Queue: @unchecked Sendable {
        /// Those with blocks that wait; whose turn it is comes first.
        var bodies: [Body] = []
        var spare: [MD5Block] = []

        /// For the next that needs one; as many as four bodies may fill are worth keeping.
        mutating func keep(_ block: MD5Block) {
            block.empty()
            if spare.count < 4 * GroupedMD5.maxWaiting { spare.append(block) }
        }
    }

    private let usesLanes: Bool
    private let queue = Mutex(Queue())
    /// Held by the thread that hashes; never asked for under the lock of the queue.
    private let hashing = Mutex(())

    public convenience init() { self.init(usesLanes: MD5.hasLanes) }

    /// - Parameter usesLanes: where the machine has them.
    init(usesLanes: Bool) { self.usesLanes = usesLanes }

    private var width: Int { usesLanes ? MD5.lanes : 2 }

    /// The next bytes of the body; they are not needed any more when this returns.
    public func update(_ body: Body, _ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let block = body.filling ?? queue.withLock { $0.spare.popLast() } ?? MD5Block()
            block.take(&rest)
            body.filling = block.isFull ? nil : block
            if block.isFull { submit(block, of: body) }
        }
    }

    /// Of all bytes of the body so far, 16 bytes. More may follow.
    public func digest(_ body: Body) -> [UInt8] {
        hashing.withLock { _ in
            while hashRound(with: body) {}
            var md5 = body.md5
            if let begun = body.filling { md5.update(begun.bytes) }
            return md5.digest
        }
    }

    /// The body comes again from its start, or nobody wants its digest any more.
    public func reset(_ body: Body) {
        hashing.withLock { _ in
            queue.withLock { queue in
                queue.bodies.removeAll { $0 === body }
                for block in body.waiting { queue.keep(block) }
                body.waiting = []
            }
            body.filling?.empty()
            body.md5 = MD5()
        }
    }

    private func submit(_ block: MD5Block, of body: Body) {
        let (isAhead, isGroup) = queue.withLock { queue in
            if body.waiting.isEmpty { queue.bodies.append(body) }
            body.waiting.append(block)
            return (body.waiting.count >= Self.maxWaiting, queue.bodies.count >= width)
        }
        if isAhead {
            hashing.withLock { _ in _ = hashRound(with: body) }
        } else if isGroup {
            // Whoever hashes now may not see this group: then the next block makes up for it.
            hashing.withLockIfAvailable { _ in while hashRound() {} }
        }
    }

    // MARK: By the thread that hashes

    /// Hashes a block of each of the bodies whose turn it is.
    /// - Parameter body: one that must be among them, however many there are; nil: there must be as many as one pass takes.
    /// - Returns: false when there was nothing to do.
    private func hashRound(with body: Body? = nil) -> Bool {
        let round = queue.withLock { queue -> [(body: Body, block: MD5Block)] in
            if let body {
                guard !body.waiting.isEmpty else { return [] }
                queue.bodies.removeAll { $0 === body }
                queue.bodies.insert(body, at: 0)
            } else {
                guard queue.bodies.count >= width else { return [] }
            }
            let taken = Array(queue.bodies.prefix(width))
            queue.bodies.removeFirst(taken.count)
            let round = taken.map { (body: $0, block: $0.waiting.removeFirst()) }
            queue.bodies += taken.filter { !$0.waiting.isEmpty }
            return round
        }
        guard !round.isEmpty else { return false }
        MD5.advance(round.map { ($0.body, $0.block.start) }, MD5Block.byteCount / MD5.blockBytes, usesLanes: usesLanes)
        queue.withLock { queue in
            for (_, block) in round { queue.keep(block) }
        }
        return true
    }
}
