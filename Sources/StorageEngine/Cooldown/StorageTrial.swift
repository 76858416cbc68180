internal import Platform
public import TabletModel

/// Tries a store in every way that cooldown will use it, with a small object of its own (found B16). What fails does not keep
/// the rest from being tried, so that all missing permissions show at once. Blocking.
struct StorageTrial {
    let store: any ObjectStore
    let random: any RandomSource

    /// - Returns: what failed, in words; empty when all went well.
    func run() -> [String] {
        var failures: [String] = []
        func step(_ name: String, _ body: () throws -> String?) {
            do {
                if let wrong = try body() { failures.append("\(name): \(wrong)") }
            } catch {
                failures.append("\(name): \(error)")
            }
        }
        let folder = "tabletd-probe/"
        let key = folder + String(random.next(), radix: 16)
        let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var isThere = false
        step("put") {
            try store.put(key, from: BytesSource(bytes))
            isThere = true
            return nil
        }
        if isThere {
            step("head") {
                let size = try store.head(key)?.sizeBytes
                return size == Int64(bytes.count)
                    ? nil : "the object just put has \(size.map { "\($0) bytes" } ?? "gone")"
            }
            step("get") {
                try store.get(key, range: 100..<200) == Array(bytes[100..<200]) ? nil : "other bytes came than were put"
            }
        }
        // What followers and uploaders ask first is often not there.
        step("head of an absent object") { try store.head(key + "-absent") == nil ? nil : "it is said to be there" }
        step("list") {
            let found = try store.list(prefix: folder, continuation: nil)
            let isListed = found.continuation != nil || found.objects.contains { $0.key == key }
            return isListed || !isThere ? nil : "the object just put is not listed"
        }
        if isThere {
            step("delete") {
                try store.delete([key]); return nil
            }
        }
        return failures
    }
}

/// Why a store can't be cooled to, or is not the one it was.
struct StorageTrialError: Error, CustomStringConvertible {
    let failures: [String]
    var description: String { failures.joined(separator: "; ") }
}

extension CooldownService {
    /// Tries the entry's resource. One whose id rowsets here name must still hold one of their objects: an endpoint that leads
    /// to another bucket of the same name would lose them all.
    /// - Throws: `StorageTrialError`; what the provider throws for a resource that can't be.
    public func tryStorage(_ entry: StoragePolicyEntry) throws {
        guard let s3 = entry.resource else { throw StorageTrialError(failures: ["no storage resource was given"]) }
        let store = try policies.open(s3)
        var failures = StorageTrial(store: store, random: environment.random).run()
        if let id = entry.resourceID, let (tablet, key, size) = try someObject(in: String(id)) {
            do {
                let found = try store.head(key)?.sizeBytes
                if found != size {
                    failures.append(
                        "object \(key) of tablet \(tablet) is not there as it was written: does the endpoint lead to the same "
                            + "bucket?")
                }
            } catch {
                failures.append("object \(key) of tablet \(tablet): \(error)")
            }
        }
        guard failures.isEmpty else { throw StorageTrialError(failures: failures) }
    }

    private func someObject(in resource: String) throws(EngineError) -> (TabletID, key: String, size: Int64)? {
        for served in engine.tablets.sorted
        where served.resourceNames.contains(where: { policies.resourceKey(for: $0) == resource }) {
            guard let tablet = try engine.tablets[served.id] else { continue }
            for rowset in tablet.rowsets {
                guard case .remote(let name) = rowset.meta.location, policies.resourceKey(for: name) == resource,
                    let segment = rowset.meta.segments.first
                else { continue }
                return (tablet.id, RemoteKeys.segment(tablet.id, rowset.meta.id, 0), segment.sizeBytes)
            }
        }
        return nil
    }
}
