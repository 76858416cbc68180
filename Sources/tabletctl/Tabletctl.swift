import ArgumentParser

/// The command line of a tabletd cluster. Every command speaks to the FE's HTTP API (docs/http.md).
@main
struct Tabletctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabletctl",
        abstract: "Runs a tabletd cluster: backends, tables, loads, repair, cooldown and backup to S3.",
        discussion: """
            EXAMPLES
              tabletctl add-backend 10.0.0.2:9050
              tabletctl add-frontend 10.0.0.3:9020 --role follower
              tabletctl create-table flights --columns-from flights.csv --buckets 8 --replicas 3 --distribute-by tailnum
              tabletctl load flights --file flights.csv --skip-header
              tabletctl read flights --checksum
              tabletctl cooldown --wait flights
              tabletctl replicas --unhealthy
              tabletctl tablet 10012 --versions

            The FE is found by --fe or the environment variable TABLETD_FE (default 127.0.0.1:8030); of several, separated by
            commas, the first that can be reached is asked, whichever of them is the master.

            EXIT CODES
              0  done          3  the FE or a BE could not be reached
              1  it failed     4  the thing named does not exist
              2  wrong usage   5  waited too long
                               6  what was looked at is not well, or differs
                               (replicas --unhealthy, check, meta verify, meta diff)
            """,
        version: tabletdVersion,
        subcommands: [
            StatusCommand.self,
            Backends.self, AddBackend.self, MoveBackend.self, DropBackend.self, Decommission.self,
            Frontends.self, AddFrontend.self, DropFrontend.self,
            Databases.self, CreateDatabase.self, DropDatabase.self,
            Tables.self, CreateTable.self, DropTable.self, TableCommand.self, Tablets.self, TabletCommand.self,
            AlterTable.self, Alters.self,
            Replicas.self, Repair.self, Migrate.self, Scheduler.self, Check.self,
            Load.self, Delete.self, Loads.self, Read.self, Checksum.self,
            Resources.self, CreateResource.self, AlterResource.self, DropResource.self,
            Policies.self, CreatePolicy.self, DropPolicy.self, AttachPolicy.self, DetachPolicy.self,
            Backup.self, Restore.self, Backups.self, CancelBackup.self,
            Cooldown.self, Jobs.self, Checkpoint.self, Meta.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as CLIError {
            Terminal.printError("tabletctl: \(error.message)")
            exitProcess(error.exitCode)
        } catch {
            let code = exitCode(for: error)
            // Help and version end in 0 and print to standard output; wrong usage is 2 here, whatever the parser's own code.
            guard code.isSuccess else {
                Terminal.printError(fullMessage(for: error))
                exitProcess(code == .validationFailure ? 2 : 1)
            }
            exit(withError: error)
        }
    }
}
