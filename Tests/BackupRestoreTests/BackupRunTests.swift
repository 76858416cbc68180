import AgentTasks
import ClusterMetadata
import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import BackupRestore

/// What becomes of a job by what comes back: pure.
@Suite struct BackupRunTests {
    private let signatures = TaskSignatures(epoch: 1)

    private func run(
        _ kind: BackupJob.Kind, _ phase: BackupJob.Phase, _ units: [(tablet: Int64, backend: Int64)]
    ) -> BackupRun {
        var job = BackupJob(
            id: 7, kind: kind, phase: phase, label: "l", resource: "s3", prefix: "p", database: "db", table: "t",
            tableID: 5, version: 9, createdAt: UnixTime(milliseconds: 1))
        job.units = units.map {
            var unit = BackupJob.Unit(tabletID: TabletID($0.tablet), backendID: BackendID($0.backend), folder: "f")
            unit.snapshotPath = "/d/snapshot/\($0.tablet).\($0.backend)"
            unit.folder = "f/__\($0.tablet)"
            return unit
        }
        var run = BackupRun(job)
        let s3 = S3Resource(endpoint: "e", accessKey: "a", secretKey: "s", bucket: "b")
        let steps = job.steps(s3: s3, schemaHash: 3, signatures: signatures) { unit in
            AgentTask(
                type: .create, signature: unit.tabletID.rawValue,
                payload: .create(
                    CreateTabletRequest(
                        tabletID: unit.tabletID, schema: TabletSchema(schemaHash: 3, columns: []))))
        }
        run.steps = Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0) })
        run.needsBegin = false
        return run
    }

    private func finish(_ key: StepKey, _ status: RPCStatus = .ok) -> FinishTaskRequest {
        FinishTaskRequest(
            backend: BackendAddress(host: "h", bePort: 1, httpPort: 2), type: key.task.type,
            signature: key.task.signature, status: status)
    }

    private let now = MonotonicTime(nanoseconds: 0)

    @Test func copiesAreGroupedByBackendAndBounded() {
        let run = run(.backup, .uploading, (0..<40).map { (tablet: Int64($0), backend: Int64($0 % 2)) })
        #expect(run.steps.count == 4)
        #expect(run.steps.values.allSatisfy { $0.units.count <= BackupJob.tabletsPerCopy })
        for step in run.steps.values {
            guard case .upload(let request) = step.task.payload else {
                Issue.record("no upload")
                continue
            }
            #expect(request.folders.count == step.units.count && request.jobID == 7)
            #expect(
                request.folders.allSatisfy { $0.key.hasPrefix("/d/snapshot/") && $0.value.hasPrefix("s3://b/f/__") })
        }
        #expect(run.doneUnits == 0 && !run.isThrough)
    }

    @Test func aTaskThatFailsComesAgainLaterThenEndsTheBackup() {
        var run = run(.backup, .uploading, [(1, 1)])
        for failure in 1..<BackupRun.tries {
            run.failed(run.steps.keys.first!, RPCStatus(.remoteError, "503"), now: now)
            #expect(run.end == nil && run.lastError.contains("503"))
            let at = now + BackupRun.backoff.ceiling(retry: failure - 1)
            #expect(run.takeRetries(now: at + .milliseconds(-1)) { 0 }.isEmpty)
            #expect(run.takeRetries(now: at) { Int64(1000 + failure) }.map(\.task.signature) == [Int64(1000 + failure)])
        }
        run.failed(run.steps.keys.first!, RPCStatus(.remoteError, "503"), now: now)
        #expect(run.end?.phase == .failed && run.end?.reason.contains("503") == true)
    }

    @Test func whatCanNeverBeIsNotTriedAgain() {
        for code in [StatusCode.invalidArgument, .notImplementedError] {
            var run = run(.backup, .uploading, [(1, 1)])
            run.failed(run.steps.keys.first!, RPCStatus(code, "no"), now: now)
            #expect(run.end?.phase == .failed)
        }
    }

    @Test func aSnapshotThatCantBeMadeIsMadeOfAnotherVersionThreeTimesAtMost() {
        var run = run(.backup, .snapshotting, [(1, 4)])
        for _ in 0..<BackupRun.tries {
            run.failed(run.steps.keys.first!, RPCStatus(.internalError, "merged"), now: now)
            _ = run.takeRetries(now: now + .seconds(600)) { 5 }
        }
        #expect(run.restart != nil && run.avoided == [4] && run.end == nil)
        var last = self.run(.backup, .snapshotting, [(1, 4)])
        last.job.attempt = BackupRun.attempts
        for _ in 0..<BackupRun.tries {
            last.failed(last.steps.keys.first!, RPCStatus(.internalError, "merged"), now: now)
            _ = last.takeRetries(now: now + .seconds(600)) { 5 }
        }
        #expect(last.restart == nil && last.end?.phase == .failed)
    }

    @Test func aBackendThatIsAwayForLongIsGivenUp() {
        var run = run(.restore, .downloading, [(1, 1), (1, 2), (2, 2)])
        let isHere: (BackendID) -> Bool = { $0 != 1 }
        for seconds in [0, 59] {
            let givenUp = run.watch(now: now + .seconds(seconds), isKnown: { _ in true }, isHere: isHere)
            #expect(givenUp.isEmpty && run.steps.count == 2)
        }
        let givenUp = run.watch(now: now + .seconds(60), isKnown: { _ in true }, isHere: isHere)
        #expect(givenUp.map(\.backend) == [1])
        #expect(run.steps.count == 1 && run.job.units.map(\.isGivenUp) == [true, false, false] && run.end == nil)
        // One that was dropped is not waited for; tablet 1 has no other replica left.
        #expect(run.watch(now: now + .seconds(61), isKnown: { $0 != 2 }, isHere: { _ in false }).map(\.backend) == [2])
        #expect(run.end?.phase == .failed && run.end?.reason.contains("no replica of tablet") == true)
    }

    @Test func aRestoreGoesOnWithoutAReplicaButNotWithoutATablet() {
        var run = run(.restore, .moving, [(1, 1), (1, 2)])
        let first = run.steps.keys.min { $0.backend < $1.backend }!
        run.failed(first, RPCStatus(.invalidArgument, "no"), now: now)
        #expect(run.end == nil && run.job.message.contains("repair"))
        run.succeeded(run.steps.keys.first!, finish(run.steps.keys.first!))
        #expect(run.isThrough)
    }

    @Test func anEndThatLacksWhatItMustBringIsAFailure() {
        var upload = run(.backup, .uploading, [(1, 1)])
        upload.succeeded(upload.steps.keys.first!, finish(upload.steps.keys.first!))
        #expect(upload.end?.phase == .failed)
        var snapshot = run(.restore, .snapshotting, [(1, 1)])
        snapshot.succeeded(snapshot.steps.keys.first!, finish(snapshot.steps.keys.first!))
        #expect(snapshot.end?.phase == .failed)
    }
}
