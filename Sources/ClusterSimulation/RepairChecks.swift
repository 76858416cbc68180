internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import StorageEngine
internal import TabletModel

/// What must hold of repair at every moment.
extension SimulatedCluster {
    func repairWrongs() throws -> [String] {
        guard let master = frontend.master, !frontend.plan.hasCrashed else { return watch.wrong }
        return watch.wrong + RepairJudge(frontends: parts.frontends, backends: backends, watch: watch).slots(master)
            + (try unreadableTargets(master))
    }

    /// Nobody is sent to read from a replica that lacks a visible version. What happened to a machine behind the FE's back
    /// counts from its next report on.
    private func unreadableTargets(_ master: Master) throws -> [String] {
        noteReports(master)
        let plan: ReadPlan
        do {
            plan = try master.readPlan(Self.table, backend: nil, version: nil)
        } catch let error as MasterError where error.code == .notFound || error.code == .unavailable {
            // No table yet, or a tablet that nobody can read: `lostRows` judges that.
            return []
        }
        return plan.tablets.flatMap { target in
            target.backends.compactMap { place in
                guard let backend = backend(host: place.host), let engine = backend.engine, engine.isLoaded,
                    !backend.plan.hasCrashed, !watch.isDamaged(place.host)
                else { return nil }
                let held = backend.wholeVersions[target.tabletID] ?? .none
                guard held < target.version else { return nil }
                return
                    "readers of tablet \(target.tabletID) at \(target.version) are sent to \(backend.name), which is "
                    + "whole up to \(held)"
            }
        }
    }

    /// Machines that were tampered with and have reported their tablets since they came up.
    private func noteReports(_ master: Master) {
        do {
            for view in try master.backends() {
                guard watch.isDamaged(view.host), let backend = backend(host: view.host), backend.isRunning,
                    view.lastTabletReportMs != 0, view.lastTabletReportMs != backend.reportBeforeStart
                else { continue }
                watch.reported(view.host)
            }
        } catch {
            log.note("backends can't be listed: \(error)")
        }
    }
}
