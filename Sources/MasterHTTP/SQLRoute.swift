internal import HTTPAPI
internal import HTTPTypes
internal import Hummingbird
public import SQLExecution
public import SQLSessions
internal import StatusHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension MasterRoutes {
    /// `POST /api/_sql`: what another frontend was asked, for the master. Its user was checked there; the rights are looked at here.
    func addSQL(to router: HTTPService.Routes) {
        guard let sql else { return }
        router.post("api/_sql") { request, context in
            guard let name = HTTPField.Name("token"), let token = request.headers[name], sql.accepts(token) else {
                throw HTTPProblem.unauthorized("the header 'token' has not this cluster's token")
            }
            let body = try await decodeBody(ForwardedSQLRequest.self, from: request, limit: 64 << 20)
            let statement = ForwardedStatement(user: body.user, database: body.database, text: Array(body.text.utf8))
            let producer = try await pool.run {
                try ReplyProducer {
                    try sql.run(statement)
                } logID: {
                    sql.lastLogID()
                }
            }
            return streamedResponse(
                producer, on: pool, contentType: "application/octet-stream", logger: context.logger)
        }
    }
}

/// What `POST /api/_sql` asks.
public struct ForwardedSQL: Sendable {
    let accepts: @Sendable (String) -> Bool
    let run: @Sendable (ForwardedStatement) throws -> SQLReply
    let lastLogID: @Sendable () -> Int64

    /// - Parameter accepts: whether a token is the cluster's, in constant time.
    public init(
        accepts: @escaping @Sendable (String) -> Bool, lastLogID: @escaping @Sendable () -> Int64,
        run: @escaping @Sendable (ForwardedStatement) throws -> SQLReply
    ) {
        self.accepts = accepts
        self.lastLogID = lastLogID
        self.run = run
    }
}

/// The answer of a statement, as `ForwardedSQLAnswer` says.
private final class ReplyProducer: BodyProducer {
    nonisolated(unsafe) private var head: [UInt8]?
    nonisolated(unsafe) private var rows: (any SQLRows)?

    init(_ run: () throws -> SQLReply, logID: () -> Int64) throws {
        var answer: ForwardedSQLAnswer
        do {
            switch try run() {
            case .done(let affectedRows, let warnings, let note):
                answer = ForwardedSQLAnswer()
                (answer.affectedRows, answer.warnings, answer.note) = (affectedRows, warnings, note)
            case .rows(let columns, let rows):
                answer = ForwardedSQLAnswer(columns: columns)
                self.rows = rows
            }
        } catch let error as SQLError {
            answer = ForwardedSQLAnswer(refusal: error)
        }
        answer.logID = logID()
        head = Array(try JSONEncoder().encode(answer)) + [10]
    }

    func next() throws -> [UInt8]? {
        if let head {
            self.head = nil
            return head
        }
        guard let rows else { return nil }
        var writer = SQLRowWriter()
        var bytes: [UInt8] = []
        do {
            guard try rows.next(into: &writer) else { return nil }
            ForwardedRows.append(writer, to: &bytes)
        } catch let error as SQLError {
            ForwardedRows.append(writer, to: &bytes)
            ForwardedRows.append(ForwardedRows.errorMark, to: &bytes)
            bytes += Array(try JSONEncoder().encode(ForwardedSQLAnswer(refusal: error)))
            self.rows = nil
        }
        return bytes
    }
}
