/// Variables of a connection: what MySQL's clients ask for and set. They change nothing here but what is shown, so that no client
/// is refused for a setting that has no meaning.
struct SessionVariables: Sendable {
    private var changed: [String: String] = [:]
    /// `@name`; nil: null.
    private(set) var user: [String: String?] = [:]

    static let limit = 256
    static let valueBytes = 64 << 10

    subscript(name: String) -> String? { changed[name] ?? Self.known[name] }

    var all: [(name: String, value: String)] {
        Self.known.merging(changed) { $1 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// - Returns: false: no variable of that name is known.
    mutating func set(_ name: String, _ value: String?) -> Bool {
        guard let usual = Self.known[name] else { return false }
        changed[name] = value.map { Self.isSwitch(usual) ? Self.switched($0) : $0 } ?? usual
        return true
    }

    /// - Returns: false: there are too many.
    mutating func setUser(_ name: String, _ value: String?) -> Bool {
        guard user.count < Self.limit || user[name] != nil, (value?.utf8.count ?? 0) <= Self.valueBytes else {
            return false
        }
        user[name] = .some(value)
        return true
    }

    private static func isSwitch(_ value: String) -> Bool { value == "ON" || value == "OFF" }

    private static func switched(_ value: String) -> String {
        switch value.uppercased() {
        case "1", "ON", "TRUE": "ON"
        case "0", "OFF", "FALSE": "OFF"
        default: value
        }
    }

    /// With the values that MySQL 5.7 and Doris have.
    static let known: [String: String] = [
        "auto_increment_increment": "1", "auto_increment_offset": "1", "autocommit": "ON",
        "character_set_client": "utf8mb4", "character_set_connection": "utf8mb4", "character_set_database": "utf8mb4",
        "character_set_filesystem": "binary", "character_set_results": "utf8mb4", "character_set_server": "utf8mb4",
        "character_set_system": "utf8", "collation_connection": "utf8mb4_general_ci",
        "collation_database": "utf8mb4_general_ci", "collation_server": "utf8mb4_general_ci",
        "default_storage_engine": "olap", "event_scheduler": "OFF", "exec_mem_limit": "2147483648",
        "foreign_key_checks": "OFF", "group_concat_max_len": "65535", "have_openssl": "YES", "have_ssl": "YES",
        "have_query_cache": "NO", "init_connect": "", "innodb_lock_wait_timeout": "50", "interactive_timeout": "3600",
        "language": "/palo/share/english/", "license": "Apache License, Version 2.0", "lower_case_table_names": "0",
        "max_allowed_packet": "16777216", "max_execution_time": "0", "net_buffer_length": "16384",
        "net_read_timeout": "60", "net_write_timeout": "60", "parallel_fragment_exec_instance_num": "1",
        "performance_schema": "OFF", "profiling": "OFF", "protocol_version": "10", "query_cache_size": "0",
        "query_cache_type": "OFF", "query_timeout": "300", "session_track_schema": "ON",
        "session_track_system_variables": "", "session_track_state_change": "OFF", "sql_auto_is_null": "OFF",
        "sql_mode": "", "sql_notes": "ON", "sql_quote_show_create": "ON", "sql_safe_updates": "OFF",
        "sql_select_limit": "18446744073709551615", "sql_warnings": "OFF", "storage_engine": "olap",
        "system_time_zone": "UTC", "time_zone": "UTC", "transaction_isolation": "REPEATABLE-READ",
        "transaction_read_only": "OFF", "tx_isolation": "REPEATABLE-READ", "tx_read_only": "OFF",
        "unique_checks": "ON", "version": ServerTables.mysqlVersion, "version_comment": "tabletd",
        "version_compile_machine": "", "version_compile_os": "Linux", "wait_timeout": "28800",
    ]
}
