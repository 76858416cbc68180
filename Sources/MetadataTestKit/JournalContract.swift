public import ClusterMetadata
internal import ClusterTestKit
internal import Platform
internal import PlatformContracts
internal import TabletModel

/// What every `Journal` does. Each check wants a log that is empty yet, and a function that opens it: again and again, as a
/// frontend does that starts anew.
public enum JournalContract: String, CaseIterable, Sendable {
    case idsBeginAtOneAndCountOn
    case nothingToAppendIsNoEntry
    case whoOpensItNextReadsAll
    case idsGoOnAfterEverythingWasTruncated
    case aNeededEntryThatWasTruncatedIsAnError
    case truncationEndsWithinAnAppend
    case truncationNeverGoesBack
    case numberingGoesOnBehindAnImage
    case largeAppendsAreWhole
    case manyAppendsAndTruncations
    case readingBeginsAnywhere
    case readingThrowsWhatItsBodyThrows
    case recordsAreHandedOutAsTheyLie
    case volumeGrows
    case reopeningChangesNothing
    case anAppendFollowsTheEntryItNames
}

extension JournalContract {
    public func check(_ open: () throws -> any Journal) throws {
        let journal = try open()
        switch self {
        case .anAppendFollowsTheEntryItNames:
            func append(_ epochs: [Int64], behind logID: Int64) throws -> Int64 {
                let entries = try epochs.map { try EncodedEntry(.setEpoch($0)) }
                return try journal.append(entries, behind: logID) {}
            }
            try requireEqual(try append([1, 2], behind: 0), 2, "behind none")
            try requireEqual(try append([3], behind: 2), 3, "behind the last one")
            for place: Int64 in [0, 2, 4] {
                do {
                    _ = try append([4], behind: place)
                } catch JournalAppendError.refused {
                    continue
                }
                try requireEqual("appended behind \(place)", "refused", "an append behind another entry than the last")
            }
            try requireEqual(try append([4], behind: 3), 4, "behind the last one again")
            try requireEqual(try all(journal), (1...4).map { .setEpoch($0) }, "entries")
        case .idsBeginAtOneAndCountOn:
            try requireEqual(try journal.lastLogID, 0, "last of an empty log")
            try requireEqual(try all(journal), [], "entries of an empty log")
            try requireEqual(try journal.append([.setEpoch(1), .setEpoch(2)]), 2, "two entries")
            try requireEqual(try journal.append([.setEpoch(3)]), 3, "one more")
            try requireEqual(try journal.lastLogID, 3, "last")
            try requireEqual(try all(journal, from: 2), [.setEpoch(2), .setEpoch(3)], "from 2 on")
            try requireEqual(try all(journal, from: 4), [], "behind the end")
        case .nothingToAppendIsNoEntry:
            _ = try journal.append([.setEpoch(1)])
            try requireEqual(try journal.append([] as [JournalEntry]), 1, "nothing appended")
            try requireEqual(try journal.lastLogID, 1, "last")
        case .whoOpensItNextReadsAll:
            for epoch in 1...5 { _ = try journal.append([.setEpoch(Int64(epoch))]) }
            let next = try open()
            try requireEqual(try next.lastLogID, 5, "last")
            try requireEqual(try all(next), (1...5).map { .setEpoch($0) }, "entries")
            try requireEqual(try next.append([.setEpoch(6)]), 6, "one more")
        case .idsGoOnAfterEverythingWasTruncated:
            _ = try journal.append([.setEpoch(1), .setEpoch(2)])
            try journal.truncate(upTo: 2)
            let next = try open()
            try requireEqual(try next.lastLogID, 2, "last")
            try requireEqual(try next.truncatedLogID, 2, "truncated")
            try requireEqual(try next.append([.setEpoch(3)]), 3, "one more")
            try requireEqual(try all(next, from: 3), [.setEpoch(3)], "entries")
            try requireJournalError(.truncated(expected: 2, truncated: 2), "from 2 on") { _ = try all(next, from: 2) }
        case .aNeededEntryThatWasTruncatedIsAnError:
            _ = try journal.append([.setEpoch(1), .setEpoch(2)])
            try journal.truncate(upTo: 2)
            try requireJournalError(.truncated(expected: 1, truncated: 2), "all") { _ = try all(journal) }
        case .truncationEndsWithinAnAppend:
            _ = try journal.append((1...5).map { .setEpoch($0) })
            try journal.truncate(upTo: 3)
            try requireEqual(try all(journal, from: 4), [.setEpoch(4), .setEpoch(5)], "from 4 on")
            try requireJournalError(.truncated(expected: 1, truncated: 3), "from 1 on") { _ = try all(journal) }
            try requireEqual(try journal.append([.setEpoch(6)]), 6, "one more")
            try journal.truncate(upTo: 5)
            try requireEqual(try all(try open(), from: 6), [.setEpoch(6)], "from 6 on")
        case .truncationNeverGoesBack:
            _ = try journal.append((1...4).map { .setEpoch($0) })
            try journal.truncate(upTo: 3)
            try journal.truncate(upTo: 1)
            try requireEqual(try journal.truncatedLogID, 3, "truncated")
            try requireEqual(try all(journal, from: 4), [.setEpoch(4)], "entries")
        case .numberingGoesOnBehindAnImage:
            try journal.truncate(upTo: 100)
            try requireEqual(try journal.lastLogID, 100, "last")
            try requireEqual(try journal.append([.setEpoch(1)]), 101, "first")
            try requireEqual(try all(try open(), from: 101), [.setEpoch(1)], "entries")
        case .largeAppendsAreWhole: try checkLargeAppends(journal, open)
        case .manyAppendsAndTruncations: try checkManyAppends(journal, open)
        case .readingBeginsAnywhere:
            let entries = (1...50).map { JournalEntry.setEpoch($0) }
            for start in stride(from: 0, to: 50, by: 7) {
                _ = try journal.append(Array(entries[start..<min(start + 7, 50)]))
            }
            for start in 1...51 {
                try requireEqual(try all(journal, from: Int64(start)), Array(entries[(start - 1)...]), "from \(start)")
            }
        case .readingThrowsWhatItsBodyThrows:
            _ = try journal.append([.setEpoch(1), .setEpoch(2)])
            struct Enough: Error {}
            var seen = 0
            try requireThrows(Enough.self, "read", where: { _ in true }) {
                try journal.read(from: 1) { _, _ in
                    seen += 1
                    throw Enough()
                }
            }
            try requireEqual(seen, 1, "entries seen")
        case .recordsAreHandedOutAsTheyLie:
            _ = try journal.append((1...5).map { .setEpoch($0) })
            var seen: [Int64] = []
            try journal.records(from: 2) { row in
                seen.append(row.logID)
                try requireEqual(try row.decode(), .setEpoch(row.logID), "entry \(row.logID)")
                return row.logID < 4
            }
            try requireEqual(seen, [2, 3, 4], "log ids")
        case .volumeGrows:
            let before = journal.volumeBytes
            _ = try journal.append([.setEpoch(1)])
            let appended = journal.volumeBytes - before
            try require(appended > 0, "an append adds to the volume")
            _ = try all(journal)
            try requireEqual(journal.volumeBytes - before, 2 * appended, "volume after reading it")
        case .reopeningChangesNothing:
            _ = try journal.append([.setEpoch(1)])
            try journal.reopen()
            try requireEqual(journal.failure, nil, "failure")
            try requireEqual(try journal.append([.setEpoch(2)]), 2, "one more")
            try requireEqual(try all(journal), [.setEpoch(1), .setEpoch(2)], "entries")
        }
    }

