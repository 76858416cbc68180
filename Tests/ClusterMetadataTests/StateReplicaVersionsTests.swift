import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct StateReplicaVersionsTests {
    @Test func aPublishedVersionMovesACompleteReplica() {
        var versions = ReplicaVersions(version: 4)
        versions.published(5, visibleBefore: 4)
        #expect(versions == ReplicaVersions(version: 5))
    }

    @Test func aFailedReplicaKeepsItsVersionAndRemembersWhatItTookLater() {
        var versions = ReplicaVersions(version: 4)
        versions.failed(5)
        versions.published(6, visibleBefore: 5)
        #expect(versions.version == 4)
        #expect(versions.lastFailed == 5)
        #expect(versions.lastSuccess == 6)
        #expect(!versions.isComplete(upTo: 4))
    }

    @Test func catchingUpLiftsTheReplicaToWhatItTookAboveTheGap() {
        var versions = ReplicaVersions(version: 4, lastFailed: 5, lastSuccess: 6)
        versions.update(version: 5, lastFailed: 5, lastSuccess: 6)
        #expect(versions == ReplicaVersions(version: 6))
    }

    @Test func anUnseenFailureIsFoundAtTheNextPublish() {
        var versions = ReplicaVersions(version: 3)
        versions.published(6, visibleBefore: 5)
        #expect(versions.version == 3)
        #expect(versions.lastFailed == 5)
        #expect(versions.lastSuccess == 6)
    }

    @Test func aLowerVersionIsIgnored() {
        var versions = ReplicaVersions(version: 7, lastFailed: 9, lastSuccess: 8)
        let before = versions
        let taken = versions.update(version: 6, lastFailed: 6, lastSuccess: 6)
        #expect(!taken)
        #expect(versions == before)
    }

    @Test func raisingTheFailureSetsTheSuccessBack() {
        var versions = ReplicaVersions(version: 4, lastFailed: .none, lastSuccess: 4)
        versions.update(version: 5, lastFailed: 8, lastSuccess: 7)
        #expect(versions == ReplicaVersions(version: 5, lastFailed: 8, lastSuccess: 5))
    }

    @Test func aHealedMissIsForgottenThoughNoNewVersionCame() {
        var versions = ReplicaVersions(version: 5)
        versions.reportedMissing()
        #expect(versions.lastFailed == 6)
        versions.reportedWhole(5, visible: 5)
        #expect(versions.isComplete(upTo: 5))
    }

    @Test func aReplicaBehindTheVisibleVersionStaysFailed() {
        var versions = ReplicaVersions(version: 4, lastFailed: 5, lastSuccess: 4)
        versions.reportedWhole(4, visible: 5)
        #expect(versions.lastFailed == 5)
        #expect(!versions.isComplete(upTo: 5))
    }

    /// Whatever happens in whatever order, a whole report up to the visible version heals, and until then nothing is lost.
    @Test(arguments: UInt64(1)...200)
    func noOrderOfEventsIsADeadEnd(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        var versions = ReplicaVersions(version: 1)
        var visible = Version(1)
        for _ in 0..<60 {
            let any = Version(1 + Int64(random.next(below: 20)))
            switch random.next(below: 6) {
            case 0: versions.failed(visible.next)
            case 1:
                versions.published(visible.next, visibleBefore: visible)
                visible = visible.next
            case 2: versions.update(version: any, lastFailed: Version(any.rawValue - 3), lastSuccess: any.next)
            case 3: versions.reportedMissing()
            case 4: versions.reportedWhole(any, visible: visible)
            default: visible = visible.next
            }
            #expect(versions.lastFailed == .none || versions.lastFailed > versions.version)
            var healed = versions
            let whole = max(visible, versions.version)
            healed.reportedWhole(whole, visible: visible)
            #expect(healed == ReplicaVersions(version: whole))
            healed.published(whole.next, visibleBefore: visible)
            #expect(healed.isComplete(upTo: whole.next))
        }
    }
}
