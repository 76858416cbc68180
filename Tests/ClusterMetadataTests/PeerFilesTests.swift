import ClusterTestKit
import HTTPAPI
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata

/// What frontends give each other of their metadata.
@Suite struct PeerFilesTests {
    /// An FE that lags: it has the other's past and journal up to some entry, and not its newest images.
    private struct Pair {
        let source = MetadataMachine()
        let own = MetadataMachine()
        let store: MetadataStore
        let offered: [UInt8]
        let offeredLogID: Int64

        /// - Parameter diverges: the other went on from an older copy by itself.
        init(diverges: Bool = false) throws {
            let first = try source.open(seed: 1)
            _ = try first.beginEpoch()
            for entry in WellMetadata.entries where ![.setEpoch, .beginLife].contains(entry.operation) {
                try first.commit([entry])
            }
            _ = try first.checkpoint()
            if diverges { own.machine.restore(source.machine.copy()) }
            try first.commit([.saveNextID(end: 20_001)])
            if diverges {
                source.crash()
                let again = try source.open(seed: 9)
                _ = try again.beginEpoch()
                try again.commit([.saveNextID(end: 30_001)])
                offeredLogID = try again.checkpoint().logID
            } else {
                offeredLogID = try first.checkpoint().logID
            }
            offered = try source.machine.fileSystem.readAll("/meta/image/image.\(offeredLogID)")
            if !diverges {
                own.machine.restore(source.machine.copy())
                try own.machine.fileSystem.remove("/meta/image/image.\(offeredLogID)")
                try own.machine.fileSystem.syncDirectory("/meta/image")
            }
            let store = try own.open(seed: 3)
            if diverges {
                _ = try store.beginEpoch()
                while store.lastLogID < offeredLogID { try store.commit([.saveNextID(end: 20_001)]) }
            }
            self.store = store
        }

        var files: MemoryFileSystem { own.machine.fileSystem }
        var names: [String] { get throws { try files.list("/meta/image") } }

        func peers(_ fetch: @escaping PeerFiles.Fetch) -> PeerFiles {
            PeerFiles(store: store, peers: ["10.0.0.7"], fetch: fetch, pause: { _ in })
        }

        func sends(_ bytes: [UInt8]) -> PeerFiles {
            peers { _, head, body in
                try head(ImageHead(offset: 0, tag: "t"))
                for start in stride(from: 0, to: bytes.count, by: 100) {
                    try bytes[start..<min(start + 100, bytes.count)].withUnsafeBytes { try body($0) }
                }
            }
        }
    }

    @Test func onlyWhoHasTheTokenOrIsAConfiguredPeerGetsAnything() throws {
        let pair = try Pair()
        let peers = pair.sends([])
        let token = pair.store.identity.token
        try peers.authorize(token: token, address: "1.2.3.4")
        try peers.authorize(token: nil, address: "10.0.0.7")
        #expect(throws: PeerRefusal.self) { try peers.authorize(token: nil, address: "10.0.0.8") }
        #expect(throws: PeerRefusal.self) { try peers.authorize(token: nil, address: nil) }
        for wrong in ["", "x", String(token.dropLast()), String(token.dropLast()) + "~"] {
            // A wrong one is not made good by the address.
            let error = #expect(throws: PeerRefusal.self) { try peers.authorize(token: wrong, address: "10.0.0.7") }
            #expect(try #require(error).code == 403)
            #expect(!"\(try #require(error))".contains(token))
        }
    }

    @Test func aFrontendIsKnownByHostAndPort() throws {
        let peers = try Pair().sends([])
        #expect(peers.role(host: "fe1", port: 9010) == ("FOLLOWER", "fe1_9010_1"))
        #expect(peers.role(host: "fe1", port: 901) == ("UNKNOWN", ""))
        #expect(peers.role(host: "fe2", port: 9010) == ("UNKNOWN", ""))
    }

    @Test func imagesAreGivenByTheirLogIDAndNothingElse() throws {
        let pair = try Pair()
        let peers = pair.sends([])
        let summary = try peers.summary()
        #expect(summary.lastLogID == pair.store.lastLogID && summary.imageLogID < pair.offeredLogID)
        let (image, tag) = try peers.image(summary.imageLogID)
        #expect(image.sizeBytes > 100 && tag?.hasSuffix("-\(image.sizeBytes)") == true)
        let error = #expect(throws: PeerRefusal.self) { _ = try peers.image(4711) }
        #expect(try #require(error).code == 404)
        #expect(String(decoding: try peers.versionFile(), as: UTF8.self).contains("clusterId=\(summary.clusterID)\n"))
    }

    @Test func anImageOfTheOwnPastIsTakenAndSurvivesACrash() throws {
        let pair = try Pair()
        let asked = Mutex<[String]>([])
        let peers = pair.peers { [offered = pair.offered, token = pair.store.identity.token] request, head, body in
            asked.withLock { $0.append(request.url) }
            #expect(request.token == token && request.behind == nil)
            try head(ImageHead(offset: 0, tag: nil))
            try offered.withUnsafeBytes { try body($0) }
        }
        try peers.takeImage(pair.offeredLogID, from: "::1", port: 8030)
        #expect(asked.withLock { $0 } == ["cluster://[::1]:8030/image?version=\(pair.offeredLogID)"])
        #expect(pair.store.imageLogID == pair.offeredLogID)
        pair.own.crash()
        let again = try pair.own.open()
        #expect(again.imageLogID == pair.offeredLogID)
        #expect(try pair.names.filter { $0.hasPrefix("image.") }.count == 2)
        let verdict = try MetadataVerification.run(
            MetadataFolder("/meta", files: pair.files, stores: pair.own.machine.keyValueStores))
        #expect(verdict.problems == [])
    }

