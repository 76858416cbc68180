internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

/// Turns a snapshot of the state into the sections of an image, one at a time: what it needs on top of the snapshot is one
/// section, and of the snapshot it lets go of each chunk that was written: changes made meanwhile copy only what still waits. Equal states give equal bytes, whatever the order in which they came about.
struct ImageWriter {
    /// Rows in one section.
    static let tabletsPerSection = 1024
    static let recordsPerSection = 64

    private var state: ClusterState
    let logID: Int64
    let clusterID: Int32
    private var digest = ImageDigest()

    init(state: ClusterState, logID: Int64, clusterID: Int32) {
        self.state = state
        self.logID = logID
        self.clusterID = clusterID
    }

    /// Hands out the file's bytes in order. - Returns: what they hold.
    consuming func write(_ out: ([UInt8]) throws -> Void) throws -> ImageDigest {
        try out(ImageFormat.fileHead)
        let digest = try writeSections { try out(ImageFormat.frame($0, $1)) }
        try out(ImageFormat.frame(.end, digest.bytes))
        return digest
    }

    /// Hands out the sections before the end one by one. - Returns: what they hold.
    consuming func writeSections(_ out: Output) throws -> ImageDigest {
        try writeHeader(out)
        try writeCatalog(out)
        try writeTables(out)
        try writeTransactions(out)
        try writeTablets(out)
        return digest
    }

    typealias Output = (_ section: ImageFormat.Section, _ payload: [UInt8]) throws -> Void

    private mutating func put(_ section: ImageFormat.Section, _ message: some Message, _ out: Output) throws {
        try put(section, try message.serializedBytes() as [UInt8], out)
    }

    private mutating func put(_ section: ImageFormat.Section, _ payload: [UInt8], _ out: Output) throws {
        digest.add(section, payload)
        try out(section, payload)
    }

    private mutating func writeHeader(_ out: Output) throws {
        var header = EditLogImageHeader()
        header.logID = logID
        header.epoch = state.epoch
        header.idBatchEnd = state.idBatchEnd
        header.clusterID = clusterID
        header.tabletCount = Int64(state.tablets.count)
        header.replicaCount = Int64(state.tablets.replicaCount)
        try put(.header, header, out)
    }

    private mutating func writeCatalog(_ out: Output) throws {
        var catalog = EditLogImageCatalog()
        catalog.backends = state.backends.map(\.record)
        catalog.databases = state.databases.map(\.record)
        catalog.resources = state.resources.map(\.record)
        catalog.policies = state.policies.map(\.record)
        catalog.droppedResourceID = state.droppedResources
        catalog.lives = state.lives.map(\.record)
        catalog.put(state.frontends)
        catalog.users = state.usersByName.values.sorted { $0.name < $1.name }.map(\.record)
        if state.older != OlderMetadata() { catalog.older = state.older.record }
        catalog.endedAlters = state.endedAlters.map(\.record)
        catalog.backupJobs = state.backupJobs.map(\.record)
        try put(.catalog, catalog, out)
    }

    private mutating func writeTables(_ out: Output) throws {
        let tables = state.tables
        for first in stride(from: 0, to: tables.count, by: Self.recordsPerSection) {
            var section = EditLogImageTables()
            section.tables = tables[first..<min(first + Self.recordsPerSection, tables.count)].map(\.record)
            try put(.tables, section, out)
        }
    }

    private mutating func writeTransactions(_ out: Output) throws {
        let transactions = state.transactions
        for first in stride(from: 0, to: transactions.count, by: Self.recordsPerSection) {
            var section = EditLogImageTransactions()
            section.transactions =
                transactions[first..<min(first + Self.recordsPerSection, transactions.count)].map(\.record)
            try put(.transactions, section, out)
        }
    }

    private mutating func writeTablets(_ out: Output) throws {
        var section = TabletSection()
        var chunks = state.tablets.chunks.map { Optional($0) }
        state.tablets = TabletIndex()
        for place in chunks.indices {
            guard let chunk = chunks[place] else { continue }
            chunks[place] = nil
            var row = 0
            while row < chunk.tabletCount {
                let end = min(chunk.tabletCount, row + Self.tabletsPerSection - section.tablets)
                section.append(row..<end, of: chunk)
                row = end
                if section.tablets == Self.tabletsPerSection { try put(.tablets, section.take(), out) }
            }
        }
        if section.tablets > 0 { try put(.tablets, section.take(), out) }
    }
}
