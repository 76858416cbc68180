internal import TabletModel

/// A path that names a snapshot of ours, or something in one, and nothing else.
///
/// A path comes from a peer, so it is taken apart and not compared by its beginning: `{data dir}/snapshot/{name}`, then
/// `/{tablet_id}/{schema_hash}` and a file's name; after a schema hash a slash may stand, as Doris' backends ask for lists.
/// Whatever is not spelt exactly so, ".." and doubled slashes among it, is no such path.
struct SnapshotPath {
    let dataDir: DataDir
    let name: SnapshotName
    /// Below the snapshot's folder: nothing, or tablet, schema hash and perhaps a file.
    let rest: [Substring]

    init?(_ path: String, in dataDirs: [DataDir]) {
        for dir in dataDirs {
            let prefix = dir.layout.snapshot + "/"
            guard path.hasPrefix(prefix) else { continue }
            let parts = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
            guard let name = SnapshotName(text: parts[0]), Self.isContent(parts.dropFirst()) else { continue }
            dataDir = dir
            self.name = name
            rest = parts.dropFirst().filter { !$0.isEmpty }
            return
        }
        return nil
    }

    /// `{data dir}/snapshot/{name}`
    var root: String { "\(dataDir.layout.snapshot)/\(name)" }
    /// The path itself, from the snapshot's root down.
    var steps: [String] { rest.reduce(into: [root]) { $0.append($0[$0.count - 1] + "/" + $1) } }

    private static func isContent(_ parts: ArraySlice<Substring>) -> Bool {
        if parts.isEmpty { return true }
        let parts = Array(parts)
        guard parts.count == 2 || parts.count == 3, let tablet = TabletID(text: parts[0]),
            tablet.description == parts[0], let hash = Int32(parts[1]), String(hash) == parts[1]
        else { return false }
        return parts.count == 2 || parts[2].isEmpty || parts[2] == "\(tablet).hdr"
            || DataDirLayout.rowset(ofSegmentName: parts[2]) != nil
    }
}
