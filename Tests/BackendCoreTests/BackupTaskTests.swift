import BackendCore
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

/// UPLOAD, DOWNLOAD and MOVE between master and engine.
@Suite struct BackupTaskTests {
    private let place = BackupPlace(type: .s3)

    private func upload(_ signature: Int64) -> AgentTask {
        AgentTask(
            type: .upload, signature: signature,
            payload: .upload(UploadRequest(jobID: 31, folders: ["/a": "s3://b/a"], place: place)))
    }
    private func download(_ signature: Int64) -> AgentTask {
        AgentTask(
            type: .download, signature: signature,
            payload: .download(DownloadRequest(jobID: 32, folders: ["s3://b/a": "/a"], place: place)))
    }

    @Test func theMasterHearsOfProgressAndOfWhatWasCopied() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(
            upload(1), download(2),
            AgentTask(
                type: .move, signature: 3,
                payload: .move(
                    MoveRequest(tabletID: 1, schemaHash: 2, source: "/a", jobID: 32, overwrite: true))))
        try fixture.run()
        let ends = Dictionary(uniqueKeysWithValues: fixture.master.finishes.map { ($0.signature, $0) })
        #expect(ends.count == 3 && ends.values.allSatisfy { $0.status.isOK })
        #expect(ends[1]?.tabletFiles == [1: ["1.hdr.0123456789abcdef0123456789abcdef"]])
        #expect(ends[2]?.downloadedTabletIDs == [1])
        #expect(ends[3]?.reportVersion != nil)
        let progress = fixture.master.state.withLock { $0.progress }
        #expect(progress.map(\.jobID) == [31, 32] && progress.map(\.taskID) == [1, 2])
        #expect(progress.map(\.type) == [.upload, .download])
        #expect(progress.allSatisfy { $0.finished == 1 && $0.total == 2 })
    }

    @Test func anAnswerThatIsNotOKEndsTheCopyAndNoAnswerDoesNot() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.progressAnswer = RPCStatus(.cancelled, "no such job") }
        _ = fixture.submit(upload(1))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.cancelled])
        fixture.master.set { $0.progressAnswer = nil }
        _ = fixture.submit(upload(2))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.cancelled, .ok])
    }

    @Test func aTaskWithoutItsMemberOrWithAnotherIsRefused() throws {
        let fixture = try Fixture.running()
        var wrong = upload(1)
        wrong.type = .move
        let answer = fixture.submit(wrong, AgentTask(type: .download, signature: 2, payload: .absent))
        #expect(answer.code == .invalidArgument)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.invalidArgument, .invalidArgument])
        #expect(fixture.engine.calls.filter { $0.hasPrefix("upload") || $0.hasPrefix("move") } == [])
    }
}
