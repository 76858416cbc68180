internal import ClusterMetadata
internal import ClusterTestKit
internal import ElectionTestKit
internal import Logging
internal import Platform

/// Replays the log that FEs share, from its beginning: what an FE has at a log id must be what the log gives up to there, to the
/// byte of an image.
final class LogWitness {
    private let log: SimulatedLog
    private let store: MetadataStore
    private var images: [Int64: [UInt8]] = [:]

    init(_ log: SimulatedLog, of cluster: ClusterIdentity, scheduler: ManualScheduler) throws {
        self.log = log
        let machine = MemoryMachine()
        store = try MetadataStore.open(
            folder: "/witness", files: machine.fileSystem,
            journal: KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/witness-log")),
            nodeName: "witness", clusterID: cluster.clusterID, random: SeededRandom(seed: 1), time: scheduler,
            gates: DispatchGates(), standing: .follows,
            logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() })
    }

    /// What is wrong with an FE's metadata; nil: nothing, or it is at a place that the witness has passed.
    func wrong(with other: MetadataStore, of name: String) throws -> String? {
        let logID = other.lastLogID
        guard logID <= Int64(log.entries.count) else {
            return "\(name) is at entry \(logID) of a log that ends at \(log.entries.count)"
        }
        guard let expected = try image(at: logID) else { return nil }
        let found = try Self.image(of: other)
        guard found != expected else { return nil }
        return "\(name) is not what the log gives up to \(logID): \(try Self.differences(expected, found))"
    }

    private func image(at logID: Int64) throws -> [UInt8]? {
        if let known = images[logID] { return known }
        let first = store.lastLogID
        guard logID >= first else { return nil }
        try store.replay(Array(log.entries[Int(first)..<Int(logID)]), from: first + 1)
        let image = try Self.image(of: store)
        images[logID] = image
        return image
    }

    private static func image(of store: MetadataStore) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try store.exportImage { bytes += $0 }
        return bytes
    }

    private static func differences(_ expected: [UInt8], _ found: [UInt8]) throws -> String {
        let files = MemoryFileSystem()
        try files.replaceFile("/expected", with: expected)
        try files.replaceFile("/found", with: found)
        var lines: [String] = []
        _ = try MetadataDiff.run(.image(path: "/expected", files), .image(path: "/found", files)) {
            lines.append("\($0.change.rawValue) \($0.name) \($0.details.joined(separator: " "))")
        }
        return lines.joined(separator: "; ")
    }
}