    /// More entries than fit one batch of any store, then more bytes.
    private func checkLargeAppends(_ journal: any Journal, _ open: () throws -> any Journal) throws {
        let many = (1...2500).map { JournalEntry.setEpoch($0) }
        try requireEqual(try journal.append(many), 2500, "many entries")
        let name = String(repeating: "x", count: 700_000)
        let large = (1...4).map { JournalEntry.dropPolicy("\($0)" + name) }
        try requireEqual(try journal.append(large + [.setEpoch(1)]), 2505, "large entries")
        let next = try open()
        try requireEqual(try next.lastLogID, 2505, "last")
        try require(try all(next) == many + large + [.setEpoch(1)], "the entries are those that were appended")
        try requireEqual(try all(next, from: 2505), [.setEpoch(1)], "the last entry")
    }

    /// Against a list in memory, from a seed.
    private func checkManyAppends(_ journal: any Journal, _ open: () throws -> any Journal) throws {
        let random = SeededRandom(seed: 11)
        var journal = journal
        var entries: [JournalEntry] = []
        var truncated = 0
        for _ in 0..<60 {
            switch random.next(below: 10) {
            case 0: journal = try open()
            case 1:
                guard entries.count > truncated else { continue }
                truncated += 1 + Int(random.next(below: UInt64(entries.count - truncated)))
                try journal.truncate(upTo: Int64(truncated))
            default:
                let fresh = (0...Int(random.next(below: 12))).map { JournalEntry.setEpoch(Int64(entries.count + $0)) }
                entries += fresh
                try requireEqual(try journal.append(fresh), Int64(entries.count), "last of an append")
            }
            try requireEqual(try journal.lastLogID, Int64(entries.count), "last")
            let start = truncated + Int(random.next(below: UInt64(entries.count - truncated + 1)))
            try requireEqual(try all(journal, from: Int64(start + 1)), Array(entries[start...]), "from \(start + 1) on")
        }
    }

    private func all(_ journal: any Journal, from start: Int64 = 1) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try journal.read(from: start) { logID, entry in
            try requireEqual(logID, start + Int64(entries.count), "log id")
            entries.append(entry)
        }
        return entries
    }

    private func requireJournalError(_ error: JournalError, _ what: String, _ body: () throws -> Void) throws {
        try requireThrows(JournalError.self, what, where: { $0 == error }, body)
    }
}
