internal import ClusterTestKit
internal import Platform
internal import StorageEngine
internal import TabletModel

/// A BE's downloads: load files from the FE, and snapshots' files from other BEs
/// (`GET /api/_tablet/_download?token=…&file=…` as a direct call, piece by piece: other jobs run in between).
struct SnapshotFetcher: HTTPFetcher {
    private static let pieceBytes = 1 << 9

    let loadFiles: LoadFileFetcher
    /// Who fetches.
    let name: String
    let plan: FaultPlan
    let shared: SharedParts

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let target = Target(url) else {
            return try loadFiles.fetch(url, range: range, timeoutSeconds: timeoutSeconds, body)
        }
        let address = NetworkAddress(host: target.host, port: SimulatedBackend.httpPort)
        var failure: (any Error)?
        do {
            try shared.network.carry("download", from: name, to: address) {
                do {
                    try send(target, range, url, body)
                } catch let error as RPCError {
                    throw error
                } catch {
                    failure = error
                }
            }
        } catch let error as RPCError {
            throw failure ?? HTTPFetchError(url: url, message: error.message, isRetryable: true)
        }
        if let failure { throw failure }
    }

    private func send(
        _ target: Target, _ range: Range<Int64>?, _ url: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        func refuse(_ status: Int, _ message: String) -> HTTPFetchError {
            HTTPFetchError(url: url, httpStatus: status, message: message, isRetryable: status >= 500)
        }
        guard let server = shared.peers.server(target.host), isUp(target.host) else {
            throw HTTPFetchError(url: url, message: "connection refused", isRetryable: true)
        }
        switch server.accepts(target.token) {
        case true?: break
        case false?: throw refuse(403, "the token is not this cluster's")
        case nil: throw refuse(503, "this backend has had no heartbeat yet")
        }
        let found: SnapshotDownload
        do {
            found = try server.snapshots.download(target.path)
        } catch let error as SnapshotDownload.Refusal {
            throw refuse(error == .outside ? 403 : 404, error.description)
        } catch {
            throw isUp(target.host) ? refuse(500, "\(error)") : broken(url)
        }
        switch found {
        case .folder(let names):
            let list = Array(names.map { $0 + "\n" }.joined().utf8)
            try list.withUnsafeBytes { try body($0) }
        case .file(let file): try send(file, of: target, range, url, body)
        }
    }

    private func send(
        _ file: any ReadableFile, of target: Target, _ range: Range<Int64>?, _ url: String,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let part = (range ?? 0..<file.sizeBytes).clamped(to: 0..<file.sizeBytes)
        var offset = part.lowerBound
        defer {
            shared.peers.note(
                SentFile(
                    source: target.host, destination: name, name: target.name, bytes: offset - part.lowerBound,
                    isWhole: offset == part.upperBound))
        }
        var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
        while offset < part.upperBound {
            shared.interleaving.letOthersRun()
            guard isUp(target.host), !plan.hasCrashed else { throw broken(url) }
            let wanted = min(Self.pieceBytes, Int(part.upperBound - offset))
            let count: Int
            do {
                count = try buffer.withUnsafeMutableBytes { bytes in
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: offset)
                }
            } catch {
                throw broken(url)
            }
            guard count > 0 else { throw broken(url) }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
        }
    }

    private func isUp(_ host: String) -> Bool { shared.peers.plan(host)?.hasCrashed == false }

    private func broken(_ url: String) -> HTTPFetchError {
        HTTPFetchError(url: url, httpStatus: 200, message: "the connection broke", isRetryable: true)
    }

    /// What a download's URL names. Neither tokens nor paths of the simulation need percent-encoding.
    private struct Target {
        let host: String
        let token: String
        let path: String
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }

        init?(_ url: String) {
            let parts = url.split(separator: "?", maxSplits: 1)
            let suffix = ":\(SimulatedBackend.httpPort)/api/_tablet/_download"
            guard parts.count == 2, parts[0].hasPrefix("cluster://"), parts[0].hasSuffix(suffix) else { return nil }
            host = String(parts[0].dropFirst("cluster://".count).dropLast(suffix.count))
            var values: [Substring: Substring] = [:]
            for pair in parts[1].split(separator: "&") {
                let sides = pair.split(separator: "=", maxSplits: 1)
                if sides.count == 2 { values[sides[0]] = sides[1] }
            }
            guard let token = values["token"], let file = values["file"] else { return nil }
            self.token = String(token)
            path = String(file)
        }
    }
}
