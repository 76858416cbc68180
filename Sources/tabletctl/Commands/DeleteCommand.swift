import ArgumentParser
import Foundation
import HTTPAPI
import Platform
import TabletModel

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete the rows of a table for which a condition holds.",
        discussion: """
            Returns when readers don't see the rows any longer. Rows that are loaded later stay, whatever they are. The label
            makes a delete safe to repeat: the same label is never carried out twice.

            A condition is comparisons joined by AND: =, !=, <, <=, >, >=, IN (…), NOT IN (…), IS NULL, IS NOT NULL. Values
            are compared by the column's type (tabletctl table). Text stands between quotes. A field that is empty or \\N is
            null, and only IS NULL holds for it; for a field that is no value of its column's type nothing holds.

            EXAMPLES
              tabletctl delete flights --where "tailnum = 'N14228'"
              tabletctl delete flights --where "carrier IN ('UA', 'AA') AND dep_delay > 60" --label delays-2013
              tabletctl delete flights --where-file condition.txt
            """)
    @Argument var table: TableArgument
    @Option(help: "Which rows go.")
    var `where`: String?
    @Option(help: "A file that holds the condition, for one of many values; - is standard input.")
    var whereFile: String?
    @Option(help: "Name of this delete; made from the table's name and the time when left out.")
    var label: String?
    @Option(help: "Seconds from begin to commit.")
    var timeout: Int = 3600
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (`where` == nil) != (whereFile == nil) else {
            throw ValidationError("give the condition with --where or with --where-file")
        }
        guard timeout > 0, timeout < 1 << 31 else { throw ValidationError("--timeout is a positive number of seconds") }
    }

    func run() throws {
        let client = try global.client()
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        let body = DeleteRowsBody(
            condition: try condition(),
            label: label ?? MadeLabel.text(file: "delete-\(table.name.table)", milliseconds: milliseconds),
            timeoutMs: Int64(timeout) * 1000)
        let path = "/api/tables/\(pathSegment(table.name.database))/\(pathSegment(table.name.table))/delete"
        let started = try decode(LoadView.self, try client.post(path, body))
        let ended = try waitForEnd(of: started, "delete from \(table.name)", client, global)
        if ended.state == .aborted { throw CLIError.failed("delete \(ended.label) was aborted: \(ended.message)") }
        try global.show(try encodeJSON(ended), as: LoadView.self) { delete in
            "deleted from \(delete.table) where \(delete.deleteCondition ?? "") as version \(delete.version), "
                + "label \(delete.label)\n"
        }
    }

    private func condition() throws -> String {
        if let condition = `where` { return condition }
        let file = whereFile ?? "-"
        let data: Data
        do {
            data =
                file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw CLIError.failed("the condition can't be read from \(file): \(error)")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw CLIError.failed("\(file) is not UTF-8")
        }
        return text
    }
}
