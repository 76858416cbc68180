/// `journal_type`: where the edit log lies.
public enum JournalType: String, CaseIterable, Sendable {
    /// In meta_dir, for one frontend.
    case embedded
    /// In an etcd cluster, for any number of them.
    case etcd
}

extension FrontendConfiguration.Replication {
    static let keys: [ConfigurationKey<Self>] = [
        .choice(
            .ours, "journal_type", \.journalType,
            "Where the edit log lies: embedded in meta_dir, for one frontend; or in an etcd cluster, for any number of them."
        ),
        .custom(
            .ours, "etcd_endpoints", \.endpoints, allowed: "http://host:port or https://host:port with \";\" between",
            "Members of the etcd cluster; one that does not answer is passed over.",
            parse: parseEndpoints, show: { $0.joined(separator: ";") }),
        .custom(
            .ours, "etcd_prefix", \.prefix, allowed: "letters, digits, \"_\", \"-\", \".\" and \"/\"",
            "Under which keys the cluster lies there; clusters that share an etcd need one each.",
            parse: parsePrefix, show: { $0 }),
        .path(
            .ours, "etcd_ca_file", \.caFile,
            "Certificates that etcd's members are checked with (PEM); empty: the system's."),
        .path(
            .ours, "etcd_certificate_file", \.certificateFile,
            "Certificate that this frontend shows to etcd (PEM); empty: none."),
        .path(.ours, "etcd_key_file", \.keyFile, "The certificate's key (PEM)."),
        .text(.ours, "etcd_user", \.user, allowed: "a name, or empty", "Whom to log in to etcd as; empty: nobody."),
        .path(
            .ours, "etcd_password_file", \.passwordFile,
            "A file with the user's password in its first line, which nobody else can read."),
        .seconds(
            .ours, "leader_lease_seconds", \.leaderLease, 2...60,
            "A master that can't renew its lease for so long is replaced, and stops acting before that."),
        .seconds(
            .doris, "meta_delay_toleration_second", \.delayToleration, 1...86_400,
            "A frontend that has heard nothing of the master's clock for so long answers no reads."),
    ]
}

@Sendable
private func parseEndpoints(_ text: String) throws(ValueProblem) -> [String] {
    var endpoints: [String] = []
    for part in text.split(whereSeparator: { $0 == ";" || $0 == "," }) {
        let endpoint = trim(part)
        let rest = ["http://", "https://"].first { endpoint.hasPrefix($0) }.map { endpoint.dropFirst($0.count) }
        let port = rest?.split(separator: ":").last.flatMap { UInt16($0) }
        guard let rest, let port, port > 0, rest.contains(":"), !rest.contains("/"), !rest.contains("@") else {
            throw ValueProblem("\"\(endpoint)\" is not like http://10.10.10.7:2379")
        }
        endpoints.append(String(endpoint))
    }
    return endpoints
}

@Sendable
private func parsePrefix(_ text: String) throws(ValueProblem) -> String {
    let known = text.utf8.allSatisfy { byte in
        byte.isASCIILetterOrDigit || "_-./".utf8.contains(byte)
    }
    guard known, !text.isEmpty, !text.hasSuffix("/") else {
        throw ValueProblem(
            "\"\(text)\" is not like /tabletd/production: no \"/\" at its end, and nothing but the allowed characters")
    }
    return text
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
