import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

/// The quick readers of records say what the decoders say, or nothing.
@Suite struct PlainRecordTests {
    private let random = SeededRandom(seed: 3)

    private func rowset(_ step: UInt64) -> RowsetMeta {
        let start = Int64(random.next(below: 1 << (step % 40)))
        let segments = (0..<random.next(below: 3)).map { _ in
            SegmentMeta(
                sizeBytes: Int64(random.next(below: 1 << 30)), rowCount: Int64(random.next(below: 1 << 20)),
                crc32c: UInt32(truncatingIfNeeded: random.next()))
        }
        var meta = RowsetMeta(
            id: random.rowsetID(), tabletID: TabletID(Int64(random.next(below: 1 << 50))),
            schemaHash: SchemaHash(Int32(truncatingIfNeeded: random.next())),
            partitionID: PartitionID(Int64(random.next(below: 1 << 20))),
            transactionID: TransactionID(Int64(random.next(below: 1 << 45))),
            versions: VersionRange(Version(start), Version(start + Int64(random.next(below: 5)))),
            rowCount: Int64(random.next(below: 1 << 30)), sizeBytes: Int64(random.next(below: 1 << 40)),
            segments: segments, createdAt: UnixTime(milliseconds: -5), oldestWrite: UnixTime(milliseconds: 0),
            newestWrite: UnixTime(milliseconds: Int64(random.next(below: 1 << 42))))
        if step % 7 == 0 { meta.mergedTransactions = [5, 0, 1_000_000_000_000] }
        return meta
    }

    @Test func plainRowsetsAreRead() throws {
        for step in 0..<2000 {
            let meta = rowset(UInt64(step))
            let read = try RowsetRecord.encode(meta).withUnsafeBytes { PlainRowset(record: $0) }
            let plain = try #require(read)
            #expect(plain.tabletID == meta.tabletID && plain.versions == meta.versions)
            #expect(plain.rowCount == meta.rowCount && plain.sizeBytes == meta.sizeBytes)
            #expect(plain.hasSegments == !meta.segments.isEmpty)
        }
    }

    /// They are written in the order of their numbers, and read fastest so; a peer may have another.
    @Test func theOrderOfFieldsIsOfNoWeight() throws {
        for step in 0..<200 {
            let record = try RowsetRecord.encode(rowset(UInt64(step)))
            let inOrder = record.withUnsafeBytes { PlainRowset(record: $0) }
            let fields = fields(of: Array(record.dropLast(6)))
            #expect(inOrder != nil && fields.count > 15)
            for start in fields.indices {
                let turned = Array(fields[start...] + fields[..<start])
                for mixed in [turned, Array(turned.reversed())] {
                    let read = sealed(Array(mixed.joined())).withUnsafeBytes { PlainRowset(record: $0) }
                    #expect(read == inOrder)
                }
            }
        }
    }

