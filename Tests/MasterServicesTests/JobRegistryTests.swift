import HTTPAPI
import TabletModel
import Testing

@testable import MasterServices

@Suite struct JobRegistryTests {
    private func job(_ id: Int64) -> JobView {
        JobView(
            id: id, kind: "createTable", subject: "db.t", state: .running, done: 0, total: 1, message: "", createdMs: 1,
            endedMs: 0)
    }

    @Test func anEndedJobChangesNoMore() {
        let jobs = JobRegistry()
        jobs.add(job(1))
        jobs.end(1, .finished, message: "made", at: UnixTime(milliseconds: 9))
        jobs.end(1, .failed, message: "late", at: UnixTime(milliseconds: 10))
        jobs.update(1) { $0.message = "later" }
        #expect(jobs.job(1)?.state == .finished)
        #expect(jobs.job(1)?.message == "made")
        #expect(jobs.job(1)?.endedMs == 9)
    }

    @Test func theOldestEndedJobsAreForgottenAndRunningOnesNever() {
        let jobs = JobRegistry()
        jobs.add(job(0))
        for id in Int64(1)...1_001 {
            jobs.add(job(id))
            jobs.end(id, .finished, message: "", at: UnixTime(milliseconds: 5))
        }
        #expect(jobs.job(0) != nil)
        #expect(jobs.job(1) == nil)
        #expect(jobs.jobs.first?.id == 1_001)
    }
}
