public import Platform
internal import TabletModel

/// Who this cluster and this FE are: the files `image/VERSION` (cluster id, token) and `image/ROLE` (role, node name), as
/// Doris lays them out (`contract/behaviour.md §8`). Made once, at the first start, and never changed.
public struct ClusterIdentity: Hashable, Sendable, CustomStringConvertible {
    /// 1..2³¹-2; a BE that once belonged to another cluster refuses it.
    public let clusterID: Int32
    /// What BEs and FEs of the cluster prove themselves with: a secret.
    public let token: String
    public let role: String
    public let nodeName: String

    /// Without the token.
    public var description: String { "cluster \(clusterID), \(role) \(nodeName)" }

    /// A random token, and a random cluster id unless it is given.
    static func new(nodeName: String, clusterID: Int32?, random: some RandomSource) -> ClusterIdentity {
        let id = clusterID ?? Int32(1 + random.next(below: UInt64(Int32.max) - 1))
        return ClusterIdentity(clusterID: id, token: random.uuidText(), role: "FOLLOWER", nodeName: nodeName)
    }

    /// Reads both files. At a first start (`isEmpty`: there is neither an image nor an entry of the edit log) makes them, both or
    /// none: they are written under temporary names, and VERSION gets its own last. A first start that a crash broke off before
    /// that begins anew; one that it broke off behind is finished. A file that is missing otherwise is
    /// `MetadataError.badIdentity`; so is a cluster id other than the configured one.
    static func load(
        folder: String, files: any FileSystem, isEmpty: Bool, nodeName: String, clusterID: Int32? = nil,
        random: some RandomSource
    ) throws -> ClusterIdentity {
        if isEmpty { try make(folder, files, new(nodeName: nodeName, clusterID: clusterID, random: random)) }
        let found = try read(folder: folder, files: files)
        if let clusterID, clusterID != found.clusterID {
            throw MetadataError.badIdentity(
                path: folder + "/VERSION",
                reason:
                    "it is of cluster \(found.clusterID), the configuration says cluster_id = \(clusterID): set that to \(found.clusterID) or -1"
            )
        }
        return found
    }

    /// The first start of an FE in a cluster that is there already: makes both files, or none. At a later start they are there,
    /// and must say the same.
    /// - Throws: `MetadataError.badIdentity`: they are of another cluster, or another FE's.
    public static func join(
        clusterID: Int32, token: String, role: String, nodeName: String, folder: String, files: any FileSystem
    ) throws {
        let wanted = ClusterIdentity(clusterID: clusterID, token: token, role: role, nodeName: nodeName)
        try make(folder, files, wanted)
        let found = try read(folder: folder, files: files)
        guard found.clusterID == clusterID, found.token == token else {
            throw MetadataError.badIdentity(
                path: folder + "/VERSION",
                reason: found.clusterID == clusterID
                    ? "its token is not the one of the cluster that was asked"
                    : "it is of cluster \(found.clusterID), the one that was asked is of cluster \(clusterID)")
        }
        guard found.role == role, found.nodeName == nodeName else {
            throw MetadataError.badIdentity(
                path: folder + "/ROLE",
                reason: "it says \(found.role) \(found.nodeName), the cluster knows this FE as \(role) \(nodeName)")
        }
    }

    /// Of a meta dir that has both files.
    public static func read(folder: String, files: any FileSystem) throws -> ClusterIdentity {
        let version = try properties(folder + "/VERSION", beside: folder + "/ROLE", files)
        let role = try properties(folder + "/ROLE", beside: folder + "/VERSION", files)
        func value(_ name: String, of all: [String: String], in file: String) throws -> String {
            guard let value = all[name], !value.isEmpty else {
                throw MetadataError.badIdentity(path: "\(folder)/\(file)", reason: "it does not say \(name)")
            }
            return value
        }
        let text = try value("clusterId", of: version, in: "VERSION")
        guard let id = Int32(text), id > 0, id < Int32.max else {
            throw MetadataError.badIdentity(path: folder + "/VERSION", reason: "clusterId=\(text) is no cluster id")
        }
        return ClusterIdentity(
            clusterID: id, token: try value("token", of: version, in: "VERSION"),
            role: try value("role", of: role, in: "ROLE"), nodeName: try value("name", of: role, in: "ROLE"))
    }

    /// ROLE is written whole under a temporary name, then VERSION under its own, then ROLE gets its name: so ROLE alone is never
    /// what a crash leaves, and VERSION alone only beside `ROLE.first`.
    private static func make(_ folder: String, _ files: any FileSystem, _ fresh: ClusterIdentity) throws {
        let (version, role) = (folder + "/VERSION", folder + "/ROLE")
        let staged = folder + "/ROLE.first"
        switch (try files.exists(version), try files.exists(role)) {
        case (false, false):
            try files.replaceFile(staged, with: lines([("role", fresh.role), ("name", fresh.nodeName)]))
            try files.replaceFile(
                version, with: lines([("clusterId", String(fresh.clusterID)), ("token", fresh.token)]))
        case (true, false):
            guard try files.exists(staged) else { throw missing(role, beside: version) }
        case (false, true): throw missing(version, beside: role)
        case (true, true): return
        }
        try files.rename(staged, to: role)
        try files.syncDirectory(folder)
    }

    /// Not what a first start leaves: the file was lost, or the other put there.
    private static func missing(_ path: String, beside other: String) -> MetadataError {
        .badIdentity(
            path: path,
            reason: """
                the file is missing, and \(other) is there: both or none (there are no metadata yet: without that one, too, a \
                new cluster begins)
                """)
    }

    private static func lines(_ values: [(name: String, value: String)]) -> [UInt8] {
        Array(values.map { "\($0.name)=\($0.value)\n" }.joined().utf8)
    }

    /// Lines of `name=value`; other lines are comments.
    private static func properties(
        _ path: String, beside other: String, _ files: any FileSystem
    ) throws -> [String: String] {
        guard try files.exists(path) else {
            throw MetadataError.badIdentity(
                path: path,
                reason: try files.exists(other)
                    ? "the file is missing, and \(other) is there: both or none"
                    : "the file is missing beside an image or an edit log")
        }
        let text = String(decoding: try files.readAll(path, limit: 1 << 16), as: UTF8.self)
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            found[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return found
    }
}