    @Test func numbersOfEveryLengthAreReadAlikeInBothWays() {
        func varint(_ number: UInt64) -> [UInt8] {
            number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F) | 0x80] + varint(number >> 7)
        }
        func check(_ field: Int, _ number: [UInt8], behind: Int) {
            let bytes = varint(UInt64(field) << 3) + number + [UInt8](repeating: 0x81, count: behind)
            bytes.withUnsafeBytes { bytes in
                var (quick, plain) = (WireReader(bytes), WireReader(bytes))
                #expect(quick.number(field + 1) == nil && quick.shortBytes(field) == nil)
                let found = quick.number(field)
                guard case .number(let expected)? = plain.next()?.value else { return #expect(found == nil) }
                // Near the end it has nothing to say.
                if let found { #expect(found == expected) } else { #expect(number.count + behind < 10) }
                let (next, following) = ((found == nil ? quick.next() : nil)?.value, quick.varint())
                if found == nil, case .number(let number)? = next { #expect(number == expected) }
                #expect(following == plain.varint())
            }
        }
        for field in [1, 15, 16, 1004, 2046] {
            for bit in 0..<64 {
                for number in [1 << bit, (1 << bit) &- 1, ~(1 << bit), random.next() >> UInt64(bit)] as [UInt64] {
                    for behind in [0, 1, 7, 12] { check(field, varint(number), behind: behind) }
                }
            }
            // One byte too many, a tenth with a bit too many, and a number without an end.
            for last in [[0x80, 0x01], [0x02], []] as [[UInt8]] {
                for behind in [0, 12] { check(field, [UInt8](repeating: 0xFF, count: 9) + last, behind: behind) }
            }
        }
    }

    /// The message's fields, each with its tag.
    private func fields(of message: [UInt8]) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var rest = message[...]
        func varint() -> (bytes: [UInt8], value: Int) {
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                bytes.append(byte)
                if byte < 0x80 { break }
            }
            return (bytes, bytes.prefix(2).enumerated().reduce(0) { $0 | Int($1.element & 0x7F) << (7 * $1.offset) })
        }
        while !rest.isEmpty {
            let tag = varint()
            let number = varint()
            var field = tag.bytes + number.bytes
            if tag.value & 7 == 2 {
                field += rest.prefix(number.value)
                rest.removeFirst(number.value)
            }
            fields.append(field)
        }
        return fields
    }

    /// Eight digits of an id are looked at together: none is taken for another, at any place.
    @Test func anIdHasHexadecimalDigitsOnly() throws {
        let meta = rowset(1)
        let body = Array(try RowsetRecord.encode(meta).dropLast(6))
        let text = Array(meta.id.description.utf8)
        let start = try #require(body.indices.first { body[$0...].starts(with: text) })
        for place in [0, 7, 8, 20, 47] {
            for byte in UInt8.min...UInt8.max {
                var changed = body
                changed[start + place] = byte
                let isRead = sealed(changed).withUnsafeBytes { PlainRowset(record: $0) != nil }
                #expect(isRead == "0123456789abcdef".utf8.contains(byte), "byte \(byte) at \(place)")
            }
        }
    }

    @Test func whatIsNotPlainIsLeftToTheDecoder() throws {
        var cold = rowset(1)
        cold.location = .remote(resource: "17")
        var merged = RecordTests.rowset(random, remote: false, start: 0)
        (merged.droppedRows, merged.lastDelete) = (5, 2)
        for meta in [cold, merged] {
            let bytes = try RowsetRecord.encode(meta)
            #expect(bytes.withUnsafeBytes { PlainRowset(record: $0) } == nil)
        }
    }

    private func header(_ edit: (inout TabletHeader) -> Void = { _ in }) -> TabletHeader {
        var header = RecordTests.header(random)
        (header.storagePolicy, header.cooldownMetaID) = ("", nil)
        (header.cooldownReplicaID, header.cooldownTerm) = (-1, -1)
        edit(&header)
        return header
    }

    @Test func plainHeadersAreRead() throws {
        let header = header()
        let bytes = try TabletHeaderRecord.encode(header)
        try bytes.withUnsafeBytes { record in
            let plain = try #require(PlainTabletHeader(record: record))
            #expect(plain.tabletID == header.tabletID && plain.replicaID == header.replicaID)
            #expect(plain.tableID == header.tableID && plain.partitionID == header.partitionID)
            #expect(plain.schemaHash == header.schemaHash && plain.uid == header.uid)
            #expect(plain.shardID == header.shardID && plain.createdAt == header.createdAt)
            #expect(plain.cumulativePoint == header.cumulativePoint && plain.isInMemory == header.isInMemory)
            let other = try TabletHeaderRecord.encode(self.header { $0.tabletID = 9 })
            try other.withUnsafeBytes {
                let second = try #require(PlainTabletHeader(record: $0))
                #expect(second.schema.elementsEqual(plain.schema), "equal schemas are equal bytes")
            }
        }
    }

    @Test func headersThatSayMoreAreLeftToTheDecoder() throws {
        let edits: [(inout TabletHeader) -> Void] = [
            { $0.storagePolicy = "cold" }, { $0.cooldownTerm = 3 }, { $0.cooldownReplicaID = 7 },
            { $0.cooldownMetaID = UniqueID(high: 1, low: 2) }, { $0.state = .shutdown }, { $0.state = .notReady },
            { $0.inRestoreMode = true }, { $0.alterBaseID = 5 },
            { $0.options.disableAutoCompaction = true },
            { $0.move = TabletMove(id: UniqueID(high: 1, low: 2), stage: .arriving, peer: "/d2") },
        ]
        for edit in edits {
            let bytes = try TabletHeaderRecord.encode(header(edit))
            #expect(bytes.withUnsafeBytes { PlainTabletHeader(record: $0) } == nil)
        }
    }

    /// Bytes of a bad disk, with a checksum that is wrong, and of a bad writer, with one that is right: nothing traps, and what is
    /// read is what the decoder reads.
    @Test func damagedRecordsAreNeverReadOtherwise() throws {
        let rowsetRecord = try RowsetRecord.encode(rowset(8))
        let headerRecord = try TabletHeaderRecord.encode(header())
        var read = 0
        for record in [rowsetRecord, headerRecord] {
            for cut in record.indices {
                let bytes = Array(record[..<cut])
                #expect(bytes.withUnsafeBytes { PlainRowset(record: $0) } == nil)
                #expect(bytes.withUnsafeBytes { PlainTabletHeader(record: $0) == nil })
            }
        }
        for _ in 0..<20_000 {
            let bytes = sealed(changed(Array(rowsetRecord.dropLast(6))))
            guard let plain = bytes.withUnsafeBytes({ PlainRowset(record: $0) }) else { continue }
            read += 1
            let meta = try bytes.withUnsafeBytes { try RowsetRecord.decode($0) }
            #expect(plain.tabletID == meta.tabletID && plain.versions == meta.versions && !meta.isRemote)
            #expect(plain.rowCount == meta.rowCount && plain.sizeBytes == meta.sizeBytes)
            #expect(meta.deletePredicate == nil && plain.hasSegments == !meta.segments.isEmpty)
        }
        for _ in 0..<20_000 {
            let bytes = sealed(changed(Array(headerRecord.dropLast(6))))
            bytes.withUnsafeBytes { record in
                guard let plain = PlainTabletHeader(record: record) else { return }
                read += 1
                // What is wrong with a schema shows where it is made.
                guard let header = try? TabletHeaderRecord.decode(record) else { return }
                #expect(plain.tabletID == header.tabletID && plain.uid == header.uid && header.state == .running)
                #expect(header.storagePolicy == "" && header.move == nil && header.options == TabletOptions())
                #expect(plain.cumulativePoint == header.cumulativePoint && plain.shardID == header.shardID)
            }
        }
        #expect(read > 1000)
    }

    private func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.next(below: 2) {
            let place = Int(random.next(below: UInt64(bytes.count)))
            switch random.next(below: 4) {
            case 0: bytes[place] = UInt8(random.next(below: 256))
            case 1: bytes[place] ^= 1 << UInt8(random.next(below: 8))
            case 2: bytes.insert(UInt8(random.next(below: 256)), at: place)
            default: bytes.remove(at: place)
            }
        }
        return bytes
    }

    private func sealed(_ body: [UInt8]) -> [UInt8] {
        var bytes = body + [0xFD, 0x7F]
        withUnsafeBytes(of: crc32c(body).littleEndian) { bytes += Array($0) }
        return bytes
    }
}
