internal import TabletModel

extension MetadataStore {
    /// What this FE's file ROLE says must be what the cluster's metadata say of it. Metadata of an earlier build say nothing.
    /// - Throws: `MetadataError.notOfCluster` for an FE that was removed, or is registered otherwise.
    public func checkRole() throws(MetadataError) {
        let frontends = read { $0.frontends }
        guard !frontends.isEmpty, let reason = identity.objection(in: frontends) else { return }
        throw .notOfCluster(path: images.folder + "/ROLE", reason: reason)
    }
}

extension ClusterIdentity {
    /// Why an FE that calls itself so does not belong to these; nil: it does.
    fileprivate func objection(in frontends: FrontendRegistry) -> String? {
        let anew = """
            empty meta_dir, have it added (tabletctl add-frontend HOST:PORT --role follower|observer), and start it with --helper
            """
        if frontends.removedNames.contains(nodeName) {
            return """
                the frontend \(nodeName) was dropped from the cluster, and its name is not given again; to let it join anew, \(anew)
                """
        }
        guard let known = frontends[nodeName] else {
            let names = frontends.all.map(\.nodeName).joined(separator: ", ")
            return """
                the frontend \(nodeName) is none of the cluster, whose frontends are \(names); restore the file if it was changed; \
                to let a new one join, \(anew)
                """
        }
        guard known.role.rawValue == role else {
            return """
                it says role=\(role), and \(nodeName) is registered as \(known.role); restore the file if it was changed; to give \
                it another role, drop it (tabletctl drop-frontend), \(anew)
                """
        }
        return nil
    }
}
