/// From where a port takes callers: a list of networks, such as `10.0.0.0/8, 192.168.7.3, fd00::/8`. An empty list lets everybody in.
public struct AllowedHosts: Hashable, Sendable, CustomStringConvertible {
    struct Network: Hashable, Sendable {
        var base: IPAddress
        var bits: Int

        func contains(_ address: IPAddress) -> Bool {
            address.isIPv4 == base.isIPv4 && address.prefix(bits) == base
        }
    }

    private let networks: [Network]

    public static let everybody = AllowedHosts(networks: [])

    private init(networks: [Network]) { self.networks = networks }

    /// Networks with commas, semicolons or spaces between them.
    /// - Throws: `AllowedHostsError` that names the item. One that has bits behind its prefix is refused too: who wrote it meant
    ///   either more or fewer hosts than it lets in.
    public init(_ text: String) throws(AllowedHostsError) {
        var networks: [Network] = []
        for item in text.split(whereSeparator: { $0 == "," || $0 == ";" || $0.isWhitespace }) {
            let network = try Self.network(item)
            if !networks.contains(network) { networks.append(network) }
        }
        self.networks = networks
    }

    public var isEverybody: Bool { networks.isEmpty }

    public func contains(_ address: IPAddress) -> Bool {
        networks.isEmpty || networks.contains { $0.contains(address) }
    }

    /// Whether a caller with this address may come in; never one whose address is no address, unless everybody may.
    public func contains(_ address: String) -> Bool {
        networks.isEmpty || IPAddress(address).map(contains) ?? false
    }

    public var description: String {
        networks.map { $0.bits == $0.base.bits ? "\($0.base)" : "\($0.base)/\($0.bits)" }.joined(separator: ",")
    }

    private static func network(_ item: Substring) throws(AllowedHostsError) -> Network {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !item.contains("%"), let base = IPAddress(parts[0]) else {
            throw AllowedHostsError("\"\(item)\" is neither an address nor a network such as 10.0.0.0/8 or fd00::/8")
        }
        guard parts.count == 2 else { return Network(base: base, bits: base.bits) }
        // A prefix of ::ffff:0:0/96 counts from the front of IPv6, and the address is known as IPv4 by now.
        let shift = base.isIPv4 && parts[0].contains(":") ? 96 : 0
        guard let written = Int(parts[1]), parts[1].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            (shift...shift + base.bits).contains(written)
        else {
            throw AllowedHostsError(
                "\"\(item)\": behind the slash stands a number of bits, \(shift) to \(shift + base.bits)")
        }
        let bits = written - shift
        let network = base.prefix(bits)
        guard network == base else {
            throw AllowedHostsError(
                "\"\(item)\" has bits behind its prefix: write \(network)/\(bits) for the network or \(base) for the host"
            )
        }
        return Network(base: base, bits: bits)
    }
}

/// What is wrong with a list of networks, in one line.
public struct AllowedHostsError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
