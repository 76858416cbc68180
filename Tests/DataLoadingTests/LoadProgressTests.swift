import TabletModel
import Testing

@testable import ClusterMetadata
@testable import DataLoading

@Suite struct LoadProgressTests {
    /// One tablet with this many replicas, on backends 0, 1, …; the first `done` succeed, the next `failed` fail.
    private func progress(replicas: Int, done: Int, failed: Int) -> LoadProgress {
        var progress = LoadProgress(replicas: [1: (0..<replicas).map { BackendID(Int64($0)) }])
        for backend in 0..<done { progress.succeed(.init(1, BackendID(Int64(backend)))) }
        for backend in done..<(done + failed) { progress.fail(.init(1, BackendID(Int64(backend))), "no") }
        return progress
    }

    @Test(arguments: 1...5)
    func quorumMatrix(replicas: Int) {
        let majority = replicas / 2 + 1
        for done in 0...replicas {
            for failed in 0...(replicas - done) {
                let waiting = replicas - done - failed
                let eager = progress(replicas: replicas, done: done, failed: failed).verdict(waitsForStragglers: false)
                let patient = progress(replicas: replicas, done: done, failed: failed).verdict(waitsForStragglers: true)
                if done >= majority {
                    #expect(eager == .won)
                    #expect(patient == (waiting == 0 ? .won : .undecided))
                } else if done + waiting < majority {
                    guard case .lost(1, _) = eager, case .lost(1, _) = patient else {
                        Issue.record("\(done) done, \(failed) failed of \(replicas) is lost")
                        continue
                    }
                } else {
                    #expect(eager == .undecided)
                    #expect(patient == .undecided)
                }
            }
        }
    }

    @Test func everyTabletNeedsItsMajority() {
        var progress = LoadProgress(replicas: [1: [10, 11, 12], 2: [10, 11, 12]])
        progress.succeed(.init(1, 10))
        progress.succeed(.init(1, 11))
        #expect(!progress.hasMajorityEverywhere)
        progress.succeed(.init(2, 11))
        progress.succeed(.init(2, 12))
        #expect(progress.hasMajorityEverywhere)
        #expect(progress.verdict(waitsForStragglers: true) == .undecided)
        #expect(progress.waitingPlaces == [.init(1, 12), .init(2, 10)])
    }

    @Test func lossOfABackendEndsTheWaitForIt() {
        var progress = LoadProgress(replicas: [1: [10, 11, 12], 2: [10, 11, 12]])
        for tablet in [TabletID(1), 2] {
            progress.succeed(.init(tablet, 10))
            progress.succeed(.init(tablet, 11))
        }
        progress.lose(12, "backend 12 is dead")
        #expect(progress.verdict(waitsForStragglers: true) == .won)
        progress.lose(11, "backend 11 is dead")
        #expect(progress.doneCount == 4)
    }

    @Test func lostTabletNamesItsReasons() {
        var progress = LoadProgress(replicas: [1: [10, 11, 12]], excluded: [.init(1, 10): "dead"])
        progress.fail(.init(1, 12), "disk full")
        #expect(
            progress.verdict(waitsForStragglers: true)
                == .lost(1, reason: "backend 10: dead; backend 12: disk full"))
    }

    @Test func lateSuccessCountsAndLateFailureDoesNot() {
        var progress = LoadProgress(replicas: [1: [10, 11]])
        progress.fail(.init(1, 10), "timeout")
        progress.succeed(.init(1, 10))
        progress.succeed(.init(1, 11))
        progress.fail(.init(1, 11), "late")
        #expect(progress.verdict(waitsForStragglers: true) == .won)
        #expect(progress.waitingCount == 0)
    }

    @Test func replicasThatLackAnEarlierVersionMakeNoMajority() {
        var progress = LoadProgress(replicas: [1: [10, 11, 12]], excluded: [.init(1, 12): "dead"])
        progress.succeed(.init(1, 10))
        progress.succeed(.init(1, 11))
        let behind: Set<LoadProgress.Place> = [.init(1, 11)]
        #expect(progress.verdict(waitsForStragglers: true, notCounting: behind) == .undecided)
        #expect(
            progress.verdict(waitsForStragglers: false, notCounting: behind)
                == .lost(1, reason: "backend 11: it lacks an earlier version; backend 12: dead"))
        #expect(progress.verdict(waitsForStragglers: false) == .won)
        #expect(progress.verdict(waitsForStragglers: false, notCounting: [.init(1, 12)]) == .won)
    }

    @Test func unknownPlacesChangeNothing() {
        var progress = LoadProgress(replicas: [1: [10]])
        progress.succeed(.init(9, 10))
        progress.succeed(.init(1, 99))
        #expect(progress.doneCount == 0)
        #expect(progress.outcome(.init(9, 10)) == nil)
    }
}
