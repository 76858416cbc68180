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
        if usePathStyle { param.__set_use_path_style(true) }
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
            resourceID: isSet.resource_id ? wire.resource_id : nil,
            resourceVersion: isSet.resource_version ? wire.resource_version : 0,
            checksum: string(wire.md5_checksum))
    }

    var wireValue: wire.TGetStoragePolicy {
        var policy = wire.TGetStoragePolicy()
        policy.__set_policy_name(text(name))
        policy.__set_cooldown_datetime(cooldownAt?.seconds ?? -1)
        policy.__set_cooldown_ttl(cooldownTTLSeconds ?? -1)
        if let resource { policy.__set_s3_storage_param(resource.wireValue) }
        if let resourceID {
            policy.__set_resource_id(resourceID)
            policy.__set_resource_version(resourceVersion)
        }
        policy.__set_md5_checksum(text(checksum))
        return policy
    }
}

extension StorageResourceEntry {
    init(_ wire: borrowing wire.TStorageResource) {
        self.init(
            id: wire.id, name: string(wire.name), version: wire.version, s3: S3Resource(wire.s3_storage_param),
            policyNames: wire.policy_names.map { string($0) })
    }

    var wireValue: wire.TStorageResource {
        var resource = wire.TStorageResource()
        resource.__set_id(id)
        resource.__set_name(text(name))
        resource.__set_version(version)
        resource.__set_s3_storage_param(s3.wireValue)
        if !policyNames.isEmpty { resource.__set_policy_names(textList(policyNames)) }
        return resource
    }
}

extension StorageRules {
    /// A resource without an id or a place is left out: there is nothing to be done with it.
    init(_ wire: borrowing wire.TGetStoragePolicyResult) {
        self.init(
            policies: wire.result_entrys.map { StoragePolicyEntry($0) },
            resources: wire.resources.compactMap { resource in
                let isSet = resource.__isset
                return isSet.id && isSet.s3_storage_param ? StorageResourceEntry(resource) : nil
            },
            droppedResources: wire.dropped_resources.map { Int64($0) })
    }

    func write(to result: inout wire.TGetStoragePolicyResult) {
        result.__isset.result_entrys = true
        for policy in policies { result.result_entrys.push_back(policy.wireValue) }
        if !resources.isEmpty {
            result.__isset.resources = true
            for resource in resources { result.resources.push_back(resource.wireValue) }
        }
        if !droppedResources.isEmpty {
            result.__isset.dropped_resources = true
            for id in droppedResources { result.dropped_resources.push_back(Int(id)) }
        }
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
