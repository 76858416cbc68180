internal import AgentTasks
internal import BackupRestore
internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
internal import Logging
internal import MasterServices
internal import ReplicaRepair
internal import SchemaChange
internal import Synchronization
internal import TableCatalog
internal import TabletModel

extension Master {
    /// Metadata can be written again. What was in doubt and turned out durable has the consequences that it would have had at
    /// once; where those are found again by themselves, by reports, rounds and heartbeats, that is left to them, as after a
    /// restart of the FE.
    func settled(_ settlement: MetadataSettlement) {
        environment.suspects.add(settlement.isDurable ? settlement.entries.flatMap(\.suspectTablets) : [])
        beginEpochIfOwed()
        registerSelf()
        for entry in settlement.entries {
            switch entry {
            case .dropTable(let table):
                dropper.settled(table, isDurable: settlement.isDurable)
                guard settlement.isDurable else { break }
                creator.cancel(table, "the table was dropped")
                loadManager.tableDropped(table)
            case .addBackend(let backend) where settlement.isDurable:
                environment.store.observe { state in state.updateStatus(of: backend.id) { $0.isNewcomer = true } }
            case .dropBackend(let backend) where settlement.isDurable: events.dropped(backend)
            case .backendStateChange where settlement.isDurable: repairs.decommissionChanged()
            default: break
            }
        }
        creator.settled(settlement)
        loadManager.settled(settlement)
        alters.settled(settlement)
        backupJobs.settled(settlement)
        policies.tellAll()
    }

    /// Changes were refused, and nothing is in doubt: what waits for the journal is tried again.
    func goOn() {
        beginEpochIfOwed()
        registerSelf()
        creator.goOn()
        loadManager.goOn()
    }

    /// Backends take a new epoch for a new start of the FE. When metadata could not be written at the start they have heard the
    /// old one so far.
    private func beginEpochIfOwed() {
        guard isEpochOwed.exchange(false, ordering: .relaxed) else { return }
        do {
            let epoch = try environment.store.beginEpoch()
            environment.signatures.begin(epoch: epoch)
        } catch {
            isEpochOwed.store(true, ordering: .relaxed)
            environment.logger.error("the epoch of this start was not begun", metadata: ["error": "\(error)"])
        }
    }
}
