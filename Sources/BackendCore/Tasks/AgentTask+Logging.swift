internal import Logging
internal import TabletModel

extension AgentTask {
    /// What a line about the task names: itself, and what it is about.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["type": "\(type)", "signature": "\(signature)"]
        switch payload {
        case .create(let request): metadata["tablet"] = "\(request.tabletID)"
        case .drop(let request): metadata["tablet"] = "\(request.tabletID)"
        case .push(let request):
            metadata["tablet"] = "\(request.tabletID)"
            if let transaction = request.transactionID { metadata["transaction"] = "\(transaction)" }
        case .publishVersion(let request):
            metadata["transaction"] = "\(request.transactionID)"
            let versions = request.partitions.map { "\($0.partitionID)=\($0.version)" }
            metadata["version"] = "\(versions.joined(separator: ","))"
        case .clearTransaction(let request): metadata["transaction"] = "\(request.transactionID)"
        case .cooldownConfs(let confs):
            metadata["tablet"] = "\(confs.map(\.tabletID.description).joined(separator: ","))"
        case .storagePolicy(let entry): metadata["policy"] = "\(entry.name)"
        case .updateTabletMeta(let updates):
            metadata["tablet"] = "\(updates.map(\.tabletID.description).joined(separator: ","))"
        case .clone(let request):
            metadata["tablet"] = "\(request.tabletID)"
            if let version = request.committedVersion { metadata["version"] = "\(version)" }
        case .compaction(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["kind"] = "\(request.kind.rawValue)"
        case .checkConsistency(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["version"] = "\(request.version)"
        case .makeSnapshot(let request): metadata["tablet"] = "\(request.tabletID)"
        case .releaseSnapshot(let path): metadata["path"] = "\(path)"
        case .unread, .absent: break
        }
        return metadata
    }
}
