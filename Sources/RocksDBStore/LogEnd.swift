internal import Checksums
internal import Glibc

/// What the end of a write-ahead log looks like: found by reading it as RocksDB's own reader does, which drops what it takes for a
/// torn end without a word, and so may drop records behind a damaged length as well.
///
/// A log is blocks of 32 KiB, and a record one or more fragments, none of which crosses a block's end: CRC32C of type and bytes
/// (masked, 4 bytes), length (2 bytes, both little-endian), type, bytes. A block's last bytes are padding where no header fits.
enum LogEnd: Equatable {
    /// Records to the last byte, or to zeros that were written ahead of further ones (`tabletd_rocksdb_prepare_logs`).
    case whole
    /// Whole records up to here; what follows is what a crash leaves of the write that was under way: it ends too early, or sectors of
    /// it were never written and are zero. No record begins behind it, so it was the last; and a write returns only when it is
    /// synced, so nobody was told that it had been made.
    case torn(at: Int64)
    /// Whole records up to here, and what follows is no torn write: another record begins behind it, or it has all its sectors.
    case damaged(at: Int64)

    static let blockBytes = 32 << 10

    /// - Parameter read: fills the buffer from the log's next bytes on, and says how many there were; fewer than it holds: the last.
    init(_ read: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockBytes, alignment: 8)
        defer { block.deallocate() }
        var walk = LogWalk()
        var count = block.count
        while count == block.count, walk.isUndecided {
            count = try read(block)
            walk.take(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
        self = walk.end
    }
}

/// Walks through a log block by block.
private struct LogWalk {
    private var blockStart: Int64 = 0
    /// Behind the last whole record.
    private var wholeEnd: Int64 = 0
    /// Fragments of a record were met, and not its last.
    private var isInRecord = false
    private var trouble: Trouble?
    /// Fragments of a later format: their reader has the word.
    private var isForeign = false

    /// Something that is no fragment in its place, and what there is behind it.
    private struct Trouble {
        /// There are only zeros, to the log's end.
        var isZero = false
        var hasUnwrittenSector = false
        var isFollowedByRecord = false
    }

    var isUndecided: Bool { !isForeign && trouble?.isFollowedByRecord != true }

    var end: LogEnd {
        if isForeign { return .whole }
        guard let trouble, !trouble.isZero else { return isInRecord ? .torn(at: wholeEnd) : .whole }
        return trouble.hasUnwrittenSector && !trouble.isFollowedByRecord ? .torn(at: wholeEnd) : .damaged(at: wholeEnd)
    }

    mutating func take(_ block: UnsafeRawBufferPointer) {
        defer { blockStart += Int64(block.count) }
        if trouble != nil { return goOn(block) }
        var place = 0
        while LogEnd.blockBytes - place >= Fragment.headerBytes, place < block.count {
            guard let fragment = Fragment(block, at: place), follows(fragment) else {
                return meet(block, at: place)
            }
            guard fragment.kind != .foreign else { return isForeign = true }
            place = fragment.end
            isInRecord = fragment.kind == .first || fragment.kind == .middle
            if !isInRecord { wholeEnd = blockStart + Int64(place) }
        }
    }

    private func follows(_ fragment: Fragment) -> Bool {
        switch fragment.kind {
        case .full, .first: !isInRecord
        case .middle, .last: isInRecord
        case .foreign: true
        }
    }

    /// There is no fragment at `place` where one has to be.
    private mutating func meet(_ block: UnsafeRawBufferPointer, at place: Int) {
        var found = Trouble()
        let end = Fragment.claimedEnd(block, at: place)
        let endsWithLog = block.count < LogEnd.blockBytes && end > block.count
        found.hasUnwrittenSector = endsWithLog || Self.hasZeroSector(block[place..<min(end, block.count)])
        found.isZero = Self.isZero(block[place...])
        trouble = found
        if !found.isZero { search(block, from: place) }
    }

    /// A block behind such a place.
    private mutating func goOn(_ block: UnsafeRawBufferPointer) {
        guard !Self.isZero(block[...]) else { return }
        trouble?.isZero = false
        search(block, from: 0)
    }

    private static func isZero(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        guard let first = bytes.first, let start = bytes.baseAddress else { return true }
        return first == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }

    /// Looks for the beginning of a record, at any place.
    private mutating func search(_ block: UnsafeRawBufferPointer, from start: Int) {
        for place in start..<max(start, block.count - Fragment.headerBytes + 1) {
            guard Fragment.mayBegin(block, at: place), let fragment = Fragment(block, at: place) else { continue }
            if fragment.kind == .full || fragment.kind == .first {
                trouble?.isFollowedByRecord = true
                return
            }
        }
    }

    /// Of the sectors that the bytes lie in, one has nothing but zeros there.
    private static func hasZeroSector(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = min((start / 512 + 1) * 512, bytes.endIndex)
            if bytes[start..<end].allSatisfy({ $0 == 0 }) { return true }
            start = end
        }
        return false
    }
}

/// A fragment with the right checksum.
private struct Fragment {
    enum Kind { case full, first, middle, last, foreign }
    static let headerBytes = 7

    let kind: Kind
    /// In the block.
    let end: Int

    init?(_ block: UnsafeRawBufferPointer, at place: Int) {
        guard place + Self.headerBytes <= block.count else { return nil }
        let stored = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let type = block[place + 6]
        end = Self.claimedEnd(block, at: place)
        guard type != 0, end <= block.count else { return nil }
        let sum = crc32c(UnsafeRawBufferPointer(rebasing: block[(place + 6)..<end]))
        guard stored == (sum >> 15 | sum << 17) &+ 0xA282_EAD8 else { return nil }
        switch type {
        case 1: kind = .full
        case 2: kind = .first
        case 3: kind = .middle
        case 4: kind = .last
        default: kind = .foreign
        }
    }

    /// Where it ends by its own length, which may be wrong.
    static func claimedEnd(_ block: UnsafeRawBufferPointer, at place: Int) -> Int {
        guard place + headerBytes <= block.count else { return place + headerBytes }
        return place + headerBytes + Int(block[place + 4]) + Int(block[place + 5]) << 8
    }

    /// A record may begin there: for this the checksum need not be known.
    static func mayBegin(_ block: UnsafeRawBufferPointer, at place: Int) -> Bool {
        (1...2).contains(block[place + 6]) && claimedEnd(block, at: place) <= block.count
    }
}
