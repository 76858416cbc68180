import SQLSessions
import ServerFixtures
import Testing

@testable import MySQLProtocol

@Suite struct PacketTests {
    private func take(
        _ assembler: inout PacketAssembler, _ bytes: [UInt8], pieces size: Int = .max
    ) throws -> [[UInt8]] {
        var messages: [[UInt8]] = []
        try bytes.withUnsafeBytes { raw in
            var from = 0
            while from < raw.count {
                let count = min(size, raw.count - from)
                var input = UnsafeRawBufferPointer(rebasing: raw[from..<from + count])
                while let message = try assembler.take(&input) {
                    messages.append(message)
                    assembler.sequence = 0
                }
                from += count
            }
        }
        return messages
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 1000])
    func messagesAreTheSameHoweverTheyArrive(size: Int) throws {
        let payloads: [[UInt8]] = [[1], [], Array(repeating: 2, count: 300), [3, 4]]
        var assembler = PacketAssembler(limit: 1000)
        #expect(try take(&assembler, payloads.flatMap { MySQLClientBytes.message($0) }, pieces: size) == payloads)
        #expect(!assembler.isWithin && assembler.held == 0)
    }

    /// Of these lengths the protocol's pieces are: one, one and an empty one, two, and so on.
    @Test(arguments: [0xFF_FFFE, 0xFF_FFFF, 0x100_0000, 2 * 0xFF_FFFF])
    func longMessagesComeInPiecesBothWays(count: Int) throws {
        var payload = [UInt8](repeating: 7, count: count)
        for i in stride(from: 0, to: count, by: 99_991) { payload[i] = UInt8(truncatingIfNeeded: i) }
        let wire = MySQLClientBytes.message(payload)
        var assembler = PacketAssembler(limit: count)
        let messages = try take(&assembler, wire, pieces: 1 << 20)
        #expect(messages.count == 1 && messages.first == payload)

        var writer = PacketWriter()
        writer.message { $0.raw(payload) }
        #expect(writer.bytes == wire)
        #expect(writer.sequence == UInt8(count / 0xFF_FFFF + 1))

        // The row's value has nine or four bytes of length before it.
        var rows = SQLRowWriter()
        payload.withUnsafeBytes { rows.value($0) }
        rows.endRow()
        var rowWriter = PacketWriter()
        rowWriter.rows(rows)
        #expect(rowWriter.bytes == MySQLClientBytes.message(rows.bytes))
    }

    @Test func aMessageHasALimitThatCountsAllItsPieces() throws {
        var assembler = PacketAssembler(limit: 100)
        #expect(try take(&assembler, MySQLClientBytes.message([UInt8](repeating: 1, count: 100))).count == 1)
        #expect(throws: SQLError.longMessage(limit: 100)) {
            try take(&assembler, MySQLClientBytes.message([UInt8](repeating: 1, count: 101)))
        }
        var long = PacketAssembler(limit: 0xFF_FFFF + 10)
        let message = MySQLClientBytes.message([UInt8](repeating: 1, count: 0xFF_FFFF + 11))
        #expect(throws: SQLError.self) { try take(&long, message) }
    }

    @Test func aLengthThatIsClaimedTakesNoMemory() throws {
        var assembler = PacketAssembler(limit: 1 << 30)
        #expect(try take(&assembler, [0xff, 0xff, 0xff, 0, 1, 2, 3]).isEmpty)
        #expect(assembler.held == 3 && assembler.isWithin)
    }

    @Test func aWrongNumberIsAnErrorInEveryPiece() {
        var assembler = PacketAssembler(limit: 1 << 30)
        #expect(throws: SQLError.outOfOrder) { try take(&assembler, [1, 0, 0, 1, 9]) }
        var second = PacketAssembler(limit: 1 << 30)
        let pieces = bytes("ffffff00") + [UInt8](repeating: 0, count: 0xFF_FFFF) + bytes("00000003")
        #expect(throws: SQLError.outOfOrder) { try take(&second, pieces) }
    }

    @Test func numbersGoRoundAfter255() throws {
        var writer = PacketWriter(sequence: 254)
        var rows = SQLRowWriter()
        for i in 0..<4 { rows.row(["\(i)"]) }
        writer.rows(rows)
        let numbers = stride(from: 3, to: writer.bytes.count, by: 6).map { writer.bytes[$0] }
        #expect(numbers == [254, 255, 0, 1])
    }

    @Test func anEmptyRowIsAPacketToo() {
        var rows = SQLRowWriter()
        rows.endRow()
        rows.row([nil, ""])
        var writer = PacketWriter(sequence: 3)
        writer.rows(rows)
        #expect(writer.bytes == [0, 0, 0, 3, 2, 0, 0, 4, 0xfb, 0])
    }

    @Test(arguments: [
        (0, "00"), (250, "fa"), (251, "fcfb00"), (65_535, "fcffff"), (65_536, "fd000001"), (0xFF_FFFF, "fdffffff"),
        (0x100_0000, "fe0000000100000000"), (UInt64.max, "feffffffffffffffff"),
    ])
    func lengthsHaveFourForms(value: UInt64, wire: String) {
        var writer = PacketWriter()
        writer.length(value)
        #expect(writer.bytes == bytes(wire))
        var reader = PayloadReader(bytes(wire))
        #expect(reader.length() == value && reader.isAtEnd)
        for count in 0..<writer.bytes.count {
            var short = PayloadReader(Array(writer.bytes.prefix(count)))
            #expect(short.length() == nil)
        }
    }

    @Test func lengthsThatLieGiveNothing() {
        var huge = PayloadReader(bytes("feffffffffffffffff0102"))
        #expect(huge.lengthAndBytes() == nil)
        var null = PayloadReader([0xfb, 1])
        #expect(null.lengthAndBytes() == nil)
        var short = PayloadReader([5, 1, 2])
        #expect(short.shortBytes() == nil)
    }
}
