public import TabletModel

/// Names of a tablet's objects in its storage resource (design.md, cooldown protocol 3). Keys are relative to the
/// resource's root path.
public enum RemoteKeys {
    /// `data/{tablet_id}/`: everything of a tablet.
    public static func folder(_ tablet: TabletID) -> String { "data/\(tablet)/" }

    /// `data/{tablet_id}/{rowset_id}_{n}.dat`. Rowset ids are random, so no key is ever used twice.
    public static func segment(_ tablet: TabletID, _ rowset: RowsetID, _ index: Int) -> String {
        folder(tablet) + DataDirLayout.segmentName(rowset, index)
    }

    public static func segments(of rowset: RowsetMeta) -> [String] {
        rowset.segments.indices.map { segment(rowset.tabletID, rowset.id, $0) }
    }

    /// `data/{tablet_id}/{replica_id}.{term}.meta`: written by that replica in that term only.
    public static func meta(_ conf: CooldownConf) -> String {
        folder(conf.tabletID) + "\(conf.cooldownReplicaID).\(conf.term).meta"
    }

    /// `data/{tablet_id}/{replica_id}.meta`: the older name, read when the other is absent, never written.
    public static func legacyMeta(_ conf: CooldownConf) -> String {
        folder(conf.tabletID) + "\(conf.cooldownReplicaID).meta"
    }
}
