extension FrontendConfiguration.Peers {
    static let keys: [ConfigurationKey<Self>] = [
        .custom(
            .ours, "frontend_peers", \.addresses, allowed: "IP addresses with \";\" between, or empty",
            "Frontends that may read identity and images (/version, /image and so on) without the cluster's token: those that "
                + "join, and learn it. Whoever has the token may, from anywhere.",
            parse: parseAddresses, show: { $0.joined(separator: ";") }),
        .bytes(
            .ours, "image_send_bytes_per_second", \.imageBytesPerSecond, 0...68_719_476_736,
            "All images that this frontend sends to others together go no faster; 0 sets no limit."),
    ]
}

@Sendable
private func parseAddresses(_ text: String) throws(ValueProblem) -> [String] {
    var addresses: [String] = []
    for part in text.split(whereSeparator: { $0 == ";" || $0 == "," }) {
        let address = trim(part)
        let bytes = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard address.contains(":") || (bytes.count == 4 && !bytes.contains(nil)) else {
            throw ValueProblem("\"\(address)\" is not an IP address like 10.10.10.7")
        }
        addresses.append(String(address))
    }
    return addresses
}
