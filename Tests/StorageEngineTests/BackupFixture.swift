import ClusterTestKit
import Platform
import Synchronization
import TabletModel

@testable import StorageEngine

/// A backend with tablet 1, another that restores it as tablet 2, and a bucket.
final class BackupFixture {
    static let restored: TabletID = 2
    static let last: Int64 = 5
    let objects = MemoryObjectStoreProvider(pageSize: 3)
    let cluster: CloneCluster
    var source: CloneNode { cluster.nodes[0] }
    var target: CloneNode { cluster.nodes[1] }

    init() throws {
        cluster = try CloneCluster(2, objects: objects)
        try cluster.load([0], versions: Self.last)
        _ = try target.engine.createTablet(.restored)
    }

    static let place = BackupPlace(
        type: .s3,
        properties: [
            "AWS_ENDPOINT": "http://s3", "AWS_ACCESS_KEY": "ak", "AWS_SECRET_KEY": "hush", "use_path_style": "true",
        ])
    static let folder = "s3://b/backup/l/__1"

    var store: MemoryObjectStore {
        get throws { objects.memoryStore(for: try Self.place.resource(bucket: "b")) }
    }

    func snapshot(_ node: CloneNode, _ tablet: TabletID, version: Version? = nil) throws -> String {
        let made = try node.snapshots.make(SnapshotRequest(tabletID: tablet, schemaHash: 7, version: version))
        return "\(made.path)/\(tablet)/7"
    }

    func uploadRequest(_ folder: String) -> UploadRequest {
        UploadRequest(jobID: 8, folders: [folder: Self.folder], place: Self.place)
    }
    func downloadRequest(_ folder: String) -> DownloadRequest {
        DownloadRequest(jobID: 9, folders: [Self.folder: folder], place: Self.place)
    }
    func moveRequest(_ folder: String, overwrite: Bool = true) -> MoveRequest {
        MoveRequest(tabletID: Self.restored, schemaHash: 7, source: folder, jobID: 9, overwrite: overwrite)
    }

    @discardableResult
    func upload(_ folder: String) throws -> [TabletID: [String]] {
        try source.backups.upload(uploadRequest(folder)) { _, _ in true }
    }
    @discardableResult
    func download(_ folder: String) throws -> [TabletID] {
        try target.backups.download(downloadRequest(folder)) { _, _ in true }
    }

    /// The folder in which the target may restore, filled.
    func filled() throws -> String {
        try upload(try snapshot(source, 1))
        let folder = try snapshot(target, Self.restored)
        try download(folder)
        return folder
    }

    func restoredRows() throws -> [String] { try readRows(target.engine, Self.restored) }
    static var rows: [String] { CloneCluster.rows(upTo: last) }
}

extension CreateTabletRequest {
    static var restored: CreateTabletRequest {
        var request = CreateTabletRequest.sample(BackupFixture.restored, partition: 77, replica: 900)
        request.version = Version(BackupFixture.last)
        return request
    }
}

/// Remembers what was reported, and says how long it is wanted.
final class ReportedProgress: Sendable {
    private let calls = Mutex<[(Int, Int)]>([])
    private let limit: Int

    init(wanted limit: Int = .max) { self.limit = limit }

    var all: [(finished: Int, total: Int)] { calls.withLock { $0.map { ($0.0, $0.1) } } }
    var report: BackupReport {
        { finished, total in
            self.calls.withLock {
                $0.append((finished, total))
                return $0.count <= self.limit
            }
        }
    }
}
