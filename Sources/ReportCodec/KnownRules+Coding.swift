internal import TabletModel

// `TReportRequest` 9 and 10, policies and resources by id and version, and what a planner asks for (11, 12, 14, 16).

extension BinaryWriter {
    /// Both lists, empty too: a frontend compares them only when both are there.
    mutating func encode(_ rules: KnownRules) throws {
        try versions(9, rules.policies)
        try versions(10, rules.resources)
    }

    private mutating func versions(_ id: UInt16, _ versions: [Int64: Int64]) throws {
        try field(.list, id)
        try listHeader(.structure, count: versions.count)
        for (id, version) in versions.sorted(by: { $0.key < $1.key }) {
            try i64Field(1, id)
            try i64Field(3, version)
            try stop()
        }
    }

    mutating func encode(_ load: BackendLoad) throws {
        switch load {
        case .cores(let cores):
            try i32Field(11, cores)
            try i32Field(12, cores)
        case .tabletCount(let count): try i64Field(14, count)
        case .runningTasks(let count): try i64Field(16, count)
        }
    }
}

extension BinaryReader {
    /// `list<TStoragePolicy>` or `list<TStorageResource>`: the two have id and version in the same places. An entry without an
    /// id names nothing.
    mutating func ruleVersions() throws(ReportDecodingError) -> [Int64: Int64] {
        let at = offset
        let (element, count) = try listHeader()
        guard count == 0 || element == .structure else { throw .badType(element.rawValue, offset: at) }
        var versions: [Int64: Int64] = [:]
        for _ in 0..<count {
            var id: Int64?
            var version: Int64 = -1
            fields: while true {
                let key = try fieldKey()
                switch key {
                case 0: break fields
                case ReportCodec.fieldKey(.i64, 1): id = try i64()
                case ReportCodec.fieldKey(.i64, 3): version = try i64()
                default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 3)
                }
            }
            if let id { versions[id] = version }
        }
        return versions
    }
}
