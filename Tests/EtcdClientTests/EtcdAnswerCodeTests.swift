import TabletModel
import Testing

@testable import EtcdClient

@Suite struct EtcdAnswerCodeTests {
    @Test(arguments: [
        (8, "etcdserver: mvcc: database space exceeded", EtcdAnswerCode.Verdict.refused(.noSpace)),
        (3, "etcdserver: request is too large", .refused(.tooLarge)),
        (8, "grpc: received message larger than max (3000000 vs. 2097152)", .refused(.tooLarge)),
        (3, "etcdserver: too many operations in txn request", .refused(.refused)),
        (8, "etcdserver: too many requests", .refused(.refused)),
        (11, "etcdserver: mvcc: required revision has been compacted", .refused(.compacted)),
        (5, "etcdserver: requested lease not found", .refused(.leaseGone)),
        (7, "etcdserver: permission denied", .refused(.notAuthorized)),
        (3, "etcdserver: user name is empty", .tokenRefused),
        (3, "etcdserver: authentication failed, invalid user ID or password", .refused(.notAuthorized)),
        (16, "etcdserver: invalid auth token", .tokenRefused),
        (3, "etcdserver: revision of auth store is old", .tokenRefused),
        (9, "etcdserver: authentication is not enabled", .authenticationIsOff),
        (14, "etcdserver: request timed out", .unsettled),
        (14, "etcdserver: request timed out, possibly due to connection lost", .unsettled),
        (14, "etcdserver: leader changed", .unsettled),
        (4, "context deadline exceeded", .unsettled),
        (2, "anything else", .unsettled),
    ])
    func whatEtcdSays(grpc: Int64, message: String, verdict: EtcdAnswerCode.Verdict) {
        #expect(EtcdAnswerCode.verdict(grpc: grpc, message: message) == verdict)
    }

    @Test func aCallStaysInDoubtOnceAnyMemberMayHaveDoneIt() {
        var attempts = CallAttempts(members: 2, until: MonotonicTime(nanoseconds: 2_000_000_000))
        let rounds = [true, false].map {
            attempts.failed(EtcdError(.unavailable, call: "c", message: "m", isOutcomeUnknown: $0))
        }
        #expect(rounds == [false, true])
        let final = attempts.final(EtcdError(.noSpace, call: "c", message: "full"))
        #expect(final.isOutcomeUnknown && final.code == .noSpace)
        #expect(final.message == "full (2 tries failed)")
    }

    @Test func oneMemberMayTakeAllTimeAndOneOfSeveralAPart() {
        let now = MonotonicTime(nanoseconds: 0)
        let until = now + .seconds(2)
        #expect(CallAttempts(members: 1, until: until).limit(now: now, memberDeadline: .seconds(1)) == .seconds(2))
        let several = CallAttempts(members: 3, until: until)
        #expect(several.limit(now: now, memberDeadline: .seconds(1)) == .seconds(1))
        #expect(several.limit(now: now + .milliseconds(1500), memberDeadline: .seconds(1)) == .milliseconds(500))
        #expect(several.limit(now: now + .seconds(3), memberDeadline: .seconds(1)) == .milliseconds(1))
    }
}
