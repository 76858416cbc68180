import CurlHTTP
import Foundation
import HTTPAPI
import SQLExecution
import SQLSessions
import TabletModel

/// Passes statements on to the master: `POST /api/_sql`. Whoever asked sees what was changed: the answer waits until this FE has
/// replayed it.
struct MasterSQL: Sendable {
    private static let replayLimit = Duration.seconds(5)

    let http: HTTPClient
    /// The cluster's.
    let token: @Sendable () -> String
    let lastLogID: @Sendable () -> Int64

    func run(_ statement: ForwardedStatement, at master: NetworkAddress) throws -> SQLReply {
        let body = ForwardedSQLRequest(
            user: statement.user, database: statement.database,
            text: String(decoding: statement.text, as: UTF8.self))
        var request = HTTPRequest(
            .post, "cluster://\(master)/api/_sql",
            headers: [HTTPHeader("token", token()), HTTPHeader("Content-Type", "application/json")],
            body: .bytes(Array(try JSONEncoder().encode(body))))
        // What was changed by the first one would be refused by the second.
        request.mayBeSentAgain = false
        request.timeouts.connect = .seconds(2)
        request.timeouts.answer = .seconds(600)
        let answer: StreamedAnswer
        let pieces: MasterRows
        do {
            answer = try http.open(request)
            pieces = MasterRows(answer, checkWanted: statement.checkWanted)
            guard let line = try pieces.head() else { throw MasterAway(reason: "\(master) gave no answer") }
            return try reply(try JSONDecoder().decode(ForwardedSQLAnswer.self, from: Data(line)), pieces)
        } catch let error as HTTPTransferError {
            guard error.isUnsent else {
                throw SQLError.unknown(
                    "the master at \(master) gave no answer: \(error.message); look whether the change was made before you ask again"
                )
            }
            throw MasterAway(reason: "\(master) can't be reached: \(error.message)")
        } catch let error as DecodingError {
            throw SQLError.unknown("the master at \(master) is of another version: \(error)")
        }
    }

    private func reply(_ answer: ForwardedSQLAnswer, _ rows: MasterRows) throws -> SQLReply {
        if let error = answer.error { throw error }
        guard let columns = answer.sqlColumns else {
            awaitReplayed(answer.logID)
            return .done(affectedRows: answer.affectedRows, warnings: answer.warnings, note: answer.note)
        }
        return .rows(columns, rows)
    }

    /// The change is durable already; who reads here before it is replayed sees the state before.
    private func awaitReplayed(_ logID: Int64) {
        let deadline = ContinuousClock.now + Self.replayLimit
        while lastLogID() < logID, ContinuousClock.now < deadline { try? http.pause(.milliseconds(2)) }
    }
}

/// The rows of the master's answer. `SQLRows`' callers use it one at a time.
private final class MasterRows: SQLRows {
    private let answer: StreamedAnswer
    nonisolated(unsafe) private var pending: [UInt8] = []
    nonisolated(unsafe) private var hasEnded = false

    private let checkWanted: @Sendable () throws -> Void

    init(_ answer: StreamedAnswer, checkWanted: @escaping @Sendable () throws -> Void) {
        self.answer = answer
        self.checkWanted = checkWanted
    }

    /// The first line; nil: the answer has none.
    func head() throws -> [UInt8]? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                return line
            }
            guard try more() else { return nil }
        }
    }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        while true {
            if let error = ForwardedRows.take(&pending, into: &writer) {
                pending = Array(error)
                while try more() {}
                let answer = try? JSONDecoder().decode(ForwardedSQLAnswer.self, from: Data(pending))
                throw answer?.error ?? SQLError.unavailable("the master's answer broke off")
            }
            if !writer.ends.isEmpty { return true }
            do {
                guard try more() else {
                    guard pending.isEmpty else { throw SQLError.unavailable("the master's answer broke off") }
                    return false
                }
            } catch let error as HTTPTransferError {
                throw SQLError.unavailable("the master's answer broke off: \(error.message)")
            } catch let away as MasterAway {
                throw SQLError.unavailable(away.reason)
            }
        }
    }

    /// false: nothing more comes.
    private func more() throws -> Bool {
        while !hasEnded {
            var piece: [UInt8] = []
            try checkWanted()
            switch try answer.next(upTo: .milliseconds(200), { piece.append(contentsOf: $0) }) {
            case .silence: continue
            case .bytes:
                pending.append(contentsOf: piece)
                return true
            case .end(let response):
                hasEnded = true
                guard response.isSuccess else {
                    throw MasterAway(
                        reason:
                            "it answered \(response.status): \(String(decoding: response.body.prefix(300), as: UTF8.self))"
                    )
                }
            }
        }
        return false
    }
}
