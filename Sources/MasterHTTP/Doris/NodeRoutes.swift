internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `/rest/v2/manager/node`: the nodes of the cluster, their configuration, and which there are.
extension MasterRoutes {
    private static let base = "rest/v2/manager/node"

    func addNodes(_ surface: FrontendSurface, to router: HTTPService.Routes) {
        let base = Self.base
        if let proc = surface.proc {
            for kind in ["frontends", "backends", "brokers"] {
                router.get("\(base)/\(kind)") { _, _ in
                    await enveloped {
                        let table = try await pool.run { try proc("/\(kind)") }
                        return try DorisAnswer(ColumnsView(table.columns, table.rows)).response()
                    }
                }
            }
        }
        router.get("\(base)/node_list") { _, _ in
            await enveloped { try DorisAnswer(try await nodeList()).response() }
        }
        router.get("\(base)/configuration_name") { _, _ in
            await enveloped {
                let shown = try await backendSettings(of: nil)
                let names = [
                    "frontend": surface.settings().map(\.name).sorted(),
                    "backend": Set(shown.flatMap(\.rows).compactMap(\.first)).sorted(),
                ]
                return try DorisAnswer(names).response()
            }
        }
        router.post("\(base)/configuration_info") { request, _ in
            await enveloped {
                let body = try await decodeBodyIfAny(ConfigurationQuestion.self, from: request)
                switch request.query("type")?.lowercased() {
                case "fe": return try DorisAnswer(try await frontendConfiguration(surface, body)).response()
                case "be": return try DorisAnswer(try await backendConfiguration(body)).response()
                default: return try DorisAnswer(badRequest: "the parameter type must be fe or be").response()
                }
            }
        }
        router.post("\(base)/set_config/fe") { request, _ in
            await enveloped {
                let failures = try await setFrontendConfiguration(surface, request)
                return try DorisAnswer(["failed": failures]).response()
            }
        }
        router.post("\(base)/set_config/be") { request, _ in
            await enveloped { try DorisAnswer(["failed": try await setBackendConfiguration(request)]).response() }
        }
        addMembership(to: router)
    }

    private func addMembership(to router: HTTPService.Routes) {
        router.post("\(Self.base)/:action/be") { request, context in
            await enveloped {
                let action = try context.path("action").uppercased()
                let body = try await decodeBody(BackendsBody.self, from: request)
                guard body.properties?.isEmpty ?? true else {
                    throw HTTPProblem.badRequest("a backend takes no properties here")
                }
                let addresses = try body.hostPorts.map { try heartbeatAddress($0) }
                for address in addresses {
                    switch action {
                    case "ADD": _ = try await run { try $0.addBackend(address) }
                    case "DROP": try await run { try $0.dropBackend(address, force: false) }
                    case "DECOMMISSION": _ = try await run { try $0.setDecommissioned(address, true) }
                    default: throw HTTPProblem.badRequest("'\(action)' is none of ADD, DROP and DECOMMISSION")
                    }
                }
                return try DorisAnswer<String>(nil).response()
            }
        }
        router.post("\(Self.base)/:action/fe") { request, context in
            await enveloped {
                let action = try context.path("action").uppercased()
                let body = try await decodeBody(FrontendBody.self, from: request)
                let address = try daemonAddress(body.hostPort, "rpc", such: "10.0.0.1:9020")
                switch action {
                case "ADD":
                    let asked = AddFrontendRequest(
                        host: address.host, port: address.port, role: body.role, httpPort: nil)
                    _ = try await run { try $0.addFrontend(asked) }
                case "DROP": try await run { try $0.dropFrontend(address, role: body.role) }
                default: throw HTTPProblem.badRequest("'\(action)' is neither ADD nor DROP")
                }
                return try DorisAnswer<String>(nil).response()
            }
        }
    }

    private func nodeList() async throws -> [String: [String]] {
        let (frontends, backends) = try await run { (try $0.frontends(), try $0.backends()) }
        return [
            "frontend": frontends.map { "\(NetworkAddress(host: $0.host, port: $0.httpPort))" },
            "backend": backends.map { "\(NetworkAddress(host: $0.host, port: $0.httpPort))" },
        ]
    }

    // MARK: Configuration

    /// This FE's own: what another one has, that one tells.
    private func frontendConfiguration(
        _ surface: FrontendSurface, _ question: ConfigurationQuestion?
    ) async throws -> ColumnsView {
        let node = try await ownAddress()
        try refuseStrangers(in: question?.node, known: [node])
        let rows = surface.settings().filter { question?.wants(key: $0.name) ?? true }.map {
            [$0.name, node, "FE", $0.type, "false", $0.value, String($0.isMutable)]
        }
        return ColumnsView(["配置项", "节点", "节点类型", "配置值类型", "MasterOnly", "配置值", "可修改"], rows)
    }

    private func backendConfiguration(
        _ question: ConfigurationQuestion?
    ) async throws -> ColumnsView {
        let shown = try await backendSettings(of: question?.node)
        let rows = shown.flatMap { node, settings in
            settings.filter { $0.count == 4 && question?.wants(key: $0[0]) ?? true }.map {
                [$0[0], node, "BE", $0[1], $0[2], $0[3]]
            }
        }
        return ColumnsView(["配置项", "节点", "节点类型", "配置值类型", "配置值", "可修改"], rows)
    }

