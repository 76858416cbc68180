internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import SQLSessions
internal import Synchronization
internal import TabletModel

extension SQLConnection {
    /// Asks again and again, at growing distances, until there is an answer.
    /// - Parameter what: such as "the table is being made".
    func wait<Answer>(_ what: String, _ answer: () throws -> Answer?) throws -> Answer {
        let end = environment.time.monotonicNow + environment.jobLimit
        var pause = Duration.milliseconds(2)
        while true {
            if let answer = try answer() { return answer }
            guard environment.time.monotonicNow < end else {
                throw SQLError(
                    1205, "HY000",
                    "\(what), and after \(environment.jobLimit) it still is: it goes on without this statement")
            }
            do { try interruption.check() } catch {
                throw SQLError.interrupted("\(error.message); \(what), which goes on")
            }
            environment.pause(pause)
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    /// Until the job has ended.
    /// - Throws: why it failed.
    func wait(for job: JobView, _ what: String) throws {
        let ended = try wait(what) {
            let now = try control().job(job.id)
            return now.state == .running ? nil : now
        }
        if ended.state == .failed { throw SQLError.unknown("\(ended.subject): \(ended.message)") }
    }

    /// Notes that SHOW WARNINGS shows.
    func done(affectedRows: UInt64 = 0, note: String = "", warnings: [String]) -> SQLReply {
        state.withLock { state in
            state.warnings = warnings.map { SQLWarning(level: "Note", number: 1105, message: $0) }
        }
        return .done(affectedRows: affectedRows, warnings: UInt16(clamping: warnings.count), note: note)
    }

    /// What fails because something is there, or is not, and IF [NOT] EXISTS says that it may.
    func unless(_ code: MasterError.Code, _ isFine: Bool, _ change: () throws -> Void) throws -> SQLReply {
        do {
            try change()
            return .done()
        } catch let error as MasterError where isFine && error.code == code {
            return done(warnings: [error.message])
        }
    }
}
