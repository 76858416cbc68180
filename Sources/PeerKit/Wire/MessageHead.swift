/// The head of a message: CALL 1, REPLY 2, EXCEPTION 3, ONEWAY 4.
struct MessageHead: Equatable {
    enum Kind: UInt8 { case call = 1, reply, exception, oneway }
    var kind: Kind
    var name: String
    var sequence: Int32

    init(_ kind: Kind, _ name: String, _ sequence: Int32) {
        self.kind = kind
        self.name = name
        self.sequence = sequence
    }

    /// Strict, or of the old form without a version.
    init(from reader: inout StrictReader) throws {
        let first = try reader.integer(4)
        if first < 0 {
            guard UInt32(truncatingIfNeeded: first) & 0xFFFF_0000 == 0x8001_0000,
                let kind = Kind(rawValue: UInt8(truncatingIfNeeded: first))
            else { throw WireEnd(description: "bad message head \(first)") }
            self.kind = kind
            name = try reader.text()
        } else {
            guard first < 1024 else { throw WireEnd(description: "bad message head \(first)") }
            name = try reader.text(length: Int(first))
            guard let kind = Kind(rawValue: try reader.byte()) else { throw WireEnd(description: "bad message type") }
            self.kind = kind
        }
        sequence = Int32(truncatingIfNeeded: try reader.integer(4))
    }

    func write(to writer: inout StrictWriter) {
        writer.integer(Int64(Int32(bitPattern: 0x8001_0000 | UInt32(kind.rawValue))), 4)
        writer.text(name)
        writer.integer(Int64(sequence), 4)
    }
}
