public import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import TabletModel

/// Changes of the table's columns.
extension SimulatedCluster {
    /// Tells the FE to change the columns somehow. It goes on by itself, and may be given up by the FE.
    /// - Returns: false when it is away or can't do it now.
    public func beginAlter(_ random: SeededRandom) throws -> Bool {
        guard let master = frontend.master, !frontend.plan.hasCrashed else { return false }
        try check()
        // One at a time: what an answer that got lost has begun goes on.
        guard try !isAltering(master) else { return false }
        let (request, columns) = columnBook.choose(random)
        columnBook.ask(for: columns)
        do {
            let view = try master.alterTable(Self.table, request)
            log.note("asked to \(view.change)")
            return true
        } catch let error as MasterError {
            log.note("columns stay: \(error)")
            let passing: [MasterError.Code] = [
                .unavailable, .conflict, .internalError, .readOnly, .outcomeUnknown,
            ]
            guard passing.contains(error.code) || frontend.plan.hasCrashed else { throw error }
            return false
        }
    }

    /// No change of the columns runs any more.
    public func waitForAlters(limit: Duration = .seconds(1800)) throws {
        var last = ""
        let ends = try runToRest(limit: limit) {
            guard let master = frontend.master else { return false }
            let views = try master.alterViews().filter(\.isRunning)
            last = views.map { "\($0.change) is \($0.state), \($0.done) of \($0.total): \($0.message)" }.joined()
            return views.isEmpty && !frontend.isUnwritable
        }
        guard ends else {
            throw SimulationFailure(seed: seed, "a change of columns did not end: \(last); \(unrest)")
        }
        try check()
    }

    /// No change of the columns runs any more: a person waits for it a while, and cancels it then.
    public func endAlters() throws {
        _ = try run(limit: .seconds(60)) { try frontend.master.map { try !isAltering($0) } ?? false }
        try persist("end the change of columns") { master in
            if try isAltering(master) { _ = try master.cancelAlter(Self.table) }
            return try !isAltering(master)
        }
        try check()
    }

    func isAltering(_ master: Master) throws -> Bool { try master.alterViews().contains(where: \.isRunning) }

    /// What is wrong with the table's columns as the FE has them.
    func columnWrongs(_ columns: [String], _ master: Master) throws -> [String] {
        let isSettled = try !frontend.isUnwritable && !isAltering(master)
        return columnBook.see(columns, isSettled: isSettled).map { [$0] } ?? []
    }
}