    /// `/api/show_config` of backends, all when none is named. One that gives no answer makes it an error that names it.
    private func backendSettings(
        of nodes: [String]?
    ) async throws -> [(node: String, rows: [[String]])] {
        let asked = try await backendAddresses(nodes)
        return try await pool.run {
            try asked.map { address in
                let answer = try self.ask("GET", "/api/show_config", of: address)
                return ("\(address)", try JSONDecoder().decode([[String]].self, from: Data(answer)))
            }
        }
    }

    /// Of this FE, key by key, as Doris does.
    private func setFrontendConfiguration(
        _ surface: FrontendSurface, _ request: Request
    ) async throws -> [SettingFailure] {
        let body = try await decodeBody([String: SettingChange].self, from: request)
        let node = try await ownAddress()
        var failures: [SettingFailure] = []
        for (name, change) in body.sorted(by: { $0.key < $1.key }) {
            try refuseStrangers(in: change.node, known: [node])
            let reasons = try await pool.run { surface.change([(name, change.value)], change.persist) }
            for reason in reasons.values {
                failures.append(
                    SettingFailure(config_name: name, value: change.value, node: node, err_info: reason))
            }
        }
        return failures
    }

    private func ownAddress() async throws -> String {
        let frontends = try await run { try $0.frontends() }
        let own = frontends.first { $0.isCurrent } ?? frontends.first
        return own.map { "\(NetworkAddress(host: $0.host, port: $0.httpPort))" } ?? ""
    }

    private func setBackendConfiguration(_ request: Request) async throws -> [SettingFailure] {
        let body = try await decodeBody([String: SettingChange].self, from: request)
        var failures: [SettingFailure] = []
        for (name, change) in body.sorted(by: { $0.key < $1.key }) {
            for address in try await backendAddresses(change.node) {
                let query = queryText([(name, change.value), ("persist", "\(change.persist)")])
                do {
                    _ = try await pool.run {
                        try self.ask("POST", "/api/update_config?\(query)", of: address)
                    }
                } catch {
                    failures.append(
                        SettingFailure(
                            config_name: name, value: change.value, node: "\(address)", err_info: "\(error)"))
                }
            }
        }
        return failures
    }

    private func ask(
        _ method: String, _ path: String, of address: NetworkAddress
    ) throws -> [UInt8] {
        guard let backendLine else { throw HTTPProblem.unavailable("this FE asks no backends over HTTP") }
        let asked = ForwardedRequest(method: method, path: path, body: [])
        let answer = try backendLine.ask(asked, of: address)
        guard answer.status == 200 else {
            throw HTTPProblem(
                .badGateway, code: "backend",
                message:
                    "\(address) answered \(answer.status): \(String(decoding: answer.body.prefix(1000), as: UTF8.self))"
            )
        }
        return answer.body
    }

    /// Only backends of this cluster are asked, whatever is named.
    private func backendAddresses(_ named: [String]?) async throws -> [NetworkAddress] {
        let known = try await run { try $0.backends() }.filter { $0.httpPort > 0 }
            .map { NetworkAddress(host: $0.host, port: $0.httpPort) }
        guard let named, !named.isEmpty else { return known }
        return try named.map { name in
            guard let address = known.first(where: { "\($0)" == name }) else {
                throw HTTPProblem.badRequest("'\(name)' is no backend's host and HTTP port; node_list names them")
            }
            return address
        }
    }

    private func refuseStrangers(in named: [String]?, known: [String]) throws {
        for node in named ?? [] where !known.contains(node) {
            throw HTTPProblem.badRequest("'\(node)' is not this FE (\(known.joined(separator: ", "))); ask it there")
        }
    }
}

private struct ConfigurationQuestion: Decodable {
    var conf_name: [String]?
    var node: [String]?

    func wants(key: String) -> Bool { conf_name.map { $0.isEmpty || $0.contains(key) } ?? true }
}

private struct SettingChange: Decodable {
    var node: [String]?
    var value: String
    var persist: Bool

    private enum Key: String, CodingKey { case node, value, persist }

    /// Doris' examples write `"true"`, its pages `true`.
    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        node = try members.decodeIfPresent([String].self, forKey: .node)
        value = try members.decode(String.self, forKey: .value)
        if let text = try? members.decode(String.self, forKey: .persist) {
            persist = text.lowercased() == "true"
        } else {
            persist = try members.decodeIfPresent(Bool.self, forKey: .persist) ?? false
        }
    }
}

private struct SettingFailure: Encodable, Sendable {
    var config_name: String
    var value: String
    var node: String
    var err_info: String
}

private struct BackendsBody: Decodable {
    var hostPorts: [String]
    var properties: [String: String]?
}

private struct FrontendBody: Decodable {
    var role: FrontendRole
    var hostPort: String
}

/// A table as Doris' `/rest/v2` shows it.
struct ColumnsView: Encodable, Sendable {
    var column_names: [String]
    var rows: [[String?]]

    init(_ columns: [String], _ rows: [[String?]]) {
        column_names = columns
        self.rows = rows
    }
}
