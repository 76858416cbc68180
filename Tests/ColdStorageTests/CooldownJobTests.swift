import TabletModel
import Testing

@testable import ColdStorage

@Suite struct CooldownJobTests {
    let now = MonotonicTime(nanoseconds: 0)

    private func candidate(
        _ replica: ReplicaID, on backend: BackendID, healthy: Bool = true, complete: Bool = true,
        remote: Bool = false, reachable: Bool = true
    ) -> CooldownCandidate {
        CooldownCandidate(
            replicaID: replica, backendID: backend, isHealthy: healthy, isComplete: complete, hasRemoteData: remote,
            isReachable: reachable)
    }

    private func view(_ tablet: TabletID, _ candidates: [CooldownCandidate], replica: ReplicaID = -1, term: Int64 = -1)
        -> CooldownJob.TabletView
    {
        CooldownJob.TabletView(
            conf: CooldownConf(tabletID: tablet, cooldownReplicaID: replica, term: term), candidates: candidates)
    }

    private var three: [CooldownCandidate] { [candidate(1, on: 10), candidate(2, on: 11), candidate(3, on: 12)] }

    /// A job of one tablet that has sent its confs to backends 10, 11 and 12.
    private func running() -> CooldownJob {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        _ = job.step(.start(tablets: [view(100, three)], uploadsByBackend: [:]), now: now)
        _ = job.step(.journaled, now: now)
        #expect(job.state == .running)
        return job
    }

