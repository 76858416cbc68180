import CurlHTTP
import HTTPAPI
import SQLExecution
import SQLSessions
import Synchronization
import TabletModel

/// Reads tables from the backends' HTTP ports, tablet by tablet, as `tabletctl read` does.
struct TabletReader: TableRows {
    let http: HTTPClient

    func open(_ read: TableRead) throws -> any SQLRows { try SelectedRows(read, http) }

    func count(_ read: TableRead) throws -> Int64 {
        var read = read
        read.columns = []
        let rows = try SelectedRows(read, http)
        var writer = SQLRowWriter()
        while try rows.next(into: &writer) {}
        return rows.count
    }
}

/// The rows of one statement. `SQLRows`' callers use it one at a time.
private final class SelectedRows: SQLRows {
    private let read: TableRead
    private let http: HTTPClient
    nonisolated(unsafe) private var picker: RowPicker
    /// The tablet that is read, its place in the plan.
    nonisolated(unsafe) private var tablet = 0
    /// Which of its backends is asked.
    nonisolated(unsafe) private var backend = 0
    nonisolated(unsafe) private var answer: StreamedAnswer?
    /// Bytes of this tablet came: another backend would begin anew.
    nonisolated(unsafe) private var began = false
    nonisolated(unsafe) private var skip: Int64
    nonisolated(unsafe) private var left: Int64
    nonisolated(unsafe) private(set) var count: Int64 = 0
    nonisolated(unsafe) private var failures: [String] = []

    init(_ read: TableRead, _ http: HTTPClient) throws {
        self.read = read
        self.http = http
        skip = read.offset
        left = read.limit ?? .max
        do {
            picker = try RowPicker(columns: read.columns, conditions: read.conditions, schema: read.schema)
        } catch {
            throw SQLError(1054, "42S22", "\(error)")
        }
    }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        while left > 0, tablet < read.plan.tablets.count {
            try read.checkWanted()
            let before = writer.ends.count
            try step(&writer)
            if writer.ends.count > before { return true }
        }
        answer?.end()
        answer = nil
        return false
    }

    /// Takes the next bytes of the tablet, or the next backend or tablet.
    private func step(_ writer: inout SQLRowWriter) throws {
        let place = read.plan.tablets[tablet]
        guard backend < place.backends.count else {
            let reason = failures.isEmpty ? "no live backend has it" : failures.joined(separator: "; ")
            throw SQLError.unavailable("tablet \(place.tabletID) can't be read at version \(place.version): \(reason)")
        }
        do {
            let answer = try self.answer ?? open(place)
            self.answer = answer
            // Copied out of the closure: it can't hold an inout across a throw.
            var piece: [UInt8] = []
            switch try answer.next(upTo: .milliseconds(200), { piece.append(contentsOf: $0) }) {
            case .silence: break
            case .bytes:
                began = true
                take(&writer) { picker, limit, writer in
                    piece.withUnsafeBytes { picker.add($0, limit: limit, into: &writer) }
                }
            case .end(let response):
                guard response.isSuccess else {
                    let text = String(decoding: response.body.prefix(500), as: UTF8.self)
                    return try fail("answered \(response.status): \(text)", place)
                }
                take(&writer) { picker, limit, writer in picker.finish(limit: limit, into: &writer) }
                (self.answer, backend, began, failures) = (nil, 0, false, [])
                tablet += 1
            }
        } catch let error as HTTPTransferError {
            try fail("\(error.message)", place)
        }
    }

    private func take(
        _ writer: inout SQLRowWriter, _ body: (inout RowPicker, Int64, inout SQLRowWriter) -> Int64
    ) {
        // Rows before the offset are counted, and not shown.
        if skip > 0 {
            var all = SQLRowWriter()
            let found = body(&picker, left == .max ? .max : left + skip, &all)
            let dropped = min(skip, found)
            skip -= dropped
            let kept = found - dropped
            count += kept
            if left != .max { left -= kept }
            writer.append(all, from: Int(dropped))
            return
        }
        let found = body(&picker, left, &writer)
        count += found
        if left != .max { left -= found }
    }

    private func open(_ place: ReadPlan.TabletTarget) throws(HTTPTransferError) -> StreamedAnswer {
        let target = place.backends[backend]
        let address = NetworkAddress(host: target.host, port: target.httpPort)
        var request = HTTPRequest(
            .get,
            "cluster://\(address)/api/_tablet/_read?tablet_id=\(place.tabletID)&schema_hash=\(place.schemaHash)"
                + "&version=\(place.version)",
            headers: place.token.map { [HTTPHeader("token", $0)] } ?? [])
        request.timeouts.connect = .seconds(3)
        request.timeouts.stall = .seconds(120)
        request.timeouts.answer = .seconds(120)
        return try http.open(request)
    }

    private func fail(_ reason: String, _ place: ReadPlan.TabletTarget) throws {
        failures.append("backend \(place.backends[backend].backendID): \(reason)")
        answer = nil
        // Rows that are out can't be taken back.
        guard !began else {
            throw SQLError.unavailable(
                "the read of tablet \(place.tabletID) broke off: \(failures.joined(separator: "; "))")
        }
        backend += 1
    }
}
