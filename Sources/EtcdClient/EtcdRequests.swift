/// Our requests as the gateway wants them: proto3's JSON, keys and values in base64, 64-bit numbers as strings.
extension JSONBody {
    mutating func keys(_ keys: EtcdKeyRange) {
        key("key", keys.key)
        if let end = keys.end { key("range_end", end) }
    }

    mutating func range(_ query: EtcdRangeQuery) {
        keys(query.keys)
        if query.limit > 0 { member("limit", Int64(query.limit)) }
        if query.keysOnly { member("keys_only", true) }
    }

    mutating func transaction(_ transaction: EtcdTransaction) {
        array("compare", transaction.compares) { $0.compare($1) }
        array("success", transaction.success) { $0.operation($1) }
        array("failure", transaction.failure) { $0.operation($1) }
    }

    private mutating func compare(_ compare: EtcdCompare) {
        text("result", "EQUAL")
        switch compare {
        case .createRevision(let key, let revision):
            self.key("key", key)
            text("target", "CREATE")
            member("create_revision", revision)
        case .modifyRevision(let key, let revision):
            self.key("key", key)
            text("target", "MOD")
            member("mod_revision", revision)
        case .value(let key, let value):
            self.key("key", key)
            text("target", "VALUE")
            member("value", value)
        }
    }

    private mutating func operation(_ operation: EtcdOperation) {
        switch operation {
        case .put(let key, let value, let leaseID):
            object("request_put") {
                $0.key("key", key)
                $0.member("value", value)
                if leaseID != 0 { $0.member("lease", leaseID) }
            }
        case .delete(let keys): object("request_delete_range") { $0.keys(keys) }
        case .get(let query): object("request_range") { $0.range(query) }
        }
    }
}
