import Crypto
import Testing

@testable import Checksums

/// With vectors, where this machine has them, and without.
@Suite struct GroupedMD5Tests {
    static let ways = MD5.hasLanes ? [true, false] : [false]
    /// So far a body may be ahead of others.
    static let aheadBytes = GroupedMD5.maxWaiting * MD5Block.byteCount

    /// A body, and how much of it came.
    private struct Arrival {
        let bytes: [UInt8]
        let body = GroupedMD5.Body()
        let group: GroupedMD5
        var offset = 0

        init(_ count: Int, _ group: GroupedMD5) {
            bytes = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 &+ count) >> 11) }
            self.group = group
        }

        var isComplete: Bool { offset == bytes.count }
        var digest: [UInt8] { group.digest(body) }
        /// Of what came so far, by another implementation.
        var expected: [UInt8] { Array(Insecure.MD5.hash(data: bytes[..<offset])) }

        mutating func come(_ count: Int) {
            let end = offset + min(count, bytes.count - offset)
            bytes[offset..<end].withUnsafeBytes { group.update(body, $0) }
            offset = end
        }
    }

    @Test(arguments: ways) func bodiesOfAnyLengthDoNotDisturbEachOther(usesLanes: Bool) {
        let edges = [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 191, 192, 1000, 10_007]
        for first in edges {
            for second in edges {
                let group = GroupedMD5(usesLanes: usesLanes)
                var arrivals = [first, second, 64, second, first].map { Arrival($0, group) }
                for index in arrivals.indices { arrivals[index].come(.max) }
                for arrival in arrivals { #expect(arrival.digest == arrival.expected, "\(first) and \(second)") }
            }
        }
    }

    @Test(arguments: ways) func manyBodiesThatComeInAnyOrderHaveTheirOwnHashes(usesLanes: Bool) {
        let group = GroupedMD5(usesLanes: usesLanes)
        for size in [200, 300_000] {
            for count in [1, 2, 3, 4, 5, 9, 5, 4, 3, 2] {
                var arrivals = (0..<count).map { _ in Arrival(.random(in: 1...size), group) }
                while let index = arrivals.indices.filter({ !arrivals[$0].isComplete }).randomElement() {
                    arrivals[index].come(.random(in: 0...(size / 3)))
                }
                for arrival in arrivals.shuffled() { #expect(arrival.digest == arrival.expected) }
            }
        }
    }

    @Test(arguments: ways) func aBodyMayBeAskedForItsHashAtAnyTime(usesLanes: Bool) {
        let group = GroupedMD5(usesLanes: usesLanes)
        var arrivals = [100_000, 90_000, 80_000, 70_000].map { Arrival($0, group) }
        #expect(arrivals[0].digest == arrivals[0].expected)
        while !arrivals[0].isComplete {
            for index in arrivals.indices.shuffled() { arrivals[index].come(.random(in: 1...9999)) }
            #expect(arrivals[0].digest == arrivals[0].expected)
        }
        for index in arrivals.indices {
            arrivals[index].come(.max)
            #expect(arrivals[index].digest == arrivals[index].expected)
        }
    }

    @Test(arguments: ways) func moreThanIsKeptIsHashedAtOnce(usesLanes: Bool) {
        let group = GroupedMD5(usesLanes: usesLanes)
        var arrivals = [3, 2, 1, 1].map { Arrival($0 * Self.aheadBytes + $0, group) }
        for index in arrivals.indices { arrivals[index].come(.max) }
        for arrival in arrivals { #expect(arrival.digest == arrival.expected) }
    }

    @Test(arguments: ways) func whatIsKeptMayGrowShrinkAndOverflow(usesLanes: Bool) {
        let limit = Self.aheadBytes
        let group = GroupedMD5(usesLanes: usesLanes)
        let turns = [
            ([4, 1, 4, 1], [300_000, 200_000]), ([9, 2, 1, 3], [500_001, 333_333]), ([1, 5, 2, 1], [99, limit]),
        ]
        for (turns, sizes) in turns {
            var arrivals = sizes.map { Arrival(limit * 2 + $0, group) }
            while !arrivals[1].isComplete {
                for (turn, times) in turns.enumerated() {
                    for _ in 0..<times { arrivals[turn % 2].come(sizes[turn % 2]) }
                }
            }
            for arrival in arrivals { #expect(arrival.digest == arrival.expected) }
        }
    }

    @Test(arguments: ways) func aBodyThatBeginsAgainWhileAPieceOfItIsKeptIsHashedAnew(usesLanes: Bool) {
        let group = GroupedMD5(usesLanes: usesLanes)
        var (first, second) = (Arrival(90_000, group), Arrival(70_000, group))
        first.come(50_000)
        group.reset(first.body)
        first.offset = 0
        second.come(30_000)
        first.come(60_000)
        first.come(60_000)
        second.come(60_000)
        #expect(first.digest == first.expected && first.isComplete)
        #expect(second.digest == second.expected && second.isComplete)
    }

    @Test(arguments: ways) func aBodyGivenUpLeavesNothingBehind(usesLanes: Bool) {
        let group = GroupedMD5(usesLanes: usesLanes)
        var other = Arrival(50_000, group)
        for _ in 0..<5 {
            var given: Arrival? = Arrival(10_000, group)
            given?.come(4000)
            weak let body = given?.body
            if let body { group.reset(body) }
            given = nil
            #expect(body == nil)
        }
        other.come(.max)
        #expect(other.digest == other.expected)
    }

    @Test(arguments: ways) func bodiesOfDifferentThreadsHaveTheirOwnHashes(usesLanes: Bool) async {
        let shared = GroupedMD5(usesLanes: usesLanes)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    for _ in 0..<6 {
                        var arrival = Arrival(400_000 + number * 7, shared)
                        while !arrival.isComplete { arrival.come(33_333) }
                        #expect(arrival.digest == arrival.expected)
                    }
                }
            }
        }
    }
}
