public import SQLSessions

/// Writes packets, back to back.
public struct PacketWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// The number of the next packet.
    public private(set) var sequence: UInt8
    /// Where the packet that is being written began.
    private var start = 0

    public init(sequence: UInt8 = 0) { self.sequence = sequence }

    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    // MARK: What a payload is made of

    mutating func byte(_ value: UInt8) { bytes.append(value) }
    mutating func integer(_ value: some FixedWidthInteger, _ count: Int) {
        for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
    mutating func raw(_ content: some Sequence<UInt8>) { bytes.append(contentsOf: content) }
    mutating func zeros(_ count: Int) { for _ in 0..<count { bytes.append(0) } }
    mutating func textAndNUL(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }
    /// A number in one, three, four or nine bytes.
    mutating func length(_ count: UInt64) {
        switch count {
        case ..<251: byte(UInt8(count))
        case ..<(1 << 16):
            byte(0xfc)
            integer(count, 2)
        case ..<(1 << 24):
            byte(0xfd)
            integer(count, 3)
        default:
            byte(0xfe)
            integer(count, 8)
        }
    }
    mutating func lengthAndText(_ text: String) {
        length(UInt64(text.utf8.count))
        raw(text.utf8)
    }

    // MARK: Packets

    /// A message of what `fill` writes.
    mutating func message(_ fill: (inout Self) -> Void) {
        start = bytes.count
        zeros(4)
        fill(&self)
        let count = bytes.count - start - 4
        if count < PacketAssembler.longest {
            header(at: start, count)
        } else {
            let payload = Array(bytes[(start + 4)...])
            bytes.removeSubrange(start...)
            payload.withUnsafeBufferPointer { whole($0) }
        }
    }

    /// A message a row. The rows' bytes are copied once.
    public mutating func rows(_ rows: SQLRowWriter) {
        // The headers, and those of pieces: no row has more pieces than its bytes say.
        bytes.reserveCapacity(
            bytes.count + rows.bytes.count + 4 * rows.ends.count + 4 * (rows.bytes.count / PacketAssembler.longest))
        rows.bytes.withUnsafeBufferPointer { content in
            var from = 0
            for end in rows.ends {
                whole(UnsafeBufferPointer(rebasing: content[from..<end]))
                from = end
            }
        }
    }

    /// One packet, or pieces of 2²⁴−1 bytes and a shorter one, empty if it must be.
    private mutating func whole(_ payload: UnsafeBufferPointer<UInt8>) {
        var from = 0
        while true {
            let count = min(PacketAssembler.longest, payload.count - from)
            let head = UInt32(count) | UInt32(sequence) << 24
            withUnsafeBytes(of: head.littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: payload[from..<from + count]))
            sequence &+= 1
            from += count
            if count < PacketAssembler.longest { return }
        }
    }

    private mutating func header(at place: Int, _ count: Int) {
        for i in 0..<3 { bytes[place + i] = UInt8(truncatingIfNeeded: count >> (8 * i)) }
        bytes[place + 3] = sequence
        sequence &+= 1
    }
}
