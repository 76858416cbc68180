/// The few layouts that occur in one report (with and without a storage policy, say), the one that matched last first.
struct RowTemplates: ~Copyable {
    private static let limit = 4
    /// So often a layout is learned in one report. One whose rows all differ is read field by field from then on.
    private static let lessonLimit = 64

    private let templates: UnsafeMutablePointer<RowTemplate>
    private let storage: UnsafeMutablePointer<UInt64>
    private var last = 0
    private var lessons = 0
    private let hasKey: Bool

    /// - Parameter hasKey: the entries are those of a map.
    init(hasKey: Bool) {
        self.hasKey = hasKey
        storage = .allocate(capacity: Self.limit * RowTemplate.storageWords)
        storage.initialize(repeating: 0, count: Self.limit * RowTemplate.storageWords)
        templates = .allocate(capacity: Self.limit)
        for place in 0..<Self.limit {
            (templates + place).initialize(to: RowTemplate(storage: storage + place * RowTemplate.storageWords))
        }
    }

    deinit {
        templates.deinitialize(count: Self.limit)
        templates.deallocate()
        storage.deallocate()
    }

    /// The template that the entry matches, its map key equal to its tablet id; nil: read it field by field.
    @inline(__always)
    mutating func match(_ entry: UnsafeRawPointer, available: Int) -> UnsafePointer<RowTemplate>? {
        let template = templates + last
        let found =
            template.pointee.matches(entry, available: available) ? template : matchOther(entry, available: available)
        guard let found else { return nil }
        if hasKey {
            let key = Int64(bigEndian: entry.loadUnaligned(as: Int64.self))
            guard key == found.pointee.i64(entry, 1) else { return nil }
        }
        return UnsafePointer(found)
    }

    @inline(never)
    private mutating func matchOther(
        _ entry: UnsafeRawPointer, available: Int
    ) -> UnsafeMutablePointer<RowTemplate>? {
        for place in 0..<Self.limit where place != last {
            guard templates[place].matches(entry, available: available) else { continue }
            last = place
            return templates + place
        }
        return nil
    }

    /// Takes over the layout of an entry that none matched and that was read without an error.
    mutating func learn(_ entry: UnsafeRawBufferPointer) {
        guard lessons < Self.lessonLimit else { return }
        let place = lessons % Self.limit
        lessons += 1
        if templates[place].learn(entry, hasKey: hasKey) { last = place }
    }
}
