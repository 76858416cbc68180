import Platform
import ServerFixtures
import Synchronization
import Testing

@testable import S3Store

/// Servers with habits of their own: uploads are neither refused nor repeated for ever, and wrong bytes are still found.
@Suite struct S3HabitTests {
    /// Streamed, in one piece.
    private static let large = S3Fixture.pattern(2 << 20)
    /// Two parts.
    private static let huge = S3Fixture.pattern((9 << 20) + 7)

    private func uploads(_ server: ScriptedS3Server) -> [ReceivedRequest] {
        server.requests.filter { $0.method == "PUT" }
    }
    private func reads(_ server: ScriptedS3Server) -> Int { server.requests.filter { $0.method == "GET" }.count }

    // found B6
    @Test func anETagOfTheWholeThatIsNoMD5OfMD5sIsReadBackOnceAndThenTaken() throws {
        let server = try ScriptedS3Server([.randomCompletionETags])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let first = try fixture.store.put("a", from: BytesSource(Self.huge))
        let readOnce = reads(server)
        #expect(readOnce > 0)
        let second = try fixture.store.put("b", from: BytesSource(Self.huge))
        #expect(reads(server) == readOnce)
        #expect(first.sizeBytes == Int64(Self.huge.count) && second.sizeBytes == first.sizeBytes)
        #expect(first.etag.hasSuffix("-2") && first.etag != second.etag)
        #expect(server.bytes(of: "a") == Self.huge && server.bytes(of: "b") == Self.huge)
        #expect(uploads(server).count == 4)
    }

    // found B13
    @Test func aHeadWithAnotherETagThanTheCompletionsIsNoFault() throws {
        let server = try ScriptedS3Server([.plainETagAtHead])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let put = try fixture.store.put("a", from: BytesSource(Self.huge))
        #expect(uploads(server).count == 2)
        #expect(reads(server) == 0)
        #expect(try fixture.store.head("a")?.sizeBytes == put.sizeBytes)
    }

