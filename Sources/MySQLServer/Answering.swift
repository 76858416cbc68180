internal import Logging
internal import MySQLProtocol
internal import NIOCore
internal import SQLSessions

/// One command under way: runs it on a thread, and turns its rows into bytes as they are asked for.
/// Sendable: one job at a time has it, and hands it to the next over the event loop.
final class Answering: @unchecked Sendable {
    struct Part: Sendable {
        var bytes: ByteBuffer
        var isLast: Bool
        var isError: Bool
    }

    /// So many bytes go to the client at a time, or what there is after so long.
    private static let partSize = 256 << 10
    private static let patience: TimeAmount = .milliseconds(20)

    /// Nobody's while the client has to take rows.
    var place: WorkPool.Place?
    private let logger: Logger
    private var encoder: AnswerEncoder
    private var begin: (() throws -> SQLReply)?
    private var rows: (any SQLRows)?
    private var writer = SQLRowWriter()

    init(
        place: WorkPool.Place, encoder: AnswerEncoder, logger: Logger, begin: @escaping @Sendable () throws -> SQLReply
    ) {
        self.place = place
        self.encoder = encoder
        self.logger = logger
        self.begin = begin
    }

    /// The answer's next part. Waits for whatever it takes: never on an event loop.
    func next() -> Part {
        var isLast = true
        var isError = false
        do {
            isLast = try write()
        } catch let error as SQLError {
            encoder.error(error)
            isError = true
        } catch {
            // No text of an error that nobody foresaw goes to a client.
            logger.error("a statement failed unexpectedly", metadata: ["error": "\(type(of: error))"])
            encoder.error(.unexpected)
            isError = true
        }
        if isLast { rows = nil }
        defer { encoder.removeAll() }
        return Part(bytes: ByteBuffer(bytes: encoder.bytes), isLast: isLast, isError: isError)
    }

    /// - Returns: whether the answer is whole.
    private func write() throws -> Bool {
        if let begin {
            self.begin = nil
            switch try begin() {
            case .done(let affectedRows, let warnings, let note):
                encoder.done(affectedRows: affectedRows, warnings: warnings, note: note)
                return true
            case .rows(let columns, let rows):
                encoder.columns(columns)
                self.rows = rows
            }
        }
        guard let rows else { return true }
        let enough = NIODeadline.now() + Self.patience
        repeat {
            writer.removeAll()
            guard try rows.next(into: &writer) else {
                encoder.endOfRows()
                return true
            }
            encoder.rows(writer)
        } while encoder.count < Self.partSize && NIODeadline.now() < enough
        return false
    }
}
