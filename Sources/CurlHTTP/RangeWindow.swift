/// Cuts the wanted bytes out of an answer, whether the server honoured the range or sent the whole thing.
struct RangeWindow {
    let wanted: Range<Int64>
    /// Offset in the resource of the next byte that arrives.
    private var position: Int64 = 0
    private(set) var deliveredBytes: Int64 = 0

    init(_ wanted: Range<Int64>) { self.wanted = wanted }

    /// Takes in the head of the answer; false when the server answered with a range that can't hold the window.
    /// `Content-Range` decides, not the status: `rclone serve s3` sends the range alone, and calls it 200.
    mutating func begin(status: Int, contentRange: String?) -> Bool {
        deliveredBytes = 0
        guard let contentRange else {
            position = status == 206 ? wanted.lowerBound : 0
            return true
        }
        guard let first = RangeWindow.firstByte(of: contentRange), first <= wanted.lowerBound else { return false }
        position = first
        return true
    }

    /// The part of a piece that lies in the window. Does not move on: the piece may come again after a pause.
    func clip(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = max(wanted.lowerBound, position)
        let end = min(wanted.upperBound, position + Int64(bytes.count))
        guard start < end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[Int(start - position)..<Int(end - position)])
    }

    /// The piece was delivered.
    mutating func advance(_ bytes: UnsafeRawBufferPointer) {
        deliveredBytes += Int64(clip(bytes).count)
        position += Int64(bytes.count)
    }

    var isComplete: Bool { deliveredBytes == Int64(wanted.count) }

    /// `bytes 5-9/100` → 5
    static func firstByte(of contentRange: String) -> Int64? {
        guard contentRange.hasPrefix("bytes ") else { return nil }
        return Int64(contentRange.dropFirst(6).prefix { $0 != "-" })
    }
}
