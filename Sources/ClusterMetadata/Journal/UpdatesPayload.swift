internal import StoredFormats
internal import TabletModel

/// The payload of `updateReplicas` (`UpdateReplicasEntry` in proto/edit_log.proto), by far the most frequent entry, without the
/// message in between: the same bytes. Measured: a message with seven lists of one number takes more time than the rest of
/// the replay of its entry.
enum UpdatesPayload {
    private static let fieldCount = 7

    static func encode(_ updates: [ReplicaUpdate]) -> [UInt8] {
        guard !updates.isEmpty else { return [] }
        var payload: [UInt8] = []
        payload.reserveCapacity(32 + updates.count * 24)
        payload.appendPacked(1, updates) { $0.key.tabletID.rawValue }
        payload.appendPacked(2, updates) { $0.key.backendID.rawValue }
        payload.appendPacked(3, updates) { $0.versions.version.rawValue }
        payload.appendPacked(4, updates) { $0.versions.lastFailed.rawValue }
        payload.appendPacked(5, updates) { $0.versions.lastSuccess.rawValue }
        payload.appendPacked(6, updates) { $0.isBad ? 1 : 0 }
        if updates.contains(where: { $0.state != nil }) {
            payload.appendPacked(7, updates) { $0.state.map { Int64($0.rawValue) + 1 } ?? 0 }
        }
        return payload
    }

    /// nil for what this does not write: protobuf's own parser then reads it, or says what is wrong.
    static func decode(_ payload: UnsafeRawBufferPointer) -> [ReplicaUpdate]? {
        var reader = WireReader(payload)
        return withUnsafeTemporaryAllocation(of: WireReader.self, capacity: fieldCount) { columns in
            columns.initialize(repeating: WireReader(UnsafeRawBufferPointer(start: nil, count: 0)))
            var last = 0
            while let (field, value) = reader.next() {
                guard case .bytes(let column) = value, field > last, field <= fieldCount else { return nil }
                columns[field - 1] = WireReader(column)
                last = field
            }
            if reader.isBroken { return nil }
            let hasState = !columns[fieldCount - 1].isAtEnd
            var updates: [ReplicaUpdate] = []
            while !columns[0].isAtEnd {
                guard let tablet = columns[0].varint(), let backend = columns[1].varint(),
                    let version = columns[2].varint(),
                    let failed = columns[3].varint(), let success = columns[4].varint(), let bad = columns[5].varint(),
                    bad <= 1
                else { return nil }
                var state: Replica.State?
                if hasState {
                    guard let stored = columns[6].varint() else { return nil }
                    state = stored == 0 ? nil : UInt8(exactly: stored - 1).flatMap { Replica.State(rawValue: $0) }
                    guard stored == 0 || state != nil else { return nil }
                }
                updates.append(
                    ReplicaUpdate(
                        key: ReplicaKey(
                            tabletID: TabletID(Int64(bitPattern: tablet)),
                            backendID: BackendID(Int64(bitPattern: backend))),
                        versions: ReplicaVersions(
                            version: Version(Int64(bitPattern: version)),
                            lastFailed: Version(Int64(bitPattern: failed)),
                            lastSuccess: Version(Int64(bitPattern: success))),
                        isBad: bad == 1, state: state))
            }
            return columns.allSatisfy(\.isAtEnd) ? updates : nil
        }
    }
}

extension [UInt8] {
    /// A packed field of numbers.
    fileprivate mutating func appendPacked(
        _ field: UInt64, _ updates: [ReplicaUpdate], _ value: (ReplicaUpdate) -> Int64
    ) {
        var length = 0
        for update in updates { length += UInt64(bitPattern: value(update)).varintBytes }
        appendVarint(field << 3 | 2)
        appendVarint(UInt64(length))
        for update in updates { appendVarint(UInt64(bitPattern: value(update))) }
    }
}

extension UInt64 {
    /// What it takes as a varint.
    fileprivate var varintBytes: Int { (70 - (self | 1).leadingZeroBitCount) / 7 }
}
