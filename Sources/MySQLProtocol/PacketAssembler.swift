internal import SQLSessions

/// Puts messages together from the packets that a client sends: a message is one packet, or several of 2²⁴−1 bytes and a shorter
/// one. Memory follows what has come, never a length that is only claimed.
struct PacketAssembler: Sendable {
    /// Longest payload of one packet.
    static let longest = 0xFF_FFFF

    /// Of a whole message.
    var limit: Int
    /// The number that the next packet must have.
    var sequence: UInt8 = 0

    private var header: UInt32 = 0
    private var headerBytes = 0
    /// What the packet that has begun still lacks.
    private var missing = 0
    private var isLast = true
    private var message: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Bytes of a message that is not whole yet.
    var held: Int { message.count }
    /// A message has begun.
    var isWithin: Bool { headerBytes > 0 || missing > 0 || !message.isEmpty || !isLast }

    /// Takes bytes from the front until a message is whole; then no byte behind it is touched.
    /// - Throws: out of order, too large. The connection can't go on.
    mutating func take(_ input: inout UnsafeRawBufferPointer) throws(SQLError) -> [UInt8]? {
        while true {
            if missing == 0 {
                guard try takeHeader(&input) else { return nil }
            }
            let count = min(missing, input.count)
            message.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: input[..<count]).assumingMemoryBound(to: UInt8.self))
            input = UnsafeRawBufferPointer(rebasing: input[count...])
            missing -= count
            guard missing == 0 else { return nil }
            headerBytes = 0
            guard isLast else { continue }
            defer { message = [] }
            return message
        }
    }

    /// - Returns: false when bytes of it are still to come.
    private mutating func takeHeader(_ input: inout UnsafeRawBufferPointer) throws(SQLError) -> Bool {
        while headerBytes < 4 {
            guard let byte = input.first else { return false }
            header = header >> 8 | UInt32(byte) << 24
            headerBytes += 1
            input = UnsafeRawBufferPointer(rebasing: input[1...])
        }
        let length = Int(header & 0xFF_FFFF)
        guard UInt8(header >> 24) == sequence else { throw .outOfOrder }
        sequence &+= 1
        guard message.count + length <= limit else { throw .longMessage(limit: limit) }
        missing = length
        isLast = length < Self.longest
        return true
    }
}
