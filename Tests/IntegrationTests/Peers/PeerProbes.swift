import PeerKit

/// One task of each kind beside create, load and publish, as a Doris FE sends it, and as none does.
struct PeerProbe {
    var name: String
    var task: WireRecord
    /// Its end can't be OK: what it asks for is not there, or is nothing.
    var isBroken: Bool

    private init(_ name: String, _ type: PeerTask, _ signature: Int64, _ request: WireRecord?, isBroken: Bool) {
        self.name = "\(name)\(isBroken ? ", broken" : "")"
        task = .task(type, signature, request)
        self.isBroken = isBroken
    }

    private static let far = Int64.max
    private static let broker = WireValue.record(WireRecord("TNetworkAddress", ["hostname": "127.0.0.1", "port": 1]))
    private static let keys = WireValue.texts([
        "AWS_ENDPOINT": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY": "ak",
        "AWS_SECRET_KEY": "sk",
    ])

    /// - Parameters:
    ///   - tablet: one that the backend has.
    ///   - shadow: the new half of a schema change of that one.
    ///   - sign: gives signatures.
    static func all(_ year: PeerYear, tablet: Int64, shadow: Int64, sign: () -> Int64) -> [PeerProbe] {
        var probes: [PeerProbe] = []
        func add(_ name: String, _ type: PeerTask, _ struct_: String?, _ members: [String: WireValue?], broken: Bool) {
            let request = struct_.map { WireRecord($0, members) }
            probes.append(PeerProbe(name, type, sign(), request, isBroken: broken))
        }
        let known: [String: WireValue?] = ["tablet_id": .number(tablet), "schema_hash": 4711]
        let unknown: [String: WireValue?] = ["tablet_id": .number(far), "schema_hash": -1]
        func with(_ base: [String: WireValue?], _ more: [String: WireValue?]) -> [String: WireValue?] {
            base.merging(more) { $1 }
        }

        let migrate = "TStorageMediumMigrateReq"
        add("migrate", .migrate, migrate, with(known, ["storage_medium": 1]), broken: true)
        add(
            "migrate to a path", .migrate, migrate, with(known, ["storage_medium": 0, "data_dir": "../.."]),
            broken: true)
        add("migrate nothing", .migrate, migrate, with(unknown, ["storage_medium": 0]), broken: true)
        add("migrate to tape", .migrate, migrate, with(known, ["storage_medium": 99]), broken: true)

        for (type, name, struct_) in [
            (PeerTask.upload, "upload", "TUploadReq"), (.download, "download", "TDownloadReq"),
        ] {
            let job: [String: WireValue?] = ["job_id": 5, "broker_addr": broker, "storage_backend": 1]
            add(
                name, type, struct_,
                with(job, ["src_dest_map": .texts(["/nowhere/snapshot": "s3://bucket/x"]), "broker_prop": keys]),
                broken: true)
            add(
                name + " out of the dirs", type, struct_,
                with(
                    job,
                    [
                        "src_dest_map": .texts(["../../etc": "s3://bucket/../x", "/etc": "", "": "\u{202E}"]),
                        "broker_prop": keys,
                    ]), broken: true)
            add(
                name + " by a broker", type, struct_,
                [
                    "job_id": .number(far), "broker_addr": broker, "src_dest_map": .texts(["/a": "b"]),
                    "storage_backend": 0,
                ], broken: true)
            add(
                name + " without keys", type, struct_, with(job, ["src_dest_map": .texts(["/a": "s3://b/c"])]),
                broken: true)
        }

        add(
            "move", .move, "TMoveDirReq", with(known, ["src": "/nowhere", "job_id": 5, "overwrite": true]), broken: true
        )
        add(
            "move from above", .move, "TMoveDirReq",
            with(known, ["src": "../../..", "job_id": .number(far), "overwrite": false]), broken: true)
        add(
            "move nothing", .move, "TMoveDirReq", with(unknown, ["src": "", "job_id": -1, "overwrite": true]),
            broken: true)

        func condition(_ column: String, _ operation: String, _ values: [String]) -> WireValue {
            .record(
                WireRecord(
                    "TCondition",
                    [
                        "column_name": .text(column), "condition_op": .text(operation),
                        "condition_values": .list(values.map { .text($0) }),
                    ]))
        }
        func delete(_ name: String, _ base: [String: WireValue?], _ conditions: [WireValue]?, broken: Bool) {
            add(
                name, .realtimePush, "TPushReq",
                with(
                    base,
                    [
                        "version": -1, "version_hash": 0, "timeout": 10, "push_type": 1,
                        "transaction_id": .number(sign()),
                        "partition_id": 5, "delete_conditions": conditions.map { .list($0) },
                    ]), broken: broken)
        }
        delete("delete", known, [condition("k", "=", ["5"]), condition("v", "IN", ["a", "b"])], broken: false)
        delete("delete of an unknown column", known, [condition("nothing", "=", ["1"])], broken: true)
        delete("delete by an unknown operation", known, [condition("k", "LIKE", ["1"])], broken: true)
        delete("delete of a number by a word", known, [condition("k", "<", ["five"])], broken: true)
        delete("delete without conditions", known, nil, broken: true)
        delete("delete in an unknown tablet", unknown, [condition("k", "=", ["1"])], broken: true)

        let alter: [String: WireValue?] = ["base_schema_hash": 4711, "new_schema_hash": 4711, "alter_version": 2]
        add(
            "alter", .alter, "TAlterTabletReqV2",
            [
                "base_tablet_id": .number(tablet), "new_tablet_id": .number(shadow), "base_schema_hash": 4711,
                "new_schema_hash": 4712, "alter_version": 2,
            ], broken: false)
        add(
            "alter into nothing", .alter, "TAlterTabletReqV2",
            with(
                alter,
                [
                    "base_tablet_id": .number(tablet), "new_tablet_id": .number(far),
                ]), broken: true)
        add(
            "alter into itself", .alter, "TAlterTabletReqV2",
            with(
                alter,
                [
                    "base_tablet_id": .number(tablet), "new_tablet_id": .number(tablet),
                ]), broken: true)
        add("clear alter", .clearAlter, "TClearAlterTaskRequest", known, broken: false)

        func meta(_ name: String, _ members: [String: WireValue?]) {
            let info = WireRecord("TTabletMetaInfo", members)
            add(name, .updateMeta, "TUpdateTabletMetaInfoReq", ["tabletMetaInfos": [.record(info)]], broken: false)
        }
        meta("meta of an unknown tablet", with(unknown, ["is_in_memory": true]))
        meta("meta without a change", known)
        add("meta of nothing", .updateMeta, "TUpdateTabletMetaInfoReq", [:], broken: false)

        add(
            "checksum beyond the end", .checkConsistency, "TCheckConsistencyReq",
            with(
                known,
                [
                    "version": .number(far), "version_hash": 0,
                ]), broken: true)
        add(
            "snapshot", .makeSnapshot, "TSnapshotRequest", with(known, ["preferred_snapshot_version": 4]), broken: false
        )
        add("snapshot of nothing", .makeSnapshot, "TSnapshotRequest", unknown, broken: true)
        add(
            "release of a foreign path", .releaseSnapshot, "TReleaseSnapshotRequest", ["snapshot_path": "/etc/../etc"],
            broken: true)
        add("drop of nothing", .drop, "TDropTabletReq", unknown, broken: true)
        add(
            "publish of nothing", .publish, "TPublishVersionRequest",
            ["transaction_id": .number(far), "partition_version_infos": []], broken: false)

        if year == .year2026 {
            add("clean trash", .cleanTrash, "TCleanTrashReq", [:], broken: false)
            add(
                "visible version", .visibleVersion, "TVisibleVersionReq",
                ["partition_version": .map([5: 2, .number(far): -1])], broken: false)
            add("gc binlog", .gcBinlog, "TGcBinlogReq", ["tablet_gc_binlog_infos": []], broken: false)
            add("clean udf cache", .cleanUDFCache, "TCleanUDFCacheReq", ["function_signature": "f(int)"], broken: false)
            let policy = WireRecord(
                "TIndexPolicy", ["id": 9, "name": "p", "type": 0, "properties": .texts(["a": "b"])])
            add(
                "index policy", .indexPolicy, "TPushIndexPolicyReq",
                ["index_policys": [.record(policy)], "dropped_index_policys": [8]], broken: false)
            add("alter index", .alterIndex, nil, [:], broken: true)
            add("delete bitmap", .deleteBitmap, nil, [:], broken: true)
        }
        for type in PeerTask.allCases where memberless(type, year) {
            add("\(type) without its member", type, nil, [:], broken: true)
        }
        return probes
    }

    /// Types of the year that have an end.
    private static func memberless(_ type: PeerTask, _ year: PeerYear) -> Bool {
        let newer: Set<PeerTask> = [.cleanTrash, .visibleVersion, .gcBinlog, .cleanUDFCache, .indexPolicy]
        let endless: Set<PeerTask> = [
            .compaction, .notifyPolicy, .cooldownConf, .pushPolicy, .alterIndex, .deleteBitmap,
        ]
        return !endless.contains(type) && (year == .year2026 || !newer.contains(type))
    }
}
