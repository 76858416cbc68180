public import HTTPAPI
internal import StoredFormats
internal import SwiftProtobuf

extension MetadataFolder {
    /// Where the bytes are: of the newest image by section and by kind of object, of the journal by operation. Memory: one
    /// section.
    public func stats(_ progress: InspectionProgress = .none) throws -> MetadataStatsView {
        try MetadataStatsView(images: images, journal: journal, progress)
    }
}

extension MetadataStore {
    /// As `MetadataFolder.stats`: reads the newest image and the journal.
    public func stats() throws -> MetadataStatsView { try MetadataStatsView(images: images, journal: journal, .none) }
}

extension MetadataStatsView {
    init(images: ImageStore, journal: any Journal, _ progress: InspectionProgress) throws {
        var image = ImageWeights()
        let newest = try images.logIDs().first
        if let newest { try image.weigh(images.path(newest), images, progress) }
        let entries = try Self.operations(journal, progress)
        self.init(
            imageLogID: newest ?? 0, imageBytes: image.fileBytes, sections: image.sections.shares,
            objects: image.objects.shares, journalEntries: entries.reduce(0) { $0 + $1.count },
            journalBytes: entries.reduce(0) { $0 + $1.bytes },
            operations: entries.sorted { ($0.bytes, $1.kind) > ($1.bytes, $0.kind) })
    }

    private static func operations(_ journal: any Journal, _ progress: InspectionProgress) throws -> [Share] {
        var weights = Weights()
        let (first, last) = (try journal.firstLogID, try journal.lastLogID)
        try journal.records(from: 0) { row in
            weights.add(row.operation.map(\.description) ?? "unknown", row.bytes)
            progress.step("weighing the journal", row.logID - first, last - first + 1)
            return true
        }
        return weights.shares
    }
}

/// Counts and bytes by kind, in the order in which the kinds came.
private struct Weights {
    private(set) var shares: [MetadataStatsView.Share] = []

    mutating func add(_ kind: String, _ bytes: Int, count: Int = 1) {
        guard let place = shares.firstIndex(where: { $0.kind == kind }) else {
            shares.append(.init(kind: kind, count: Int64(count), bytes: Int64(bytes)))
            return
        }
        shares[place].count += Int64(count)
        shares[place].bytes += Int64(bytes)
    }

    mutating func add(_ kind: String, _ messages: [some Message]) throws {
        guard !messages.isEmpty else { return }
        add(kind, try messages.reduce(0) { try $0 + ($1.serializedBytes() as [UInt8]).count }, count: messages.count)
    }
}

private struct ImageWeights {
    var sections = Weights()
    var objects = Weights()
    var fileBytes: Int64 = 0

    mutating func weigh(_ path: String, _ images: ImageStore, _ progress: InspectionProgress) throws {
        var file = try ImageSections(path, from: images.files)
        fileBytes = file.sizeBytes
        while let (section, payload) = try file.next() {
            let frame = ImageFormat.sectionHeadBytes + payload.count + ImageFormat.checksumBytes
            sections.add("\(section)", frame)
            try take(section, payload)
            progress.step("weighing the image", file.sectionStart & ~1023, fileBytes)
        }
        let end = fileBytes - file.sectionStart
        sections.add("end", Int(end))
    }

    private mutating func take(_ section: ImageFormat.Section, _ payload: [UInt8]) throws {
        switch section {
        case .header, .end: break
        case .catalog:
            let catalog = try EditLogImageCatalog(serializedBytes: payload)
            try objects.add("backends", catalog.backends)
            try objects.add("databases", catalog.databases)
            try objects.add("resources", catalog.resources)
            try objects.add("policies", catalog.policies)
            try objects.add("lives", catalog.lives)
            try objects.add("users", catalog.users)
            try objects.add("frontends", catalog.frontends)
            try objects.add("ended alters", catalog.endedAlters)
            try objects.add("backup jobs", catalog.backupJobs)
            if catalog.hasOlder { try objects.add("older metadata", [catalog.older]) }
        case .tables:
            let tables = try EditLogImageTables(serializedBytes: payload).tables
            try objects.add("tables", tables)
            try objects.add("partitions (within tables)", tables.flatMap(\.partitions))
        case .transactions:
            try objects.add("transactions", try EditLogImageTransactions(serializedBytes: payload).transactions)
        case .tablets:
            let all = try EditLogImageTablets(serializedBytes: payload)
            var tablets = all
            tablets.replicaID = []
            tablets.replicaBackendID = []
            tablets.replicaVersion = []
            tablets.replicaLastFailedVersion = []
            tablets.replicaLastSuccessVersion = []
            tablets.replicaFlags = []
            let bytes = (try tablets.serializedBytes() as [UInt8]).count
            objects.add("tablets", bytes, count: all.tabletID.count)
            objects.add("replicas", payload.count - bytes, count: all.replicaID.count)
        }
    }
}
