import HTTPAPI
import TabletModel

/// Asks the destinations of running clones how far these have come: the FE only learns of their ends.
struct CloneWatch {
    private let client: APIClient

    init(_ client: APIClient) { self.client = client }

    /// By tablet. A backend that can't be asked is named in the place of the progress.
    func progress(of running: [RepairTaskView], nowMs: Int64) throws -> [TabletID: String] {
        guard !running.isEmpty else { return [:] }
        let backends = try decode([BackendView].self, try client.get("/api/backends"))
        var found: [TabletID: String] = [:]
        for (destination, tasks) in Dictionary(grouping: running, by: \.destinationBackendID) {
            guard let backend = backends.first(where: { $0.id == destination }) else { continue }
            do {
                let path = "/api/clones"
                let clones = try decode(
                    [CloneView].self, try client.getBackend(backend.host, backend.httpPort, path))
                for clone in clones { found[TabletID(clone.tabletID)] = describe(clone, nowMs: nowMs) }
            } catch {
                let reason = (error as? CLIError)?.message ?? "\(error)"
                for task in tasks { found[task.tabletID] = "backend \(backend.id) can't be asked: \(reason)" }
            }
        }
        return found
    }
}

func describe(_ clone: CloneView, nowMs: Int64) -> String {
    let source = clone.source ?? "its sources"
    switch clone.step {
    case "downloading":
        let part = "\(formatBytes(clone.bytesDone)) of \(formatBytes(clone.bytesTotal))"
        let text = "\(clone.filesDone) of \(clone.filesTotal) files, \(part) from \(source)"
        let seconds = Double(nowMs - clone.startedMs) / 1000
        guard clone.bytesDone > 0, seconds >= 1 else { return text }
        let rate = Double(clone.bytesDone) / seconds
        let left = Double(clone.bytesTotal - clone.bytesDone) / rate
        return text + ", \(formatBytes(Int64(rate)))/s, \(formatSeconds(left)) left"
    case "joining": return "all is here and verified; joins the tablet"
    default: return "asks \(source) for a snapshot"
    }
}
