import ArgumentParser
import HTTPAPI

/// The version that `--version` prints and daemons report.
let tabletdVersion = "0.1.0"

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help:
            "The FE's HTTP address, host:port; of several with \",\" between (or the environment variable TABLETD_FE).")
    var fe: String?

    @Flag(help: "Print the answer as JSON instead of tables and sentences.")
    var json = false

    func client() throws -> APIClient {
        try APIClient(address: fe ?? environment("TABLETD_FE") ?? "127.0.0.1:8030")
    }

    /// Prints the server's JSON as it came, or what `text` makes of the decoded value.
    func show<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type, _ text: (Value) throws -> String) throws {
        if json {
            bytes.withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(try text(try decode(type, bytes)))
        }
    }
}

/// A table's name on the command line: `table` or `database.table`.
struct TableArgument: ExpressibleByArgument {
    var name: TableName

    init?(argument: String) {
        guard let name = TableName(text: argument, defaultDatabase: "default") else { return nil }
        self.name = name
    }

    var path: String { "/api/tables/\(pathSegment(name.database))/\(pathSegment(name.table))" }
}

extension GlobalOptions {
    /// The end of a call whose answer says nothing but that it is done.
    func finish(_ bytes: [UInt8], _ sentence: String) throws {
        if json {
            bytes.withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(sentence + "\n")
        }
    }
}
