internal import TabletModel

// `TReportRequest.resource_use` (1010) and `.cooldown_failures` (1011): ours, beside disks.

extension BinaryWriter {
    mutating func encode(_ storage: StorageUse) throws {
        try field(.list, 1010)
        try listHeader(.structure, count: storage.resources.count)
        for use in storage.resources {
            try stringField(1, use.resource)
            try boolField(2, use.isKnown)
            try i64Field(3, use.version)
            try i64Field(4, use.tablets)
            try i64Field(5, use.garbage)
            if let error = use.error {
                try stringField(6, error.message)
                try i64Field(7, error.lastAt.milliseconds)
                try i64Field(8, error.since.milliseconds)
            }
            try stop()
        }
        try field(.list, 1011)
        try listHeader(.structure, count: storage.failures.count)
        for failure in storage.failures {
            try i64Field(1, failure.tabletID.rawValue)
            try stringField(2, failure.error.message)
            try i64Field(3, failure.error.since.milliseconds)
            try i64Field(4, failure.error.lastAt.milliseconds)
            try stop()
        }
    }
}

extension BinaryReader {
    mutating func resourceUses() throws(ReportDecodingError) -> [ResourceUse] {
        var uses: [ResourceUse] = []
        for _ in 0..<(try structureCount()) { uses.append(try resourceUse()) }
        return uses
    }

    mutating func cooldownFailures() throws(ReportDecodingError) -> [CooldownFailure] {
        var failures: [CooldownFailure] = []
        for _ in 0..<(try structureCount()) { failures.append(try cooldownFailure()) }
        return failures
    }

    private mutating func structureCount() throws(ReportDecodingError) -> Int {
        let at = offset
        let (element, count) = try listHeader()
        guard count == 0 || element == .structure else { throw .badType(element.rawValue, offset: at) }
        return count
    }

    private mutating func resourceUse() throws(ReportDecodingError) -> ResourceUse {
        var use = ResourceUse(resource: "", isKnown: false)
        var error = StandingError(message: "", lastAt: UnixTime(milliseconds: 0), since: UnixTime(milliseconds: 0))
        while true {
            let key = try fieldKey()
            switch key {
            case 0:
                if !error.message.isEmpty { use.error = error }
                return use
            case ReportCodec.fieldKey(.string, 1): use.resource = try string()
            case ReportCodec.fieldKey(.bool, 2): use.isKnown = try bool()
            case ReportCodec.fieldKey(.i64, 3): use.version = try i64()
            case ReportCodec.fieldKey(.i64, 4): use.tablets = try i64()
            case ReportCodec.fieldKey(.i64, 5): use.garbage = try i64()
            case ReportCodec.fieldKey(.string, 6): error.message = try string()
            case ReportCodec.fieldKey(.i64, 7): error.lastAt = UnixTime(milliseconds: try i64())
            case ReportCodec.fieldKey(.i64, 8): error.since = UnixTime(milliseconds: try i64())
            default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 3)
            }
        }
    }

    private mutating func cooldownFailure() throws(ReportDecodingError) -> CooldownFailure {
        var failure = CooldownFailure(
            tabletID: 0,
            error: StandingError(message: "", lastAt: UnixTime(milliseconds: 0), since: UnixTime(milliseconds: 0)))
        while true {
            let key = try fieldKey()
            switch key {
            case 0: return failure
            case ReportCodec.fieldKey(.i64, 1): failure.tabletID = TabletID(try i64())
            case ReportCodec.fieldKey(.string, 2): failure.error.message = try string()
            case ReportCodec.fieldKey(.i64, 3): failure.error.since = UnixTime(milliseconds: try i64())
            case ReportCodec.fieldKey(.i64, 4): failure.error.lastAt = UnixTime(milliseconds: try i64())
            default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 3)
            }
        }
    }
}

extension StorageUse {
    init(_ resources: [ResourceUse], keeping other: StorageUse?) {
        self.init(resources: resources, failures: other?.failures ?? [])
    }

    init(_ failures: [CooldownFailure], keeping other: StorageUse?) {
        self.init(resources: other?.resources ?? [], failures: failures)
    }
}
