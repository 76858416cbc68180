internal import CThrift
internal import TabletModel

// TGetStoragePolicy, TS3StorageParam, TCooldownConf, TTabletCooldownInfo ⇄ TabletModel.

extension S3Resource {
    init(_ wire: borrowing wire.TS3StorageParam) {
        self.init(
            endpoint: string(wire.s3_endpoint), region: string(wire.s3_region), accessKey: string(wire.s3_ak),
            secretKey: string(wire.s3_sk), sessionToken: wire.__isset.token ? string(wire.token) : nil,
            bucket: string(wire.bucket), rootPath: string(wire.root_path),
            usePathStyle: wire.use_path_style,
            maxConnections: wire.s3_max_conn, requestTimeoutMs: wire.s3_request_timeout_ms,
            connectTimeoutMs: wire.s3_conn_timeout_ms)
    }

    var wireValue: wire.TS3StorageParam {
        var param = wire.TS3StorageParam()
        param.__set_s3_endpoint(text(endpoint))
        param.__set_s3_region(text(region))
        param.__set_s3_ak(text(accessKey))
        param.__set_s3_sk(text(secretKey))
        param.__set_s3_max_conn(maxConnections)
        param.__set_s3_request_timeout_ms(requestTimeoutMs)
        param.__set_s3_conn_timeout_ms(connectTimeoutMs)
        param.__set_root_path(text(rootPath))
        param.__set_bucket(text(bucket))
        param.__set_use_path_style(usePathStyle)
        if let sessionToken { param.__set_token(text(sessionToken)) }
        return param
    }
}

extension StoragePolicyEntry {
    /// Both times are seconds; -1 (or no field) is unset.
    init(_ wire: borrowing wire.TGetStoragePolicy) {
        let isSet = wire.__isset
        let moment = isSet.cooldown_datetime ? wire.cooldown_datetime : -1
        let age = isSet.cooldown_ttl ? wire.cooldown_ttl : -1
        self.init(
            name: string(wire.policy_name), cooldownAt: moment >= 0 ? UnixTime(clampedSeconds: moment) : nil,
            cooldownTTLSeconds: age >= 0 ? age : nil,
            resource: isSet.s3_storage_param ? S3Resource(wire.s3_storage_param) : nil,
            checksum: string(wire.md5_checksum))
    }

    var wireValue: wire.TGetStoragePolicy {
        var policy = wire.TGetStoragePolicy()
        policy.__set_policy_name(text(name))
        policy.__set_cooldown_datetime(cooldownAt?.seconds ?? -1)
        policy.__set_cooldown_ttl(cooldownTTLSeconds ?? -1)
        if let resource { policy.__set_s3_storage_param(resource.wireValue) }
        policy.__set_md5_checksum(text(checksum))
        return policy
    }
}

extension UnixTime {
    /// A peer's number of seconds, whatever it is: what does not fit ends at the last millisecond that does.
    init(clampedSeconds seconds: Int64) { self.init(seconds: min(max(seconds, -(.max / 1000)), .max / 1000)) }
}

extension CooldownConf {
    /// What is left out is -1: no replica, no term.
    init(_ wire: borrowing wire.TCooldownConf) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id),
            cooldownReplicaID: isSet.cooldown_replica_id ? ReplicaID(wire.cooldown_replica_id) : -1,
            term: isSet.cooldown_term ? wire.cooldown_term : -1)
    }

    var wireValue: wire.TCooldownConf {
        var conf = wire.TCooldownConf()
        conf.tablet_id = tabletID.rawValue
        conf.__set_cooldown_replica_id(cooldownReplicaID.rawValue)
        conf.__set_cooldown_term(term)
        return conf
    }
}

extension UniqueID {
    init(_ wire: borrowing wire.TUniqueId) { self.init(high: wire.hi, low: wire.lo) }

    var wireValue: wire.TUniqueId {
        var id = wire.TUniqueId()
        id.hi = high
        id.lo = low
        return id
    }
}
