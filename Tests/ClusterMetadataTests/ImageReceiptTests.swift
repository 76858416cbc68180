import ClusterTestKit
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata

/// An image that comes from another frontend over a connection that breaks.
@Suite struct ImageReceiptTests {
    /// Two FEs of one past: `source` has an image that `store` has not.
    private struct Pair {
        let own = MetadataMachine()
        let store: MetadataStore
        let image: [UInt8]
        let logID: Int64

        init() throws {
            let source = MetadataMachine()
            let first = try source.open(seed: 1)
            _ = try first.beginEpoch()
            for entry in WellMetadata.entries where ![.setEpoch, .beginLife].contains(entry.operation) {
                try first.commit([entry])
            }
            logID = try first.checkpoint().logID
            let path = "/meta/image/image.\(logID)"
            image = try source.machine.fileSystem.readAll(path)
            own.machine.restore(source.machine.copy())
            try own.machine.fileSystem.remove(path)
            try own.machine.fileSystem.syncDirectory("/meta/image")
            store = try own.open(seed: 3)
        }

        var files: MemoryFileSystem { own.machine.fileSystem }
        var parts: [String] { get throws { try files.list("/meta/image").filter { $0.hasSuffix(".part") } } }

        func take(from owner: Owner) throws {
            try PeerFiles(store: store, peers: [], fetch: owner.fetch, pause: owner.pause)
                .takeImage(logID, from: "fe2", port: 1)
        }
    }

    /// Sends an image, and breaks off behind so many bytes of each answer; the last number holds for all that follow.
    private final class Owner: Sendable {
        struct State {
            var image: [UInt8]
            var tag: String?
            var breaks: [Int?]
            var asked: [ImagePart?] = []
            var sent = 0
            var pauses: [Duration] = []
        }
        let state: Mutex<State>

        init(_ image: [UInt8], tag: String? = "a-1", breaks: [Int?]) {
            state = Mutex(State(image: image, tag: tag, breaks: breaks))
        }

        var asked: [ImagePart?] { state.withLock { $0.asked } }
        var sent: Int { state.withLock { $0.sent } }
        func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

        var pause: @Sendable (Duration) throws -> Void {
            { [self] pause in state.withLock { $0.pauses.append(pause) } }
        }

        var fetch: PeerFiles.Fetch {
            { [self] request, head, body in
                let (image, tag, limit) = state.withLock { state in
                    state.asked.append(request.behind)
                    let limit = state.breaks.count > 1 ? state.breaks.removeFirst() : state.breaks.first ?? nil
                    return (state.image, state.tag, limit)
                }
                let isThis = tag != nil && request.behind?.tag == tag
                let offset = isThis ? Int(request.behind?.sizeBytes ?? 0) : 0
                try head(ImageHead(offset: Int64(offset), tag: tag))
                let end = min(image.count, offset + (limit ?? image.count))
                for start in stride(from: offset, to: end, by: 50) {
                    try image[start..<min(start + 50, end)].withUnsafeBytes { try body($0) }
                }
                state.withLock { $0.sent += end - offset }
                if end < image.count { throw ImageBreak("cut") }
            }
        }
    }

    private func expectWhole(_ pair: Pair) throws {
        #expect(try pair.files.readAll("/meta/image/image.\(pair.logID)") == pair.image)
        #expect(try pair.parts == [])
    }

    @Test func whereAConnectionBreaksTheNextOneGoesOn() throws {
        let random = SeededRandom(seed: 5)
        for _ in 0..<20 {
            let pair = try Pair()
            let breaks = (0..<9).map { _ in Int?.some(Int(random.next(below: UInt64(pair.image.count / 8)))) }
            let owner = Owner(pair.image, breaks: breaks + [nil])
            try pair.take(from: owner)
            try expectWhole(pair)
            #expect(owner.sent == pair.image.count)
        }
    }

    @Test func anOwnerThatSendsNothingIsAskedAFewTimesMoreSlowly() throws {
        let pair = try Pair()
        let owner = Owner(pair.image, breaks: [70, 0])
        let error = #expect(throws: PeerRefusal.self) { try pair.take(from: owner) }
        #expect(try #require(error).code == 500)
        #expect(owner.asked.count == 1 + ImageStore.triesWithoutProgress)
        let pauses = owner.state.withLock { $0.pauses }
        #expect(pauses == pauses.sorted() && pauses.count == ImageStore.triesWithoutProgress)
        // A later receipt goes on, in another process, too.
        #expect(try pair.parts == ["image.\(pair.logID).a-1.part"])
        pair.own.crash()
        let again = try pair.own.open(seed: 4)
        owner.set { $0.breaks = [nil] }
        try PeerFiles(store: again, peers: [], fetch: owner.fetch, pause: owner.pause)
            .takeImage(pair.logID, from: "fe2", port: 1)
        #expect(owner.asked.last == ImagePart(tag: "a-1", sizeBytes: 70))
        #expect(owner.sent == pair.image.count)
        try expectWhole(pair)
    }

