internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

/// `/tablets_json`: ids of tablets, a page at a time, so that a million of them take no memory.
final class TabletListing: BodyProducer {
    private enum Place {
        case head, tablets, end
    }

    private static let pageSize = 5000
    private let engine: StorageEngine
    private let head: [UInt8]
    private let limit: Int
    /// These are touched by the one caller of `next` only (`BodyProducer`).
    nonisolated(unsafe) private var place = Place.head
    nonisolated(unsafe) private var last: TabletID?
    nonisolated(unsafe) private var count = 0

    /// - Parameter host: a name or an address, which needs no escapes.
    init(_ engine: StorageEngine, host: String, limit: Int) {
        self.engine = engine
        self.limit = limit
        head = Array("{\"msg\":\"OK\",\"code\":0,\"data\":{\"host\":\"\(host)\",\"tablets\":[".utf8)
    }

    func next() -> [UInt8]? {
        switch place {
        case .head:
            place = .tablets
            return head
        case .tablets: return page() ?? tail()
        case .end: return nil
        }
    }

    private func page() -> [UInt8]? {
        let page = engine.tablets(after: last, limit: min(limit - count, Self.pageSize))
        guard let newest = page.last else { return nil }
        var text = ""
        for tablet in page {
            let (id, hash) = (tablet.header.tabletID.rawValue, tablet.header.schemaHash.rawValue)
            text += (count == 0 ? "" : ",") + "{\"tablet_id\":\(id),\"schema_hash\":\(hash)}"
            count += 1
        }
        last = newest.header.tabletID
        return Array(text.utf8)
    }

    private func tail() -> [UInt8] {
        place = .end
        return Array("]},\"count\":\(count)}\n".utf8)
    }
}
