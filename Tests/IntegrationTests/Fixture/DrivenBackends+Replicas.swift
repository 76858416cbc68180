import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import ThriftRPC

extension DrivenBackends {
    /// Rows of a load that no other load has; each of some 30 bytes that compress badly.
    static func rows(_ count: Int, seed: UInt64) -> String {
        var text = ""
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        for row in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += "\(seed)/\(row),\(String(state, radix: 36))\n"
        }
        return text
    }

    /// Creates the tablet on some backends only: replica 1 on the first of all, 2 on the second, ….
    func create(_ tablet: TabletID, on some: [BackendProcess]) throws {
        for backend in some {
            let ended = try frontend.run(.create, creation(tablet, replica: replica(on: backend)), on: backend)
            guard ended.status.isOK else { throw FixtureError("CREATE: \(ended.status)") }
        }
    }

    func replica(on backend: BackendProcess) -> ReplicaID {
        ReplicaID(Int64((backends.firstIndex { $0 === backend } ?? -1) + 1))
    }

    /// Pushes and publishes on some backends only: the others lack the version.
    func load(
        _ rows: String, into tablet: TabletID, _ transaction: TransactionID, as version: Version,
        on some: [BackendProcess]
    ) throws {
        let path = "/rows/\(tablet)/\(transaction)"
        serve(path, rows: rows)
        for backend in some {
            let pushed = try frontend.run(
                .realtimePush, push(tablet, transaction, path: path, sizeBytes: Int64(rows.utf8.count)), on: backend)
            guard pushed.status.isOK else { throw FixtureError("PUSH: \(pushed.status)") }
            let published = try frontend.run(.publishVersion, publish(transaction, as: version), on: backend)
            guard published.status.isOK else { throw FixtureError("PUBLISH: \(published.status)") }
        }
    }

    /// Loads versions 2, 3, … and returns the rows of all.
    @discardableResult
    func loadVersions(
        _ versions: ClosedRange<Int64>, into tablet: TabletID, rows count: Int = 200, on some: [BackendProcess]
    ) throws -> String {
        var all = ""
        for version in versions {
            let rows = Self.rows(count, seed: UInt64(version))
            all += rows
            try load(rows, into: tablet, TransactionID(version), as: Version(version), on: some)
        }
        return all
    }

    func cloneRequest(
        _ tablet: TabletID, from sources: [BackendAddress], replica: ReplicaID, upTo version: Version?,
        hash: SchemaHash = schemaHash, timeoutSeconds: Int64 = 60
    ) -> CloneRequest {
        CloneRequest(
            tabletID: tablet, schemaHash: hash, sources: sources, committedVersion: version,
            timeoutSeconds: timeoutSeconds, replicaID: replica, partitionID: 5, tableID: 1)
    }

    /// Runs CLONE to its end.
    func clone(
        _ tablet: TabletID, from sources: [BackendAddress], to backend: BackendProcess, upTo version: Version?,
        replica: ReplicaID? = nil, hash: SchemaHash = schemaHash
    ) throws -> FinishTaskRequest {
        let request = cloneRequest(
            tablet, from: sources, replica: replica ?? self.replica(on: backend), upTo: version, hash: hash)
        return try frontend.run(.clone, .clone(request), on: backend)
    }

    /// Submits CLONE, and returns its signature.
    func beginClone(
        _ tablet: TabletID, from sources: [BackendAddress], to backend: BackendProcess, upTo version: Version?
    ) throws -> Int64 {
        let signature = frontend.nextSignature()
        let request = cloneRequest(tablet, from: sources, replica: replica(on: backend), upTo: version)
        let task = AgentTask(type: .clone, signature: signature, payload: .clone(request))
        guard try frontend.submit([task], to: backend).isOK else { throw FixtureError("CLONE was not accepted") }
        return signature
    }

    /// Takes the file of the rowset that begins at a version from a backend that is down for that moment. On return the
    /// backend has noticed: it looks for lost files once it serves its tablets already.
    func loseSegment(of tablet: TabletID, version: Int64, on backend: BackendProcess) throws {
        let path = try backend.segmentFile(of: tablet, version: version)
        let rowsets = try backend.versionGraph(tablet).visible
        backend.daemon.kill()
        try FileManager.default.removeItem(atPath: path)
        try killAndRestart(backend)
        try eventually("loss of \(path)") { try backend.versionGraph(tablet).visible != rowsets }
    }

    /// CHECK_CONSISTENCY of a backend.
    func checksum(_ tablet: TabletID, at version: Version, on backend: BackendProcess) throws -> Int64 {
        let request = CheckConsistencyRequest(tabletID: tablet, schemaHash: Self.schemaHash, version: version)
        let ended = try frontend.run(.checkConsistency, .checkConsistency(request), on: backend)
        guard ended.status.isOK, let checksum = ended.tabletChecksum else {
            throw FixtureError("CHECK_CONSISTENCY: \(ended.status)")
        }
        guard ended.requestVersion == version else {
            throw FixtureError("CHECK_CONSISTENCY of version \(version) answers for \(ended.requestVersion as Any)")
        }
        return checksum
    }

    func compact(_ tablet: TabletID, _ kind: CompactionRequest.Kind, on backend: BackendProcess) throws -> RPCStatus {
        let request = CompactionRequest(tabletID: tablet, schemaHash: Self.schemaHash, kind: kind)
        return try frontend.run(.compaction, .compaction(request), on: backend).status
    }

    /// The agent port of a backend, as its peers use it.
    func peer(_ backend: BackendProcess) -> any PeerConnection {
        ThriftPeerConnector().connection(to: backend.agentAddress)
    }
}
