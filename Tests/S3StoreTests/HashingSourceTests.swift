import Checksums
import Platform
import Testing

@testable import S3Store

@Suite struct HashingSourceTests {
    private let bytes = S3Fixture.pattern(10_000)

    private func read(_ source: HashingSource, _ ranges: Range<Int64>...) throws {
        for range in ranges { _ = try source.bytes(range) }
    }

    private func md5(_ range: Range<Int>) -> [UInt8]? {
        ContentDigest(of: Array(bytes[range]), md5: true, sha256: false).md5
    }

    @Test func readInOrderItKnowsTheHashOfItsPart() throws {
        let source = HashingSource(BytesSource(bytes), range: 100..<9000, group: GroupedMD5())
        #expect(source.sizeBytes == 10_000)
        try read(source, 100..<101, 101..<5000)
        #expect(source.md5 == nil)
        try read(source, 5000..<9000)
        #expect(source.md5 == md5(100..<9000))
        #expect(source.md5 == md5(100..<9000))
    }

    @Test func readAgainFromTheStartItBeginsAnew() throws {
        let source = HashingSource(BytesSource(bytes), range: 0..<9000, group: GroupedMD5())
        try read(source, 0..<4000, 0..<3000, 3000..<9000)
        #expect(source.md5 == md5(0..<9000))
        try read(source, 0..<4000)
        #expect(source.md5 == nil)
    }

    @Test func readOutOfOrderItKnowsNothing() throws {
        let source = HashingSource(BytesSource(bytes), range: 0..<9000, group: GroupedMD5())
        try read(source, 0..<4000, 5000..<9000)
        #expect(source.md5 == nil)
        try read(source, 4000..<9000)
        #expect(source.md5 == nil)
        try read(source, 0..<9000)
        #expect(source.md5 == md5(0..<9000))
    }

    // MARK: Beside others

    private func source(_ bytes: [UInt8], _ group: GroupedMD5) -> HashingSource {
        HashingSource(BytesSource(bytes), range: 0..<Int64(bytes.count), group: group)
    }

    private func expected(_ bytes: [UInt8]) -> [UInt8]? { ContentDigest(of: bytes, md5: true, sha256: false).md5 }

    @Test func aBodyThatStartsAgainWhileAPieceOfItIsKeptIsHashedAnew() throws {
        let group = GroupedMD5()
        let (one, two) = (S3Fixture.pattern(90_000), S3Fixture.pattern(70_000))
        let (first, second) = (source(one, group), source(two, group))
        try read(first, 0..<50_000)
        try read(second, 0..<30_000)
        try read(first, 0..<60_000, 60_000..<90_000)
        try read(second, 30_000..<70_000)
        #expect(first.md5 == expected(one))
        #expect(second.md5 == expected(two))
    }

    @Test func aBodyGivenUpLeavesNoPieceBehind() throws {
        let group = GroupedMD5()
        let other = source(bytes, group)
        for _ in 0..<3 {
            var given: HashingSource? = source(S3Fixture.pattern(10_000), group)
            if let given { try read(given, 0..<4000) }
            weak let left = given
            given = nil
            #expect(left == nil)
        }
        try read(other, 0..<10_000)
        #expect(other.md5 == expected(bytes))
    }

    @Test func aBodyThatLostItsOrderDoesNotDisturbItsPartner() throws {
        let group = GroupedMD5()
        let (lost, other) = (source(S3Fixture.pattern(9000), group), source(bytes, group))
        try read(lost, 0..<4000, 5000..<9000)
        try read(other, 0..<10_000)
        #expect(lost.md5 == nil)
        #expect(other.md5 == expected(bytes))
    }
}