    // found B6
    @Test func randomETagsOfTheLengthOfAnMD5AreReadBackOnceAndThenTaken() throws {
        let server = try ScriptedS3Server([.randomObjectETags, .randomPartETags, .randomCompletionETags])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("a", from: BytesSource(Self.large))
        try fixture.store.put("b", from: BytesSource(Self.huge))
        let readOnce = reads(server)
        for key in ["c", "d"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        try fixture.store.put("e", from: BytesSource(Self.huge))
        try fixture.store.put("f", from: BytesSource([1, 2, 3]))
        #expect(reads(server) == readOnce)
        #expect(uploads(server).count == 8)
        #expect(uploads(server).allSatisfy { $0.headers["content-md5"] != nil })
        #expect(server.keys == ["a", "b", "c", "d", "e", "f"])
        #expect(fixture.pause.pauses.isEmpty)
    }

    // found B6
    @Test func aStoreThatChangesItsETagsIsLearntAnew() throws {
        let server = try ScriptedS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("a", from: BytesSource(Self.large))
        server.habits = [.randomObjectETags]
        // Sent undeclared, again declared, read back.
        try fixture.store.put("b", from: BytesSource(Self.large))
        #expect(uploads(server).count == 3)
        server.habits = []
        try fixture.store.put("c", from: BytesSource(Self.large))
        try fixture.store.put("d", from: BytesSource(Self.large))
        #expect(uploads(server).map { $0.headers["content-md5"] != nil } == [true, false, true, true, false])
        #expect(server.keys == ["a", "b", "c", "d"])
    }

    @Test func wrongBytesAreFoundByReadingBack() throws {
        let server = try ScriptedS3Server([.corruptsObjects])
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 2)))
        let error = try S3Fixture.failure { try fixture.store.put("a", from: BytesSource(Self.large)) }
        #expect(error?.code == .checksumMismatch)
        #expect(server.keys.isEmpty)
    }

    @Test func wrongPartsAreFoundByReadingBackAndTheObjectGoes() throws {
        let server = try ScriptedS3Server([.corruptsParts])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let error = try S3Fixture.failure { try fixture.store.put("a", from: BytesSource(Self.huge)) }
        #expect(error?.code == .checksumMismatch)
        #expect(server.keys.isEmpty)
    }

    // found B6
    @Test(arguments: [Self.large.count, 1, 0])
    func aHeadWithoutALengthIsAnsweredByARangeOrTheList(size: Int) throws {
        let bytes = Array(Self.large.prefix(size))
        for habits in [[.noLengthAtHead], [.noLengthAtHead, .ignoresRanges]] as [Set<ScriptedS3Server.Habit>] {
            let server = try ScriptedS3Server(habits)
            defer { server.stop() }
            let fixture = try S3Fixture(endpoint: server.endpoint)
            try fixture.store.put("dir/a", from: BytesSource(bytes))
            try fixture.store.put("dir/ab", from: BytesSource([1, 2, 3, 4]))
            #expect(try fixture.store.head("dir/a")?.sizeBytes == Int64(size))
            #expect(try fixture.store.head("dir/none") == nil)
        }
    }

    // found B7
    @Test func aBucketThatDemandsChecksumsGetsThem() throws {
        let server = try ScriptedS3Server([.demandsMD5OfObjects, .demandsMD5OfParts])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b", "c"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        for key in ["d", "e"] { try fixture.store.put(key, from: BytesSource(Self.huge)) }
        #expect(server.keys == ["a", "b", "c", "d", "e"])
        // b was refused once, and the first part that was not declared; none after.
        #expect(uploads(server).filter { $0.headers["content-md5"] == nil }.count <= 3)
        #expect(fixture.pause.pauses.isEmpty)
    }

    // found B7
    @Test func aBucketThatDemandsChecksumsOfPartsOnlyGetsThemThere() throws {
        let server = try ScriptedS3Server([.demandsMD5OfParts])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b"] { try fixture.store.put(key, from: BytesSource(Self.huge)) }
        for key in ["c", "d", "e"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        #expect(server.keys == ["a", "b", "c", "d", "e"])
        let whole = uploads(server).filter { $0.query.isEmpty }
        #expect(whole.map { $0.headers["content-md5"] != nil } == [true, false, false])
    }

    @Test func aRefusalIsForgottenAfterAWhile() {
        let proofs = UploadProofs()
        proofs.note(.object, .md5)
        proofs.mustDeclare(.object)
        for _ in 0..<UploadProofs.usesOfARefusal { #expect(proofs.next(.object) == .declared) }
        #expect(proofs.next(.object) == .compared)
        proofs.note(.part, .unknown)
        #expect(proofs.next(.part) == .declared)
    }

    @Test func aBucketThatWentIsNotTakenForAMissingObject() throws {
        let server = try ScriptedS3Server()
        defer { server.stop() }
        var settings = S3Fixture.settings()
        settings.bucketProofLife = .zero
        let fixture = try S3Fixture(endpoint: server.endpoint, settings: settings)
        try fixture.store.put("a", from: BytesSource([1]))
        #expect(try fixture.store.head("b") == nil)
        server.habits = [.hasNoBucket]
        let error = try S3Fixture.failure { _ = try fixture.store.head("a") }
        #expect(error?.code == .noSuchBucket)
    }

    @Test func batchesAreTriedAgainAfterARefusal() throws {
        let server = try ScriptedS3Server([.knowsNoBatches])
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.delete(["a", "b"])
        server.habits = []
        try fixture.store.delete(["a", "b"])
        #expect(server.requests.map(\.method) == ["POST", "DELETE", "DELETE", "DELETE", "DELETE"])
        fixture.store.singleDeletes.store(1, ordering: .relaxed)
        try fixture.store.delete(["a", "b"])
        try fixture.store.delete(["a", "b"])
        #expect(server.requests.last?.method == "POST")
    }
}
