public import AccessControl

/// Who gets to the ports of a daemon; the same for BE and FE.
public struct AccessSettings: ConfigurationValues, Hashable {
    public var allowedHosts = AllowedHosts.everybody
    public var metricsNeedLogin = false

    public init() {}

    static let keys: [ConfigurationKey<AccessSettings>] = [
        .custom(
            .ours, "allowed_hosts", \.allowedHosts, allowed: "networks such as 10.0.0.0/8;fd00::/8, or empty",
            "Every port takes connections from these networks alone; all others are closed at once, logged once a minute, and "
                + "counted. The daemons of the cluster must be in them, too. Empty: from anywhere.",
            parse: parseHosts, show: { $0.isEverybody ? "" : $0.description }),
        .boolean(
            .ours, "metrics_need_login", \.metricsNeedLogin,
            "GET /metrics asks for a user with READ, as other paths do. /api/health is open in any case."),
    ]
}

@Sendable
private func parseHosts(_ text: String) throws(ValueProblem) -> AllowedHosts {
    do {
        return try AllowedHosts(text)
    } catch {
        throw ValueProblem("\(error)")
    }
}
