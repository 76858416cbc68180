internal import AccessControl
internal import Platform
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    func processList(isFull: Bool) -> SQLReply {
        processes.table(
            of: may(.admin, on: nil) ? nil : user, isFull: isFull, now: environment.time.monotonicNow
        ).reply
    }

    func kill(_ id: Int64, isQuery: Bool) throws -> SQLReply {
        guard let number = UInt32(exactly: id), let process = processes[number] else {
            throw SQLError(1094, "HY000", "there is no connection \(id) to this FE: SHOW PROCESSLIST lists them")
        }
        guard process.user == user || may(.admin, on: nil) else {
            throw SQLError(1095, "HY000", "connection \(id) is of another user: ADMIN on all databases is needed")
        }
        process.interruption.interrupt("the statement was killed")
        if !isQuery { process.disconnect() }
        return .done()
    }

    func help(_ topic: String) throws -> SQLReply {
        switch StatementHelp.answer(topic) {
        case .statement(let row):
            return ResultTable(["name", "description", "example"], [[row.name, row.description, row.example + ";\n"]])
                .reply
        case .chapter(let title, let topics, let statements):
            return ResultTable(
                ["source_category_name", "name", "is_it_category"],
                topics.map { [title, $0, "Y"] } + statements.map { [title, $0, "N"] }
            ).reply
        case .several(let names):
            return ResultTable(["name", "is_it_category"], names.map { [$0, "N"] }).reply
        case .nothing:
            return ResultTable(["name", "description", "example"]).reply
        }
    }

    // MARK: Configuration of this FE

    func frontendConfig(_ filter: SQLFilter?) -> SQLReply {
        let settings = environment.settings.settings().filter { filter?.holds(for: $0.key) ?? true }
        return ResultTable(
            ["Key", "Value", "Type", "IsMutable", "MasterOnly", "Comment"],
            settings.map {
                [
                    $0.key, $0.value, $0.type, DorisTexts.bool($0.isMutable), DorisTexts.bool(false), $0.comment,
                ]
            }
        ).reply
    }

    func setFrontendConfig(_ properties: [SQLProperty], isPersisted: Bool) throws -> SQLReply {
        guard properties.count == 1 else { throw SQLError.notSupported("one key at a time") }
        try environment.settings.set(properties[0].key, to: properties[0].value.value, isPersisted: isPersisted)
        return .done()
    }
}