    @Test func anImageThatIsAnotherByNowIsTakenFromItsFirstByte() throws {
        let pair = try Pair()
        // What came so far is of other bytes.
        let owner = Owner(pair.image.map { $0 ^ 0xFF }, breaks: [90, 0])
        #expect(throws: PeerRefusal.self) { try pair.take(from: owner) }
        owner.set { ($0.image, $0.tag, $0.breaks, $0.sent) = (pair.image, "b-2", [40, 30, nil], 0) }
        try pair.take(from: owner)
        #expect(owner.asked.suffix(3).map { $0?.tag } == ["a-1", "b-2", "b-2"])
        #expect(owner.sent == pair.image.count)
        try expectWhole(pair)
    }

    @Test func withoutATagEveryAnswerBeginsAnew() throws {
        let pair = try Pair()
        let owner = Owner(pair.image, tag: nil, breaks: [90, 120, nil])
        try pair.take(from: owner)
        #expect(owner.asked == [nil, nil, nil] && owner.sent == 210 + pair.image.count)
        try expectWhole(pair)
        // Nor is a name for a file made of anything.
        let other = try Pair()
        let wild = Owner(other.image, tag: "../../x", breaks: [90, nil])
        try other.take(from: wild)
        #expect(wild.asked == [nil, nil])
        try expectWhole(other)
    }

    /// The tag is the same, and the disk has something else: a machine that went down while the bytes were on their way there.
    @Test func whatIsLeftAndDamagedIsFetchedAnewAtOnce() throws {
        let pair = try Pair()
        try pair.files.replaceFile(
            "/meta/image/image.\(pair.logID).a-1.part", with: [UInt8](repeating: 0, count: 100))
        let owner = Owner(pair.image, breaks: [nil])
        try pair.take(from: owner)
        #expect(owner.asked == [ImagePart(tag: "a-1", sizeBytes: 100), nil])
        try expectWhole(pair)
    }

    @Test func anAnswerThatGoesOnElsewhereIsNotTaken() throws {
        for head in [ImageHead(offset: 3, tag: "a-1"), ImageHead(offset: 70, tag: "b-2")] {
            let pair = try Pair()
            let owner = Owner(pair.image, breaks: [70, 0])
            #expect(throws: PeerRefusal.self) { try pair.take(from: owner) }
            let liar = PeerFiles(
                store: pair.store, peers: [], fetch: { _, begin, _ in try begin(head) }, pause: { _ in })
            let error = #expect(throws: PeerRefusal.self) {
                try liar.takeImage(pair.logID, from: "fe2", port: 1)
            }
            #expect(try #require(error).code == 403)
            #expect(try pair.parts == [])
        }
    }

    @Test func whatIsLeftGoesWithANewerImageOfThisFrontendsOwn() throws {
        let pair = try Pair()
        let owner = Owner(pair.image, breaks: [70, 0])
        #expect(throws: PeerRefusal.self) { try pair.take(from: owner) }
        try pair.store.commit([.saveNextID(end: 90_001)])
        _ = try pair.store.checkpoint()
        #expect(try pair.parts == [])
    }

    /// Wherever going on fails or the machine goes down, the image is taken by a later receipt, or was taken.
    @Test(arguments: [false, true]) func aFaultAtAnyOperationKeepsNoWrongByte(crashes: Bool) throws {
        for k in 0... {
            let pair = try Pair()
            let owner = Owner(pair.image, breaks: [70, 0])
            #expect(throws: PeerRefusal.self) { try pair.take(from: owner) }
            owner.set { $0.breaks = [200, nil] }
            pair.own.plan.restart(crashes ? .crashAfter(k) : .fail(k))
            _ = Result { try pair.take(from: owner) }
            let isTouched = pair.own.plan.wasTouched
            pair.own.crash(.seeded(UInt64(k)))
            let again = try pair.own.open(seed: 8)
            if again.imageLogID != pair.logID {
                try PeerFiles(store: again, peers: [], fetch: owner.fetch, pause: owner.pause)
                    .takeImage(pair.logID, from: "fe2", port: 1)
            }
            #expect(try pair.files.readAll("/meta/image/image.\(pair.logID)") == pair.image, "operation \(k)")
            if !isTouched { break }
        }
    }
}
