internal import AccessControl
internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

extension MasterRoutes {
    func addCatalog(to router: HTTPService.Routes) {
        router.get("api/databases") { _, context in
            let caller = try context.loggedIn()
            return try await answer { try $0.databases().filter { caller.may(.read, on: $0.name) } }
        }
        router.post("api/databases") { request, _ in
            let body = try await decodeBody(CreateDatabaseRequest.self, from: request)
            return try await answer { try $0.createDatabase(body.name) }
        }
        router.delete("api/databases/:database") { request, context in
            let name = try context.path("database")
            let force = request.flagQuery("force")
            return try await answer { control in
                try control.dropDatabase(name, force: force)
                return DoneView()
            }
        }
        router.get("api/tables") { request, context in
            let caller = try context.loggedIn()
            let database = request.query("database")
            return try await answer { control in
                try control.tables(inDatabase: database).filter { caller.may(.read, on: $0.name.database) }
            }
        }
        router.post("api/tables") { request, context in
            let body = try await decodeBody(CreateTableRequest.self, from: request)
            try context.require(.admin, on: body.name.database)
            return try await answer { try $0.createTable(body) }
        }
        router.get("api/tables/:database/:table") { _, context in
            let name = try tableName(context)
            return try await answer { try $0.table(name) }
        }
        router.delete("api/tables/:database/:table") { _, context in
            let name = try tableName(context)
            return try await answer { control in
                try control.dropTable(name)
                return DoneView()
            }
        }
        router.post("api/tables/:database/:table/alter") { request, context in
            let name = try tableName(context)
            let body = try await decodeBody(AlterTableRequest.self, from: request)
            return try await answer { try $0.alterTable(name, body) }
        }
        router.delete("api/tables/:database/:table/alter") { _, context in
            let name = try tableName(context)
            return try await answer { try $0.cancelAlter(name) }
        }
        router.get("api/alters") { _, _ in try await answer { try $0.alterViews() } }
        router.get("api/tables/:database/:table/tablets") { _, context in
            let name = try tableName(context)
            return try await answer { try $0.tablets(of: name) }
        }
        router.get("api/tables/:database/:table/read_plan") { request, context in
            let name = try tableName(context)
            let backend = try request.integerQuery("backend").map { BackendID($0) }
            let version = try request.integerQuery("version").map { Version($0) }
            return try await answer { try $0.readPlan(name, backend: backend, version: version) }
        }
        router.get("api/tablets/:id") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            return try await answer { try $0.tablet(id) }
        }
    }
}

func tableName(_ context: some RequestContext) throws -> TableName {
    TableName(
        database: try context.path("database"), table: try context.path("table"))
}
