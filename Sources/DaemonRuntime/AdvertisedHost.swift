internal import Glibc
public import NodeConfiguration
internal import TabletModel

/// The hosts of this machine: what to advertise, and every address that means it.
public struct MachineAddresses: Sendable {
    public let advertised: String
    public let all: [String]

    /// - Throws: `ConfigurationProblem` when `advertised_host` is no host, or `priority_networks` admits no address of this
    ///   machine.
    public init(_ settings: AddressSettings, source: String) throws {
        let addresses = Self.ipv4Addresses()
        all = addresses + ["localhost", Self.hostName()]
        if !settings.advertisedHost.isEmpty {
            do {
                advertised = try NetworkAddress(host: settings.advertisedHost, port: 1).checked().host
            } catch {
                throw ConfigurationProblem(
                    source: source, line: nil, key: "advertised_host", message: "\(error)")
            }
            return
        }
        let usable = addresses.filter { !$0.hasPrefix("127.") }
        if settings.priorityNetworks.isEmpty {
            advertised = usable.first ?? "127.0.0.1"
            return
        }
        guard
            let match = addresses.first(where: { address in
                settings.priorityNetworks.contains { Self.contains(network: $0, address) }
            })
        else {
            throw ConfigurationProblem(
                source: source, line: nil, key: "priority_networks",
                message: "no address of this machine (\(addresses.joined(separator: ", "))) is in "
                    + settings.priorityNetworks.joined(separator: ";"))
        }
        advertised = match
    }

    static func contains(network: String, _ address: String) -> Bool {
        let parts = network.split(separator: "/")
        guard let base = parts.first.flatMap({ ipv4($0) }), let value = ipv4(address[...]) else { return false }
        let length = parts.count == 2 ? Int(parts[1]) ?? 32 : 32
        let mask: UInt32 = length == 0 ? 0 : ~0 << UInt32(32 - length)
        return base & mask == value & mask
    }

    private static func ipv4(_ text: Substring) -> UInt32? {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard bytes.count == 4, !bytes.contains(nil) else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1!) }
    }

    private static func ipv4Addresses() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return ["127.0.0.1"] }
        defer { freeifaddrs(list) }
        var found: [String] = []
        var entry = list
        while let current = entry {
            entry = current.pointee.ifa_next
            guard let address = current.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard
                getnameinfo(
                    address, socklen_t(MemoryLayout<sockaddr_in>.size), &text, socklen_t(text.count), nil, 0,
                    NI_NUMERICHOST) == 0
            else { continue }
            found.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return found
    }

    private static func hostName() -> String {
        var text = [CChar](repeating: 0, count: 256)
        guard gethostname(&text, 255) == 0 else { return "localhost" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
