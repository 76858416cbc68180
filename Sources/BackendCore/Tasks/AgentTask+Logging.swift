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
        case .migrate(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["to"] = "\(request.dataDir ?? request.medium.description)"
        case .upload(let request): metadata["job"] = "\(request.jobID)"
        case .download(let request): metadata["job"] = "\(request.jobID)"
        case .move(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["job"] = "\(request.jobID)"
        case .alter(let request):
            metadata["tablet"] = "\(request.newTabletID)"
            metadata["base"] = "\(request.baseTabletID)"
        case .clearAlter(let request): metadata["tablet"] = "\(request.tabletID)"
        case .pushedRules(let rules):
            metadata["policies"] = "\(rules.policies.map(\.name).joined(separator: ","))"
            metadata["resources"] = "\(rules.resources.map(\.name).joined(separator: ","))"
        case .visibleVersions(let versions): metadata["partitions"] = "\(versions.count)"
        case .indexPolicies(let pushed): metadata["policies"] = "\(pushed.policies.count)"
        case .cleanTrash, .unread, .absent: break
        }
        return metadata
    }
}
