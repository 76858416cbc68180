import Platform
import Testing

@testable import S3Store

@Suite struct PairedMD5Tests {
    private let pairs = PairedMD5()

    /// A body, and how much of it was read.
    private struct Upload {
        let bytes: [UInt8]
        let source: HashingSource
        var offset: Int64 = 0

        init(_ bytes: [UInt8], _ pairs: PairedMD5) {
            self.bytes = bytes
            source = HashingSource(BytesSource(bytes), range: 0..<Int64(bytes.count), pairs: pairs)
        }

        var isComplete: Bool { offset == bytes.count }
        var expected: [UInt8]? { ContentDigest(of: bytes, md5: true, sha256: false).md5 }

        mutating func read(_ count: Int) throws {
            let end = min(Int64(bytes.count), offset + Int64(count))
            _ = try source.bytes(offset..<end)
            offset = end
        }
    }

    @Test func manyBodiesSentInAnyOrderHaveTheirOwnHashes() throws {
        for _ in 0..<20 {
            var uploads = (0..<5).map { _ in Upload(S3Fixture.pattern(.random(in: 1...300_000)), pairs) }
            while let index = uploads.indices.filter({ !uploads[$0].isComplete }).randomElement() {
                try uploads[index].read(.random(in: 1...100_000))
            }
            for upload in uploads.shuffled() { #expect(upload.source.md5 == upload.expected) }
        }
    }

    @Test func aBodyAloneIsHashedWithoutAPartner() throws {
        var upload = Upload(S3Fixture.pattern(200_000), pairs)
        while !upload.isComplete { try upload.read(64 << 10) }
        #expect(upload.source.md5 == upload.expected)
    }

    @Test func moreThanIsKeptIsHashedAtOnce() throws {
        var uploads = [3, 2, 1].map { Upload(S3Fixture.pattern($0 * PairedMD5.keptLimitBytes + $0), pairs) }
        for index in uploads.indices { try uploads[index].read(.max) }
        for upload in uploads { #expect(upload.source.md5 == upload.expected) }
    }

    @Test func whatIsKeptMayGrowShrinkAndOverflow() throws {
        let limit = PairedMD5.keptLimitBytes
        for (turns, sizes) in [([4, 1, 4, 1], [300_000, 200_000]), ([9, 2, 1, 3], [500_001, 333_333])] {
            var uploads = sizes.map { Upload(S3Fixture.pattern(limit * 2 + $0), pairs) }
            while !uploads.allSatisfy(\.isComplete) {
                for (turn, times) in turns.enumerated() {
                    for _ in 0..<times { try uploads[turn % 2].read(sizes[turn % 2]) }
                }
            }
            for upload in uploads { #expect(upload.source.md5 == upload.expected) }
        }
    }

    @Test func aBodyThatStartsAgainWhileAPieceOfItIsKeptIsHashedAnew() throws {
        var (first, second) = (Upload(S3Fixture.pattern(90_000), pairs), Upload(S3Fixture.pattern(70_000), pairs))
        try first.read(50_000)
        first.offset = 0
        try second.read(30_000)
        try first.read(60_000)
        try first.read(60_000)
        try second.read(60_000)
        #expect(first.source.md5 == first.expected)
        #expect(second.source.md5 == second.expected)
    }

    @Test func aBodyGivenUpLeavesNoPieceBehind() throws {
        var other = Upload(S3Fixture.pattern(50_000), pairs)
        for _ in 0..<3 {
            var given: Upload? = Upload(S3Fixture.pattern(10_000), pairs)
            try given?.read(4000)
            weak let source = given?.source
            given = nil
            #expect(source == nil)
        }
        try other.read(.max)
        #expect(other.source.md5 == other.expected)
    }

    @Test func aBodyThatLostItsOrderDoesNotDisturbItsPartner() throws {
        let lost = HashingSource(BytesSource(S3Fixture.pattern(9000)), range: 0..<9000, pairs: pairs)
        var other = Upload(S3Fixture.pattern(20_000), pairs)
        _ = try lost.bytes(0..<4000)
        _ = try lost.bytes(5000..<9000)
        try other.read(.max)
        #expect(lost.md5 == nil)
        #expect(other.source.md5 == other.expected)
    }

    @Test func bodiesReadByDifferentThreadsHaveTheirOwnHashes() async throws {
        let bodies = (0..<4).map { S3Fixture.pattern(400_000 + $0 * 7) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for body in bodies {
                group.addTask { [pairs] in
                    for _ in 0..<10 {
                        var upload = Upload(body, pairs)
                        while !upload.isComplete { try upload.read(33_333) }
                        #expect(upload.source.md5 == upload.expected)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
