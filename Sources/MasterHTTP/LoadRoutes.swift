internal import AccessControl
internal import HTTPAPI
internal import HTTPTypes
internal import Hummingbird
internal import MasterCore
internal import NIOCore
internal import Platform
internal import ServiceLifecycle
internal import StatusHTTP
internal import TabletModel

extension MasterRoutes {
    func addLoads(to router: HTTPService.Routes) {
        router.put("api/:database/:table/_stream_load") { request, context in
            try await streamLoad(request, into: tableName(context))
        }
        router.post("api/tables/:database/:table/delete") { request, context in
            let table = try tableName(context)
            // 10,000 values of a condition, each perhaps escaped.
            let body = try await decodeBody(DeleteRowsBody.self, from: request, limit: 8 << 20)
            return try await answer {
                try $0.deleteRows(
                    DeleteRowsRequest(
                        table: table, condition: body.condition, label: body.label, timeoutMs: body.timeoutMs))
            }
        }
        router.get("api/loads") { _, context in
            let caller = try context.loggedIn()
            return try await answer { try $0.loads().filter { caller.may(.read, on: $0.table.database) } }
        }
        router.get("api/loads/:id") { _, context in
            let id = TransactionID(try context.pathInteger("id"))
            let load = try await run { try $0.load(id) }
            try context.require(.read, on: load.table.database)
            return try jsonResponse(load)
        }
        router.delete("api/loads/:id") { _, context in
            let id = TransactionID(try context.pathInteger("id"))
            try context.require(.load, on: try await run { try $0.load(id) }.table.database)
            return try await answer { try $0.abortLoad(id, reason: "aborted by a person") }
        }
        router.get("api/_load_file/:transaction/:tablet") { request, context in
            let transaction = TransactionID(try context.pathInteger("transaction"))
            let tablet = TabletID(try context.pathInteger("tablet"))
            let token = try request.requiredQuery("token")
            let file = try await run { try $0.loadFile(transaction, tablet, token: token) }
            return streamedResponse(
                FileProducer(file), on: pool, contentType: "application/octet-stream",
                contentLength: Int(file.sizeBytes), logger: context.logger)
        }
    }

    /// Takes the file as it comes, then either answers at once (`wait=false`; the client polls `/api/loads/{id}`) or when
    /// the load is visible or aborted, as Doris does. A body that breaks off aborts the load. When the FE stops, the client
    /// hears at once how far the load is.
    private func streamLoad(_ request: Request, into table: TableName) async throws -> Response {
        let begin = try beginRequest(request, table)
        let load = try await run { try $0.beginLoad(begin) }
        let id = load.transactionID
        do {
            try await cancelWhenGracefulShutdown {
                try await receive(request.body, load: id)
                // A body whose reading was cancelled must not be taken for a whole one.
                try Task.checkCancellation()
            }
        } catch {
            let reason = Task.isShuttingDownGracefully ? "the FE is stopping" : "the upload broke off: \(error)"
            _ = try await run { try $0.abortLoad(id, reason: reason) }
            guard Task.isShuttingDownGracefully else { throw error }
            throw HTTPProblem.unavailable(
                "the FE is stopping and the load was aborted: send it again under the label \(begin.label) once it is back"
            )
        }
        let received = try await run { try $0.finishLoad(id) }
        let view = request.query("wait") == "false" ? received : try await ended(received)
        return try jsonResponse(view, status: view.state == .aborted ? .serviceUnavailable : .ok)
    }

    /// Waits for the end of a load that was received.
    private func ended(_ received: LoadView) async throws -> LoadView {
        var view = received
        while view.state != .visible, view.state != .aborted {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(50)) }
            } catch {
                guard Task.isShuttingDownGracefully else { throw error }
                throw HTTPProblem.unavailable(
                    "the FE is stopping; the load is \(view.state.rawValue). Send it again under the same label "
                        + "\(view.label) once the FE is back: a label is never loaded twice")
            }
            let id = view.transactionID
            view = try await run { try $0.load(id) }
        }
        return view
    }

    private func receive(_ body: RequestBody, load id: TransactionID) async throws {
        var pending = ByteBuffer()
        for try await var piece in body {
            pending.writeBuffer(&piece)
            if pending.readableBytes >= 512 << 10 {
                try await append(pending, to: id)
                pending = ByteBuffer()
            }
        }
        if pending.readableBytes > 0 { try await append(pending, to: id) }
    }

    private func append(_ buffer: ByteBuffer, to id: TransactionID) async throws {
        try await run { control in
            try buffer.withUnsafeReadableBytes { try control.appendToLoad(id, $0) }
        }
    }

    /// Doris' stream-load headers: label, column_separator, skip_lines (0 or 1), timeout (seconds).
    private func beginRequest(_ request: Request, _ table: TableName) throws -> BeginLoadRequest {
        guard let label = request.header("label"), !label.isEmpty else {
            throw HTTPProblem.badRequest("the header 'label' is missing; a label makes the load safe to repeat")
        }
        let skip: Bool?
        switch request.header("skip_lines") {
        case nil: skip = nil
        case "0": skip = false
        case "1": skip = true
        case .some(let other):
            throw HTTPProblem.badRequest("skip_lines must be 0 or 1, not '\(other)'")
        }
        var timeoutMs: Int64?
        if let text = request.header("timeout") {
            guard let seconds = Int64(text), seconds > 0, seconds < 1 << 31 else {
                throw HTTPProblem.badRequest("timeout must be a positive number of seconds, not '\(text)'")
            }
            timeoutMs = seconds * 1000
        }
        return BeginLoadRequest(
            table: table, label: label, delimiter: request.header("column_separator"), skipHeader: skip,
            timeoutMs: timeoutMs)
    }
}

extension Request {
    fileprivate func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}

/// Reads a file front to back in pieces of 256 KiB.
private final class FileProducer: BodyProducer {
    private let file: any ReadableFile
    /// Only the one caller of `next` touches it (`BodyProducer`).
    nonisolated(unsafe) private var offset: Int64 = 0

    init(_ file: any ReadableFile) { self.file = file }

    func next() throws -> [UInt8]? {
        let count = min(256 << 10, file.sizeBytes - offset)
        guard count > 0 else { return nil }
        let piece = try file.read(count: Int(count), at: offset)
        offset += count
        return piece
    }
}