    @Test func whatACrashLeftOfAnImageGoesWithTheNext() throws {
        let pair = try Pair()
        try pair.files.replaceFile("/meta/image/image.4.part", with: [1, 2])
        try pair.sends(pair.offered).takeImage(pair.offeredLogID, from: "fe2", port: 1)
        #expect(try pair.names.filter { $0.hasSuffix(".part") } == [])
    }

    @Test func whatIsNotWholeIsNotTaken() throws {
        let pair = try Pair()
        let before = try pair.names
        let whole = pair.offered
        var wrong = stride(from: 0, to: whole.count, by: 61).map { Array(whole[..<$0]) }
        wrong += stride(from: 0, to: whole.count, by: 67).map { place in
            var flipped = whole
            flipped[place] ^= 0x08
            return flipped
        }
        wrong.append(whole + [0])
        for (index, bytes) in wrong.enumerated() {
            let error = #expect(throws: PeerRefusal.self) {
                try pair.sends(bytes).takeImage(pair.offeredLogID, from: "fe2", port: 1)
            }
            guard case .badImage? = error else {
                Issue.record("\(index): \(String(describing: error))")
                return
            }
            #expect(try pair.names == before, "\(index)")
        }
    }

    @Test func aFetchThatBreaksOffLeavesNothing() throws {
        struct Broken: Error {}
        let pair = try Pair()
        let before = try pair.names
        let peers = pair.peers { [offered = pair.offered] _, head, body in
            try head(ImageHead(offset: 0, tag: "t"))
            try offered.prefix(50).withUnsafeBytes { try body($0) }
            throw Broken()
        }
        let error = #expect(throws: PeerRefusal.self) { try peers.takeImage(pair.offeredLogID, from: "fe2", port: 1) }
        #expect(try #require(error).code == 500 && "\(#require(error))".contains("fe2:1"))
        #expect(try pair.names == before)
        // And the next one is not refused.
        try pair.sends(pair.offered).takeImage(pair.offeredLogID, from: "fe2", port: 1)
    }

    @Test func anImageOfAnotherClusterPastOrPlaceIsNotTaken() throws {
        let pair = try Pair()
        let state = try ImageReader.read("/meta/image/image.\(pair.offeredLogID)", from: pair.source.machine.fileSystem)
            .state
        func bytes(_ logID: Int64, cluster: Int32) throws -> [UInt8] {
            var all: [UInt8] = []
            _ = try ImageWriter(state: state, logID: logID, clusterID: cluster).write { all += $0 }
            return all
        }
        let cluster = pair.store.identity.clusterID
        let foreign = try bytes(pair.offeredLogID, cluster: cluster &+ 1)
        let renamed = try bytes(pair.offeredLogID - 1, cluster: cluster)
        for (sent, text) in [(foreign, "is of cluster"), (renamed, "covers up to log id")] {
            let error = #expect(throws: PeerRefusal.self) {
                try pair.sends(sent).takeImage(pair.offeredLogID, from: "fe2", port: 1)
            }
            #expect("\(try #require(error))".contains(text))
        }
        // Beyond the journal, or not newer than what is here.
        for logID in [pair.store.lastLogID + 1, pair.store.imageLogID, 0, -3] {
            #expect(throws: PeerRefusal.self) { try pair.sends(pair.offered).takeImage(logID, from: "fe2", port: 1) }
        }
        let other = try Pair(diverges: true)
        #expect(other.store.lastLogID >= other.offeredLogID && other.store.imageLogID < other.offeredLogID)
        let error = #expect(throws: PeerRefusal.self) {
            try other.sends(other.offered).takeImage(other.offeredLogID, from: "fe2", port: 1)
        }
        #expect("\(try #require(error))".contains("history"))
    }

    /// Wherever taking an image fails or the machine goes down, the FE starts with what it had or with the new one.
    @Test(arguments: [false, true]) func aFaultAtAnyOperationLeavesOneOrTheOther(crashes: Bool) throws {
        for k in 0... {
            let pair = try Pair()
            let bytes = try pair.store.snapshot().durableBytes()
            pair.own.plan.restart(crashes ? .crashAfter(k) : .fail(k))
            let taken = Result {
                try pair.sends(pair.offered).takeImage(pair.offeredLogID, from: "fe2", port: 1)
            }
            let isTouched = pair.own.plan.wasTouched
            if case .success = taken { #expect(!isTouched || !crashes) }
            pair.own.crash(.seeded(UInt64(k)))
            let again = try pair.own.open()
            #expect(try again.snapshot().durableBytes() == bytes, "operation \(k)")
            if !isTouched { break }
        }
    }
}
