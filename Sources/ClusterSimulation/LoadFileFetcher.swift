internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import TabletModel

/// A BE's downloads from the FE that a URL names: `GET /api/_load_file/{txn}/{tablet}?token=…` as a direct call.
struct LoadFileFetcher: HTTPFetcher {
    private static let pieceBytes = 1 << 10
    /// Who fetches.
    let name: String
    let shared: SharedParts

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let target = Target(url), let frontend = shared.frontends.at(target.host), range == nil else {
            throw HTTPFetchError(url: url, httpStatus: 404, message: "no such page", isRetryable: false)
        }
        guard shared.network.reaches(name, target.host), let master = frontend.master, !frontend.plan.hasCrashed else {
            throw HTTPFetchError(url: url, message: "connection refused", isRetryable: true)
        }
        let file: any ReadableFile
        do {
            file = try master.loadFile(target.transaction, target.tablet, token: target.token)
        } catch let error as MasterError {
            let status = Self.status(of: error)
            throw HTTPFetchError(url: url, httpStatus: status, message: error.message, isRetryable: status >= 500)
        }
        var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
        var offset: Int64 = 0
        while offset < file.sizeBytes {
            let count: Int
            do {
                count = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
            } catch {
                throw HTTPFetchError(url: url, httpStatus: 200, message: "the connection broke", isRetryable: true)
            }
            guard count > 0 else { break }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
        }
    }

    private static func status(of error: MasterError) -> Int {
        switch error.code {
        case .notFound: 404
        case .notAuthorized: 401
        default: 500
        }
    }

    /// What a load file's URL names.
    private struct Target {
        let host: String
        let transaction: TransactionID
        let tablet: TabletID
        let token: String

        init?(_ url: String) {
            let page = ":\(SimulatedFrontend.httpPort)/api/_load_file/"
            guard url.hasPrefix("http://"), let place = url.firstRange(of: page) else { return nil }
            host = String(url[..<place.lowerBound].dropFirst("http://".count))
            let parts = url[place.upperBound...].split(separator: "?", maxSplits: 1)
            let ids = parts.first?.split(separator: "/") ?? []
            guard parts.count == 2, ids.count == 2, parts[1].hasPrefix("token="),
                let transaction = TransactionID(text: ids[0]), let tablet = TabletID(text: ids[1])
            else { return nil }
            self.transaction = transaction
            self.tablet = tablet
            token = String(parts[1].dropFirst("token=".count))
        }
    }
}
