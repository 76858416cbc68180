internal import CThrift
internal import TabletModel

// The members of PUSH_STORAGE_POLICY and PUSH_INDEX_POLICY tasks, both ways.

extension PushedPolicy {
    /// Both times are seconds; -1 (or no field) is unset.
    init(_ wire: borrowing wire.TStoragePolicy) {
        let isSet = wire.__isset
        let moment = isSet.cooldown_datetime ? wire.cooldown_datetime : -1
        let age = isSet.cooldown_ttl ? wire.cooldown_ttl : -1
        self.init(
            id: wire.id, name: string(wire.name), version: wire.version,
            cooldownAt: moment >= 0 ? UnixTime(clampedSeconds: moment) : nil,
            cooldownTTLSeconds: age >= 0 ? age : nil, resourceID: isSet.resource_id ? wire.resource_id : nil)
    }

    var wireValue: wire.TStoragePolicy {
        var policy = wire.TStoragePolicy()
        policy.__set_id(id)
        policy.__set_name(text(name))
        policy.__set_version(version)
        policy.__set_cooldown_datetime(cooldownAt?.seconds ?? -1)
        policy.__set_cooldown_ttl(cooldownTTLSeconds ?? -1)
        if let resourceID { policy.__set_resource_id(resourceID) }
        return policy
    }
}

extension PushedRules {
    /// What has no id, and a resource that is no S3 one, is left out: there is nothing to be done with it.
    init(_ wire: borrowing wire.TPushStoragePolicyReq) {
        self.init(
            policies: wire.storage_policy.compactMap { $0.__isset.id ? PushedPolicy($0) : nil },
            resources: wire.resource.compactMap { resource in
                let isSet = resource.__isset
                return isSet.id && isSet.s3_storage_param ? StorageResourceEntry(resource) : nil
            },
            droppedPolicies: wire.dropped_storage_policy.map { Int64($0) })
    }

    var wireValue: wire.TPushStoragePolicyReq {
        var request = wire.TPushStoragePolicyReq()
        request.__isset.storage_policy = true
        for policy in policies { request.storage_policy.push_back(policy.wireValue) }
        request.__isset.resource = true
        for resource in resources { request.resource.push_back(resource.wireValue) }
        request.__isset.dropped_storage_policy = true
        for id in droppedPolicies { request.dropped_storage_policy.push_back(Int(id)) }
        return request
    }
}

extension IndexPolicy {
    init(_ wire: borrowing wire.TIndexPolicy) {
        self.init(
            id: wire.id, name: string(wire.name), kind: wire.type,
            properties: textPairs(wire.properties))
    }

    var wireValue: wire.TIndexPolicy {
        var policy = wire.TIndexPolicy()
        policy.__set_id(id)
        policy.__set_name(text(name))
        policy.__set_type(kind)
        policy.__isset.properties = true
        for (key, value) in properties { wire.put(&policy.properties, text(key), text(value)) }
        return policy
    }
}

extension PushedIndexPolicies {
    init(_ wire: borrowing wire.TPushIndexPolicyReq) {
        self.init(
            policies: wire.index_policys.map { IndexPolicy($0) },
            dropped: wire.dropped_index_policys.map { Int64($0) })
    }

    var wireValue: wire.TPushIndexPolicyReq {
        var request = wire.TPushIndexPolicyReq()
        request.__isset.index_policys = true
        for policy in policies { request.index_policys.push_back(policy.wireValue) }
        request.__isset.dropped_index_policys = true
        for id in dropped { request.dropped_index_policys.push_back(Int(id)) }
        return request
    }
}
