internal import CThrift
internal import TabletModel

// TMasterInfo, TBackendInfo, THeartbeatResult, TStatus, TNetworkAddress, TBackend ⇄ TabletModel.

extension RPCStatus {
    init(_ wire: borrowing wire.TStatus) {
        let messages = wire.__isset.error_msgs ? strings(wire.error_msgs) : []
        self.init(StatusCode(rawValue: enumValue(wire.status_code)), messages)
    }

    /// OK carries no messages.
    var wireValue: wire.TStatus {
        var status = wire.TStatus()
        status.status_code = .init(rawValue: enumBits(code))
        if !messages.isEmpty { status.__set_error_msgs(textList(messages)) }
        return status
    }
}

extension NetworkAddress {
    init(_ wire: borrowing wire.TNetworkAddress) { self.init(host: string(wire.hostname), port: wire.port) }

    var wireValue: wire.TNetworkAddress {
        var address = wire.TNetworkAddress()
        address.hostname = text(host)
        address.port = port
        return address
    }
}

extension BackendAddress {
    init(_ wire: borrowing wire.TBackend) {
        self.init(host: string(wire.host), bePort: wire.be_port, httpPort: wire.http_port)
    }

    var wireValue: wire.TBackend {
        var backend = wire.TBackend()
        backend.host = text(host)
        backend.be_port = bePort
        backend.http_port = httpPort
        return backend
    }
}

extension MasterInfo {
    init(_ wire: borrowing wire.TMasterInfo) {
        let isSet = wire.__isset
        self.init(
            address: NetworkAddress(wire.network_address), clusterID: wire.cluster_id, epoch: wire.epoch,
            token: isSet.token ? string(wire.token) : nil,
            backendIP: isSet.backend_ip ? string(wire.backend_ip) : nil,
            httpPort: isSet.http_port ? wire.http_port : nil,
            flags: isSet.heartbeat_flags ? wire.heartbeat_flags : nil,
            backendID: isSet.backend_id ? BackendID(wire.backend_id) : nil,
            tabletReportInactiveMs: isSet.tablet_report_inactive_duration_ms
                ? wire.tablet_report_inactive_duration_ms : nil,
            backendUUID: isSet.backend_uuid ? string(wire.backend_uuid) : nil)
        frontends =
            isSet.frontend_infos
            ? wire.frontend_infos.map {
                Frontend(address: NetworkAddress($0.coordinator_address), processUUID: $0.process_uuid)
            } : nil
        position = isSet.position ? MetadataPosition(wire.position) : nil
        judgedPosition = isSet.judged_position ? MetadataPosition(wire.judged_position) : nil
    }

    var wireValue: wire.TMasterInfo {
        var master = wire.TMasterInfo()
        master.network_address = address.wireValue
        master.cluster_id = clusterID
        master.epoch = epoch
        if let token { master.__set_token(text(token)) }
        if let backendIP { master.__set_backend_ip(text(backendIP)) }
        if let httpPort { master.__set_http_port(httpPort) }
        if let flags { master.__set_heartbeat_flags(flags) }
        if let backendID { master.__set_backend_id(backendID.rawValue) }
        if let tabletReportInactiveMs { master.__set_tablet_report_inactive_duration_ms(tabletReportInactiveMs) }
        if let frontends {
            master.__isset.frontend_infos = true
            for frontend in frontends { master.frontend_infos.push_back(frontend.wireValue) }
        }
        if let backendUUID { master.__set_backend_uuid(text(backendUUID)) }
        if let position { master.__set_position(position.wireValue) }
        if let judgedPosition { master.__set_judged_position(judgedPosition.wireValue) }
        return master
    }
}

extension MasterInfo.Frontend {
    fileprivate var wireValue: wire.TFrontendInfo {
        var frontend = wire.TFrontendInfo()
        frontend.__set_coordinator_address(address.wireValue)
        frontend.__set_process_uuid(processUUID)
        return frontend
    }
}

extension BackendInfo {
    init(_ wire: borrowing wire.TBackendInfo) {
        self.init()
        let isSet = wire.__isset
        bePort = wire.be_port
        httpPort = wire.http_port
        beRPCPort = isSet.be_rpc_port ? wire.be_rpc_port : nil
        brpcPort = isSet.brpc_port ? wire.brpc_port : nil
        version = isSet.version ? string(wire.version) : nil
        startTime = isSet.be_start_time ? UnixTime(milliseconds: wire.be_start_time) : nil
        nodeRole = isSet.be_node_role ? string(wire.be_node_role) : nil
        isShutdown = isSet.is_shutdown ? wire.is_shutdown : nil
        uuid = isSet.backend_uuid ? BackendUUID(text: string(wire.backend_uuid)) : nil
        heardPosition = isSet.heard_position ? MetadataPosition(wire.heard_position) : nil
        hasNewerMembers =
            isSet.is_shutdown || isSet.arrow_flight_sql_port || isSet.be_mem || isSet.fragment_executing_count
            || isSet.fragment_last_active_time
    }

    var wireValue: wire.TBackendInfo {
        var backend = wire.TBackendInfo()
        backend.be_port = bePort
        backend.http_port = httpPort
        if let beRPCPort { backend.__set_be_rpc_port(beRPCPort) }
        if let brpcPort { backend.__set_brpc_port(brpcPort) }
        if let version { backend.__set_version(text(version)) }
        if let startTime { backend.__set_be_start_time(startTime.milliseconds) }
        if let nodeRole { backend.__set_be_node_role(text(nodeRole)) }
        if let isShutdown { backend.__set_is_shutdown(isShutdown) }
        if let uuid { backend.__set_backend_uuid(text(uuid.description)) }
        if let heardPosition { backend.__set_heard_position(heardPosition.wireValue) }
        return backend
    }
}

extension MetadataPosition {
    /// nil when a member is missing: it can't be compared then.
    init?(_ wire: borrowing wire.TMetadataPosition) {
        let isSet = wire.__isset
        guard isSet.epoch, isSet.life, isSet.log_id, isSet.id_end else { return nil }
        self.init(epoch: wire.epoch, life: wire.life, logID: wire.log_id, idEnd: wire.id_end)
    }

    var wireValue: wire.TMetadataPosition {
        var position = wire.TMetadataPosition()
        position.__set_epoch(epoch)
        position.__set_life(life)
        position.__set_log_id(logID)
        position.__set_id_end(idEnd)
        return position
    }
}

extension HeartbeatReply {
    init(_ wire: borrowing wire.THeartbeatResult) {
        self.init(status: RPCStatus(wire.status), backend: BackendInfo(wire.backend_info))
    }

    func write(to result: inout wire.THeartbeatResult) {
        result.status = status.wireValue
        result.backend_info = backend.wireValue
    }
}
