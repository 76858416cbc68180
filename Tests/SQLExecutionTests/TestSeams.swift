import AccessControl
import HTTPAPI
import SQLExecution
import SQLSessions
import Synchronization
import TabletModel

/// Users in memory: `root` may all, others what they are given.
final class TestAccess: SQLAccess, UserAdministration {
    private let known = Mutex<[String: SQLUserView]>([
        "root": SQLUserView(name: "root", hasPassword: true, right: .admin)
    ])
    let passwords = Mutex<[String: String]>([:])

    func logIn(_ login: SQLLogin) throws -> String {
        guard known.withLock({ $0[login.user] != nil }) else {
            throw SQLError.accessDenied("access denied for '\(login.user)'")
        }
        return login.user
    }

    func may(_ user: String, _ right: Right, on database: String?) -> Bool {
        known.withLock { known in
            guard let view = known[user] else { return false }
            if let all = view.right, all >= right { return true }
            return database.flatMap { view.databases[$0] }.map { $0 >= right } ?? false
        }
    }

    func createUser(_ name: String, password: String?) throws {
        try known.withLock { known in
            guard known[name] == nil else {
                throw MasterError(.alreadyExists, "user \(name) exists", nextStep: "choose another name")
            }
            known[name] = SQLUserView(name: name, hasPassword: password != nil)
        }
        passwords.withLock { $0[name] = password }
    }

    func dropUser(_ name: String) throws { try change(name) { _ in nil } }

    func setPassword(of name: String, to password: String) throws {
        try change(name) { view in
            var view = view
            view.hasPassword = true
            return view
        }
        passwords.withLock { $0[name] = password }
    }

    func grant(_ right: Right, on database: String?, to name: String) throws {
        try change(name) { view in
            var view = view
            if let database { view.databases[database] = right } else { view.right = right }
            return view
        }
    }

    func revoke(_ right: Right, on database: String?, from name: String) throws {
        try change(name) { view in
            var view = view
            if let database { view.databases[database] = nil } else { view.right = nil }
            return view
        }
    }

    func users() throws -> [SQLUserView] { known.withLock { $0.values.sorted { $0.name < $1.name } } }

    private func change(_ name: String, _ body: (SQLUserView) -> SQLUserView?) throws {
        try known.withLock { known in
            guard let view = known[name] else {
                throw MasterError(.notFound, "there is no user \(name)", nextStep: "create it")
            }
            known[name] = body(view)
        }
    }
}

final class TestShards: ShardAdministration {
    let calls = Mutex<[String]>([])

    func addBackends(_ addresses: [NetworkAddress], toShard shard: Int64, of cluster: String) throws {
        calls.withLock { $0.append("add \(addresses.map(\.description)) \(shard) \(cluster)") }
    }
    func dropBackends(_ addresses: [NetworkAddress], from cluster: String) throws {
        calls.withLock { $0.append("drop \(addresses.map(\.description)) \(cluster)") }
    }
    func members() throws -> [ShardMember] { [] }
}

final class TestSettings: FrontendSettings {
    let changes = Mutex<[String]>([])

    func settings() -> [FrontendSetting] {
        [
            FrontendSetting(key: "disable_balance", value: "false", type: "bool", isMutable: true, comment: ""),
            FrontendSetting(key: "query_port", value: "9030", type: "int", isMutable: false, comment: ""),
        ]
    }
    func set(_ key: String, to value: String, isPersisted: Bool) throws {
        changes.withLock { $0.append("\(key)=\(value) \(isPersisted)") }
    }
}

/// Rows without end, of the wanted columns' numbers, unless there is a limit.
final class TestRows: TableRows {
    let reads = Mutex<[TableRead]>([])

    func open(_ read: TableRead) throws -> any SQLRows {
        reads.withLock { $0.append(read) }
        return Endless(read)
    }
    func count(_ read: TableRead) throws -> Int64 {
        reads.withLock { $0.append(read) }
        return 42
    }

    private final class Endless: SQLRows {
        let read: TableRead
        let given = Mutex<Int64>(0)
        init(_ read: TableRead) { self.read = read }

        func next(into writer: inout SQLRowWriter) throws -> Bool {
            let count = given.withLock { given in
                given += 1
                return given
            }
            if let limit = read.limit, count > limit { return false }
            writer.row(read.columns.map { "\($0)" })
            return true
        }
    }
}
