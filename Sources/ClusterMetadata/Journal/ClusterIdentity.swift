internal import Platform
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

    /// Reads both files, or makes what is missing when there is no metadata yet (`isEmpty`): a crash between the two files of
    /// a first start is finished by the next. With metadata there, a missing file is `MetadataError.badIdentity`; so is a
    /// cluster id other than the configured one.
    static func load(
        folder: String, files: any FileSystem, isEmpty: Bool, nodeName: String, clusterID: Int32? = nil,
        random: some RandomSource
    ) throws -> ClusterIdentity {
        let fresh = new(nodeName: nodeName, clusterID: clusterID, random: random)
        let version = try properties(
            folder + "/VERSION", files, isEmpty: isEmpty,
            makes: [("clusterId", String(fresh.clusterID)), ("token", fresh.token)])
        let role = try properties(
            folder + "/ROLE", files, isEmpty: isEmpty, makes: [("role", fresh.role), ("name", fresh.nodeName)])
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
        if let clusterID, clusterID != id {
            throw MetadataError.badIdentity(
                path: folder + "/VERSION",
                reason:
                    "it is of cluster \(id), the configuration says cluster_id = \(clusterID): set that to \(id) or -1")
        }
        return ClusterIdentity(
            clusterID: id, token: try value("token", of: version, in: "VERSION"),
            role: try value("role", of: role, in: "ROLE"), nodeName: try value("name", of: role, in: "ROLE"))
    }

    /// Lines of `name=value`; other lines are comments.
    private static func properties(
        _ path: String, _ files: any FileSystem, isEmpty: Bool, makes fresh: [(name: String, value: String)]
    ) throws -> [String: String] {
        if try !files.exists(path) {
            guard isEmpty else {
                throw MetadataError.badIdentity(
                    path: path, reason: "the file is missing beside an image or an edit log")
            }
            let text = fresh.map { "\($0.name)=\($0.value)\n" }.joined()
            try files.replaceFile(path, with: Array(text.utf8))
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
