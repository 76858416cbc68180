import ArgumentParser
import Foundation
import HTTPAPI

struct AlterTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the columns of a table: add, drop, rename, order.",
        discussion: """
            A rename is done at once. Anything else makes new tablets beside the table's, fills them with its rows in the new
            columns and puts them in its tablets' place; loads and reads go on meanwhile, and `alters` shows how far it is.
            A load has the columns that the table had when it began. Files for the table have the new columns afterwards.

            EXAMPLES
              tabletctl alter-table flights add-column delay:INT --default 0 --after tailnum
              tabletctl alter-table flights drop-column comment
              tabletctl alter-table flights rename-column tail tailnum
              tabletctl alter-table flights modify-order year,tailnum,delay
              tabletctl alter-table flights --cancel
            """)
    @Argument(help: "table or database.table")
    var table: TableArgument
    @Argument(help: "add-column NAME[:TYPE], drop-column NAME, rename-column OLD NEW or modify-order A,B,C")
    var change: [String] = []
    @Option(help: "What rows from before have in an added column; without it an empty field.")
    var `default`: String?
    @Option(help: "An added column comes right behind this one; without it at the end.")
    var after: String?
    @Flag(help: "An added column comes first.")
    var first = false
    @Flag(help: "End the change that runs; the table stays as it is.")
    var cancel = false
    @Flag(help: "Return once the change has begun.")
    var noWait = false
    @Option(help: "Seconds to wait at most; the change goes on by itself after that.")
    var timeout: Double = 86_400
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = table.path + "/alter"
        if cancel {
            guard change.isEmpty else { throw CLIError.usage("--cancel goes with no change") }
            try global.show(try global.client().delete(path), as: AlterView.self) { view in
                "\(view.change) of table \(view.table) was cancelled\n"
            }
            return
        }
        let request = try request()
        let client = try global.client()
        let begun = try decode(AlterView.self, try client.post(path, request))
        let view = noWait ? begun : try wait(for: begun, client)
        if global.json {
            try encodeJSON(view).withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output("\(view.change) of table \(view.table): \(view.isRunning ? "begun" : "done")\n")
        }
    }

    func request() throws -> AlterTableRequest {
        let operands = Array(change.dropFirst())
        func operand(_ count: Int, _ usage: String) throws {
            guard operands.count == count, operands.allSatisfy({ !$0.isEmpty }) else { throw CLIError.usage(usage) }
        }
        let isAdding = change.first == "add-column"
        guard isAdding || (`default` == nil && after == nil && !first) else {
            throw CLIError.usage("--default, --after and --first go with add-column")
        }
        switch change.first {
        case "add-column":
            try operand(1, "add-column NAME[:TYPE]")
            let parts = operands[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            return AlterTableRequest(
                action: .addColumn, column: parts[0], type: parts.count > 1 ? parts[1] : nil, defaultValue: `default`,
                after: after, isFirst: first ? true : nil)
        case "drop-column":
            try operand(1, "drop-column NAME")
            return AlterTableRequest(action: .dropColumn, column: operands[0])
        case "rename-column":
            try operand(2, "rename-column OLD NEW")
            return AlterTableRequest(action: .renameColumn, column: operands[0], newName: operands[1])
        case "modify-order":
            try operand(1, "modify-order A,B,C")
            return AlterTableRequest(action: .orderColumns, order: operands[0].components(separatedBy: ","))
        case let other:
            throw CLIError.usage(
                (other.map { "'\($0)' is no change of columns; " } ?? "")
                    + "use add-column, drop-column, rename-column, modify-order or --cancel")
        }
    }

    private func wait(for begun: AlterView, _ client: APIClient) throws -> AlterView {
        var bar = ProgressBar("\(begun.change) of \(begun.table)", json: global.json)
        defer { bar.finish() }
        let deadline = monotonicSeconds() + timeout
        var view = begun
        while view.isRunning {
            guard monotonicSeconds() < deadline else {
                throw CLIError.timedOut(
                    "\(view.change) of table \(view.table) is \(view.state) still; see tabletctl alters")
            }
            bar.update(done: view.done, total: view.total, note: "\(view.state) \(view.message)")
            pause(milliseconds: 100)
            let views = try decode([AlterView].self, try client.get("/api/alters"))
            guard let found = views.first(where: { $0.id == begun.id }) else {
                throw CLIError.failed("table \(begun.table) was dropped meanwhile")
            }
            view = found
        }
        guard view.state == "FINISHED" else {
            throw CLIError.failed("\(view.change) of table \(view.table) was cancelled: \(view.message)")
        }
        return view
    }
}

struct Alters: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes of tables' columns that run, and the newest that ended.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/alters"), as: [AlterView].self) { renderAlters($0) }
    }
}

func renderAlters(_ alters: [AlterView]) -> String {
    var table = TextTable(["table", "change", "state", ">replicas", "began", "message"])
    for alter in alters {
        table.add([
            "\(alter.table)", alter.change, alter.state, alter.total > 0 ? "\(alter.done)/\(alter.total)" : "",
            formatAge(alter.startedMs), alter.message,
        ])
    }
    return table.render(empty: "no changes")
}
