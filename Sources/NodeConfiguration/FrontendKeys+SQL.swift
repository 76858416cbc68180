extension FrontendConfiguration.SQL {
    static let keys: [ConfigurationKey<Self>] = [
        .port(.doris, "query_port", \.port, "SQL port: clients of MySQL's protocol."),
        .integer(
            .doris, "qe_max_connection", \.maxConnections, 16...100_000,
            "Connections to the SQL port; one more is refused with an error that says so."),
        .seconds(
            .ours, "sql_idle_timeout_seconds", \.idleLimit, 1...31_536_000,
            "A connection that has asked nothing for so long is closed."),
        .bytes(
            .ours, "sql_max_packet_bytes", \.maxPacketBytes, 65_536...1_073_741_824,
            "Longest statement; the connection of a longer one ends with an error."),
        .path(
            .ours, "initial_root_password_file", \.initialRootPasswordFile,
            "File whose first line becomes root's password at the first start; later starts don't read it. Until root has a "
                + "password, it logs in from the frontend's own machine alone."),
    ]
}
