import ArgumentParser
import HTTPAPI

/// The version that `--version` prints and daemons report.
let tabletdVersion = "0.1.0"

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help:
            "The FE's HTTP address, host:port or https://host:port; of several with \",\" between (or the environment variable TABLETD_FE)."
    )
    var fe: String?

    @Flag(help: "Print the answer as JSON instead of tables and sentences.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Who asks (or the environment variable TABLETD_USER).",
            discussion:
                "The password comes from the environment variable TABLETD_PASSWORD, from --password-file, or is asked for; never from the command line, where others could see it."
        ))
    var user: String?

    @Option(help: "File whose first line is the user's password.")
    var passwordFile: String?

    @Option(
        help: "PEM file of the CA that signed the servers' certificates (or the environment variable TABLETD_CA_FILE).")
    var caFile: String?

    func client() throws -> APIClient {
        try APIClient(
            address: fe ?? environment("TABLETD_FE") ?? "127.0.0.1:8030", login: try login(),
            caFile: caFile ?? environment("TABLETD_CA_FILE"))
    }

    /// nil: nobody was named.
    private func login() throws -> Login? {
        guard let user = user ?? environment("TABLETD_USER") else {
            guard passwordFile == nil else { throw CLIError.usage("--password-file needs --user") }
            return nil
        }
        return Login(user: user, password: try Login.password(of: user, file: passwordFile))
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
