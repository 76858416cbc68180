internal import Logging
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions
internal import Synchronization

extension SQLConnection {
    /// Who answers a statement.
    private enum Place {
        /// The FE that the client is connected to: it is about the connection, or about this FE.
        case here
        /// The master, who has all of it. What only reads is answered here while there is none.
        case master(reads: Bool)
    }

    func answer(_ parsed: ParsedStatement, _ text: [UInt8], isForwarded: Bool) throws -> SQLReply {
        try checkRights(of: parsed)
        try interruption.check()
        switch place(of: parsed.statement) {
        case .here:
            guard !isForwarded else { throw SQLError.unknown("\(parsed.row.name) is for the FE that is connected") }
            return try answerHere(parsed.statement)
        case .master(let reads):
            guard !isForwarded, let forward = environment.forward() else {
                if !reads { note(parsed, text) }
                return try answerAsMaster(parsed.statement)
            }
            do {
                return try forward(
                    ForwardedStatement(user: user, database: database, text: text) { [interruption] in
                        try interruption.check()
                    })
            } catch let away as MasterAway {
                guard reads else { throw SQLError.unavailable("no master answers: \(away.reason)") }
                let warning = "no master answers (\(away.reason)): this is what this FE has replayed"
                state.withLock { $0.warnings = [SQLWarning(level: "Warning", number: 1105, message: warning)] }
                return try answerAsMaster(parsed.statement).with(warnings: 1)
            }
        }
    }

    private func place(of statement: SQLStatement) -> Place {
        switch statement {
        case .use, .selectValues, .set, .setNames, .setTransaction, .showVariables, .showStatus, .showWarnings,
            .showCountOfWarnings, .showEngines, .showCollation, .showCharacterSet, .transaction, .prepare, .execute,
            .deallocate, .showProcessList, .kill, .help, .showFrontendConfig, .setFrontendConfig:
            .here
        case .showDatabases, .showCreateDatabase, .showAlterTable, .showTables, .showTableStatus, .showCreateTable,
            .describe, .showColumns, .showIndex, .showPartitions, .showTablets, .showTablet, .showData, .select,
            .showLoad, .showResources, .showStoragePolicies, .showStoragePolicyUse, .showCooldown, .showBackup,
            .showRestore, .showBackends, .showFrontends, .showClusters, .showProc, .showReplicaStatus,
            .showReplicaDistribution, .showGrants, .showUsers:
            .master(reads: true)
        case .createDatabase, .dropDatabase, .createTable, .dropTable, .truncateTable, .alterTable, .cancelAlterTable,
            .delete, .cancelLoad, .createResource, .alterResource, .dropResource, .createStoragePolicy,
            .alterStoragePolicy, .dropStoragePolicy, .backup, .restore, .cancelBackup, .cancelRestore, .addBackends,
            .dropBackends, .decommissionBackends, .cancelDecommission, .addFrontend, .dropFrontend, .addShardBackends,
            .dropShardBackends, .repairTable, .cancelRepairTable, .checkTablets, .setReplicaStatus, .cleanTrash,
            .createUser, .alterUser, .dropUser, .setPassword, .grant, .revoke:
            .master(reads: false)
        }
    }

    /// Who wanted what changed: a line of the log before it is tried, without secrets.
    private func note(_ parsed: ParsedStatement, _ text: [UInt8]) {
        environment.logger.info(
            "a statement changes something",
            metadata: [
                "kind": "\(parsed.row.name)", "user": "\(user)", "host": "\(login.host)",
                "statement": "\(SQLText.masked(text, limit: 1024))",
            ])
    }

    /// The master, or what reads its metadata here.
    func control() throws(SQLError) -> any MasterControl {
        guard let control = environment.control() else {
            throw .unavailable("this FE is loading its metadata: try again in a moment")
        }
        return control
    }

    private func answerHere(_ statement: SQLStatement) throws -> SQLReply {
        switch statement {
        case .use(let name):
            try change(to: name)
            return .done()
        case .selectValues(let items, let limit): return try selectValues(items, limit)
        case .set(let assignments): return try set(assignments)
        case .setNames(let charset): return try setNames(charset)
        case .setTransaction, .transaction: return .done()
        case .showVariables(let isGlobal, let filter): return variables(isGlobal: isGlobal, filter)
        case .showStatus(let filter): return status(filter)
        case .showWarnings: return warningsShown()
        case .showCountOfWarnings: return countOfWarnings()
        case .showEngines: return ServerTables.engines.reply
        case .showCollation(let filter): return ServerTables.collations(filter).reply
        case .showCharacterSet(let filter): return ServerTables.characterSets(filter).reply
        case .prepare(let name, let source): return try prepare(name, source)
        case .execute(let name, let variables): return try execute(name, variables)
        case .deallocate(let name): return try deallocate(name)
        case .showProcessList(let isFull): return processList(isFull: isFull)
        case .kill(let id, let isQuery): return try kill(id, isQuery: isQuery)
        case .help(let topic): return try help(topic)
        case .showFrontendConfig(let filter): return frontendConfig(filter)
        case .setFrontendConfig(let properties, let isPersisted):
            return try setFrontendConfig(properties, isPersisted: isPersisted)
        default: preconditionFailure("a statement of the master's")
        }
    }

    private func answerAsMaster(_ statement: SQLStatement) throws -> SQLReply {
        if let reply = try answerCatalog(statement) { return reply }
        if let reply = try answerRows(statement) { return reply }
        if let reply = try answerStorage(statement) { return reply }
        if let reply = try answerCluster(statement) { return reply }
        if let reply = try answerAdministration(statement) { return reply }
        if let reply = try answerUsers(statement) { return reply }
        preconditionFailure("a statement that nobody answers")
    }
}

extension SQLReply {
    fileprivate func with(warnings count: UInt16) -> SQLReply {
        if case .done(let rows, _, let note) = self { return .done(affectedRows: rows, warnings: count, note: note) }
        return self
    }
}