    @Test func confIsJournaledBeforeItIsPushed() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        let conf = CooldownConf(tabletID: 100, cooldownReplicaID: 1, term: 1)
        #expect(job.step(.start(tablets: [view(100, three)], uploadsByBackend: [:]), now: now) == [.journal([conf])])
        #expect(job.state == .sendConf)
        #expect(job.step(.acknowledged(10), now: now) == [])
        #expect(job.step(.journaled, now: now) == [.push(10, [conf]), .push(11, [conf]), .push(12, [conf])])
        #expect(job.step(.acknowledged(10), now: now) == [])
        #expect(job.step(.acknowledged(12), now: now) == [])
        #expect(job.step(.acknowledged(11), now: now) == [.end(.finished, reason: "")])
        #expect(job.progress == (3, 3))
    }

    @Test func standingUploaderKeepsItsTerm() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        let actions = job.step(
            .start(tablets: [view(100, three, replica: 2, term: 7)], uploadsByBackend: [:]), now: now)
        let conf = CooldownConf(tabletID: 100, cooldownReplicaID: 2, term: 7)
        #expect(actions == [.push(10, [conf]), .push(11, [conf]), .push(12, [conf])])
    }

    @Test func unfitUploaderIsReplacedWithTheNextTerm() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        let candidates = [candidate(1, on: 10), candidate(2, on: 11, healthy: false), candidate(3, on: 12)]
        let actions = job.step(
            .start(tablets: [view(100, candidates, replica: 2, term: 7)], uploadsByBackend: [10: 5, 12: 4]), now: now)
        #expect(actions == [.journal([CooldownConf(tabletID: 100, cooldownReplicaID: 3, term: 8)])])
    }

    @Test func uploadersAreSpreadOverBackends() {
        var job = CooldownJob(id: 1, tablets: [100, 101, 102, 103], now: now)
        let views = (100...103).map { view(TabletID(Int64($0)), three) }
        guard case .journal(let confs)? = job.step(.start(tablets: views, uploadsByBackend: [:]), now: now).first else {
            Issue.record("no confs were made")
            return
        }
        #expect(confs.map(\.cooldownReplicaID) == [1, 2, 3, 1])
    }

    @Test func incompleteUnhealthyAndDeadReplicasAreNotChosen() {
        let chosen = CooldownChoice.uploader(
            among: [
                candidate(1, on: 10, healthy: false), candidate(2, on: 11, complete: false), candidate(3, on: 12),
            ], uploadsByBackend: [12: 1000])
        #expect(chosen?.replicaID == 3)
        #expect(CooldownChoice.uploader(among: [candidate(1, on: 10, healthy: false)], uploadsByBackend: [:]) == nil)
    }

    @Test func replicaWithRemoteDataGoesOn() {
        let chosen = CooldownChoice.uploader(
            among: [candidate(1, on: 10), candidate(2, on: 11, remote: true)], uploadsByBackend: [11: 9])
        #expect(chosen?.replicaID == 2)
    }

    @Test func noFitReplicaCancels() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        let unfit = [candidate(1, on: 10, healthy: false)]
        let actions = job.step(.start(tablets: [view(100, unfit)], uploadsByBackend: [:]), now: now)
        #expect(
            actions == [.end(.cancelled, reason: "no tablet has a replica that is alive, complete and healthy")])
    }

    @Test func journalFailureCancelsBeforeAnythingIsPushed() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        _ = job.step(.start(tablets: [view(100, three)], uploadsByBackend: [:]), now: now)
        #expect(
            job.step(.journalFailed("disk full"), now: now)
                == [.end(.cancelled, reason: "the conf could not be journaled: disk full")])
    }

    @Test func thirdFailureOfABackendCancels() {
        var job = running()
        let conf = CooldownConf(tabletID: 100, cooldownReplicaID: 1, term: 1)
        #expect(job.step(.failed(11, "busy"), now: now) == [.push(11, [conf])])
        #expect(job.step(.failed(12, "busy"), now: now) == [.push(12, [conf])])
        #expect(job.step(.failed(11, "busy"), now: now) == [.push(11, [conf])])
        #expect(
            job.step(.failed(11, "busy"), now: now)
                == [.end(.cancelled, reason: "backend 11 failed 3 times, last: busy")])
        #expect(job.failureCount == 4)
    }

    @Test func failureAfterTheAcknowledgementIsIgnored() {
        var job = running()
        _ = job.step(.acknowledged(11), now: now)
        #expect(job.step(.failed(11, "busy"), now: now) == [])
    }

    @Test func timeoutCancelsAndNamesWhoIsMissing() {
        var job = running()
        _ = job.step(.acknowledged(10), now: now)
        #expect(job.step(.tick, now: now + .seconds(599)) == [])
        #expect(
            job.step(.tick, now: now + .seconds(600))
                == [.end(.cancelled, reason: "no answer in time from backends 11, 12")])
        #expect(job.step(.acknowledged(11), now: now + .seconds(601)) == [])
    }

    @Test func lossOfTheUploaderCancels() {
        var job = running()
        let actions = job.step(.lost(10), now: now)
        #expect(job.state == .cancelled)
        #expect(actions.count == 1)
    }

    @Test func lossOfAFollowerLetsTheOthersFinish() {
        var job = running()
        #expect(job.step(.lost(12), now: now) == [])
        _ = job.step(.acknowledged(10), now: now)
        #expect(job.step(.acknowledged(11), now: now) == [.end(.finished, reason: "")])
        #expect(job.progress == (2, 2))
    }

    @Test func reportsConfirmBackendsThatNeverAnswer() {
        var job = running()
        #expect(job.step(.reported(10, 100, replica: 1, term: 0), now: now) == [])
        #expect(job.step(.reported(10, 100, replica: 1, term: 1), now: now) == [])
        // No term at all: the replica decides.
        #expect(job.step(.reported(11, 100, replica: 2, term: -1), now: now) == [])
        #expect(job.step(.reported(11, 100, replica: 1, term: -1), now: now) == [])
        #expect(job.step(.reported(12, 100, replica: nil, term: 2), now: now) == [.end(.finished, reason: "")])
    }

    @Test func unreachableReplicasAreNotWaitedFor() {
        var job = CooldownJob(id: 1, tablets: [100], now: now)
        let candidates = [candidate(1, on: 10), candidate(2, on: 11, healthy: false, reachable: false)]
        _ = job.step(.start(tablets: [view(100, candidates)], uploadsByBackend: [:]), now: now)
        #expect(
            job.step(.journaled, now: now)
                == [.push(10, [CooldownConf(tabletID: 100, cooldownReplicaID: 1, term: 1)])])
        #expect(job.step(.acknowledged(10), now: now) == [.end(.finished, reason: "")])
    }
}
