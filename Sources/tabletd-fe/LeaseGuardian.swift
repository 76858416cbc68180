import DaemonRuntime
import EtcdClient
import FrontendElection
import FrontendRoles
import Glibc
import Logging

/// The process that gives a frontend's lease back when the frontend has died, so that another one can lead at once. A machine that
/// dies takes it along, and the lease then ends by itself.
struct LeaseGuardian {
    static let name = "fe-lease-guard"

    let settings: EtcdSettings
    let logger: Logger
    /// A lease lives no longer: what was not given back by then has ended.
    private static let patience = Duration.seconds(60)

    /// Returns once the parent has ended, and its lease with it or the patience.
    func run(parent: Int32) throws {
        let client = try EtcdClient(settings)
        var held: Int64?
        CompanionInput.read(from: parent, as: Self.name) { held = Int64($0, radix: 16) ?? held }
        guard let held else { return }
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            do throws(EtcdError) {
                try client.revokeLease(held)
                logger.notice(
                    "the frontend has ended: its lease is given back", metadata: ["lease": "\(LeaseID(held))"])
                return
            } catch {
                logger.warning(
                    "the frontend has ended, and its lease can't be given back yet", metadata: ["error": "\(error)"])
                try? client.pause(.seconds(1))
            }
        }
    }
}

/// The same process, as the frontend sees it.
struct LeaseGuardProcess: LeaseGuard {
    private let companion: Companion

    /// - Parameters:
    ///   - source: the configuration file, and `overrides` what wins over it: they tell where etcd is.
    init(source: String, overrides: [String], logger: Logger) {
        companion = Companion(
            LeaseGuardian.name, program: Companion.ownProgram,
            arguments: ["--config", source] + overrides.flatMap { ["--set", $0] }
                + ["--guard-lease-of", "\(getpid())"],
            logger: logger)
    }

    func hold(_ lease: LeaseID) { companion.tell("\(lease)") }
}
