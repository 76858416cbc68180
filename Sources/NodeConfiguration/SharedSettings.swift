/// How the Thrift ports protect themselves; the same for BE and FE. `measured.md` says what each limit is against.
public struct ThriftSettings: ConfigurationValues, Hashable {
    public var maxConnections = 4096
    public var messageDeadline = Duration.seconds(60)
    public var idleTimeout = Duration.seconds(0)
    public var maxMessageBytes = 100 << 20
    public var maxStringBytes = 16 << 20
    public var maxContainerElements = 1_000_000
    public var maxInFlightBytes = 512 << 20
    public var connectTimeout = Duration.seconds(3)
    public var callTimeout = Duration.seconds(60)

    public init() {}

    static let keys: [ConfigurationKey<ThriftSettings>] = [
        .integer(
            .ours, "thrift_max_connections", \.maxConnections, 16...100_000,
            "Connections that each Thrift port keeps; when one more comes, the longest idle one is closed."),
        .milliseconds(
            .ours, "thrift_message_deadline_ms", \.messageDeadline, 100...3_600_000,
            "Time from a message's first byte to its last; a slower peer is cut off."),
        .milliseconds(
            .ours, "thrift_idle_timeout_ms", \.idleTimeout, 0...86_400_000,
            "A connection that sends nothing for so long is closed. 0: after a day, since Doris' peers pool connections for "
                + "hours."),
        .bytes(
            .doris, "thrift_max_message_size", \.maxMessageBytes, 1_048_576...2_147_483_647,
            "Largest message that is accepted."),
        .bytes(
            .ours, "thrift_max_string_bytes", \.maxStringBytes, 65_536...1_073_741_824,
            "Largest string in a message; refused before memory is taken for it."),
        .integer(
            .ours, "thrift_max_container_elements", \.maxContainerElements, 1_000...100_000_000,
            "Most elements of one list, set or map in a message; refused before memory is taken for them. "
                + "Tablet reports have no such limit, they are decoded as a stream."),
        .bytes(
            .ours, "thrift_max_in_flight_bytes", \.maxInFlightBytes, 16_777_216...68_719_476_736,
            "Bytes of unfinished messages over all connections; the peer that would exceed it waits, then is cut off."),
        .seconds(
            .doris, "thrift_connect_timeout_seconds", \.connectTimeout, 1...600,
            "Time to make a connection to a peer."),
        .milliseconds(
            .doris, "thrift_rpc_timeout_ms", \.callTimeout, 100...3_600_000, "Time for a peer's answer."),
    ]
}

/// Where log lines go, and which.
public struct LogSettings: ConfigurationValues, Hashable {
    public enum Level: String, CaseIterable, Sendable { case trace, debug, info, warning, error, fatal }
    public enum Format: String, CaseIterable, Sendable { case text, json }

    public var level = Level.info
    public var format = Format.text
    /// Empty: standard error.
    public var file = ""

    public init() {}

    static let keys: [ConfigurationKey<LogSettings>] = [
        .choice(
            .doris, "sys_log_level", \.level, "Lines below this level are not written. Case does not matter."
        ).atRuntime,
        .choice(
            .ours, "log_format", \.format,
            "text: one greppable line an event, key=value at its end; json: one JSON object a line."),
        .path(
            .ours, "log_file", \.file,
            "File that lines are appended to; empty: standard error, which systemd keeps in the journal."),
    ]
}

/// How this process tells others where it is.
public struct AddressSettings: ConfigurationValues, Hashable {
    /// Empty: chosen by `priorityNetworks`.
    public var advertisedHost = ""
    /// CIDR blocks; empty: any.
    public var priorityNetworks: [String] = []
    public var bindHost = "0.0.0.0"
    /// Empty: none is written.
    public var portsFile = ""

    public init() {}

    static let keys: [ConfigurationKey<AddressSettings>] = [
        .text(
            .ours, "advertised_host", \.advertisedHost, allowed: "a host name or address, or empty",
            "Host that others reach this process under; empty: an address of this machine that priority_networks admits."
        ),
        .custom(
            .doris, "priority_networks", \.priorityNetworks, allowed: "CIDR blocks with \";\" between, or empty",
            "Networks to prefer when this machine has several addresses, such as 10.10.10.0/24.",
            parse: parseNetworks, show: { $0.joined(separator: ";") }),
        .text(
            .ours, "bind_host", \.bindHost, allowed: "an IPv4 address of this machine",
            "Address that the ports listen on; 0.0.0.0 is every one. Thrift knows no users: "
                + "listen on a trusted network."),
        .path(
            .ours, "ports_file", \.portsFile,
            "File that gets the ports really bound, as JSON, once they are; for ports set to 0. Empty: none."),
    ]
}

@Sendable
private func parseNetworks(_ text: String) throws(ValueProblem) -> [String] {
    var networks: [String] = []
    for part in text.split(whereSeparator: { $0 == ";" || $0 == "," }) {
        let network = trim(part)
        let halves = network.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isIPv6 = halves[0].contains(":")
        let bytes = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let isAddress = isIPv6 || (bytes.count == 4 && !bytes.contains(nil))
        let length = halves.count == 2 ? Int(halves[1]) : (isIPv6 ? 128 : 32)
        guard isAddress, let length, (0...(isIPv6 ? 128 : 32)).contains(length) else {
            throw ValueProblem("\"\(network)\" is not a network like 10.10.10.0/24")
        }
        networks.append(String(network))
    }
    return networks
}

extension ConfigurationSection {
    static func addresses(_ part: ValuePath<Root, AddressSettings>, and keys: [ConfigurationKey<Root>])
        -> Self
    {
        Self(title: "Ports and addresses", keys: keys + AddressSettings.keys.map { $0.within(part) })
    }

    static func thrift(_ part: ValuePath<Root, ThriftSettings>) -> Self {
        Self(title: "Thrift", keys: ThriftSettings.keys.map { $0.within(part) })
    }

    static func log(_ part: ValuePath<Root, LogSettings>) -> Self {
        Self(title: "Log", keys: LogSettings.keys.map { $0.within(part) })
    }
}
