internal import Logging
internal import Platform
public import TabletModel

/// Rowsets whose versions are there and whose rows are not: an object was deleted by a stranger, a sector of a disk can't be
/// read. The replica says so with its reason until they can be read again. Only what is certain counts: a store that can't
/// be reached, or refuses, says nothing of an object.
extension StorageEngine {
    /// Replicas with such rowsets, in tablet order.
    public var unreadableReplicas: [UnreadableReplica] {
        var replicas: [UnreadableReplica] = []
        for entry in unreadable.all {
            let known: Tablet?
            do {
                known = try tablets[entry.tablet]
            } catch {
                logger.warning(
                    "unreadable rowset not looked at", metadata: ["tablet": "\(entry.tablet)", "error": "\(error)"])
                continue
            }
            guard let tablet = known, tablet.hasVisible(entry.rowset) else { continue }
            if let last = replicas.indices.last, replicas[last].tabletID == entry.tablet {
                replicas[last].isHealedByCopy = replicas[last].isHealedByCopy || entry.isLocal
                replicas[last].since = min(replicas[last].since, entry.since)
                continue
            }
            replicas.append(
                UnreadableReplica(
                    tabletID: entry.tablet, replicaID: tablet.replicaID, reason: String(entry.reason.prefix(400)),
                    since: entry.since, isHealedByCopy: entry.isLocal))
        }
        let lacking = replicasLackingResources
        guard !lacking.isEmpty else { return replicas }
        let named = Set(replicas.map(\.tabletID))
        return (replicas + lacking.filter { !named.contains($0.tabletID) }).sorted { $0.tabletID < $1.tabletID }
    }

    /// Looks again at those whose turn it is, some at a time. May ask object stores.
    public func recheckUnreadable() {
        for entry in unreadable.due(now: environment.time.monotonicNow, limit: 16) {
            let known: Tablet?
            do {
                known = try tablets[entry.tablet]
            } catch {
                unreadable.postpone(entry.rowset, now: environment.time.monotonicNow)
                continue
            }
            guard let tablet = known,
                let rowset = tablet.rowsets.first(where: { $0.meta.id == entry.rowset })
            else {
                unreadable.remove(entry.rowset)
                continue
            }
            switch examine(rowset, of: tablet, isDeep: entry.isDeep) {
            case .readable:
                unreadable.remove(entry.rowset)
                logger.notice(
                    "rowset can be read again", metadata: ["tablet": "\(tablet.id)", "rowset": "\(entry.rowset)"])
            case .unreadable(let reason, let isLocal):
                noteUnreadable(rowset, of: tablet, reason, isLocal: isLocal, isDeep: entry.isDeep)
            case .lost(let reason): loseRowset(entry.rowset, of: tablet, reason: reason)
            case .unknown: unreadable.postpone(entry.rowset, now: environment.time.monotonicNow)
            }
        }
    }

    /// A read of the rowset failed: are its bytes lost, or can they not be read? Looked at once more, so that an error that
    /// passes by costs nothing and leaves no mark.
    func suspect(_ rowset: Rowset, of tablet: Tablet, _ error: any Error) {
        guard Self.isLoss(error) || Self.isSuspicious(error) else { return }
        let isDeep = error is SegmentError
        switch examine(rowset, of: tablet, isDeep: isDeep) {
        case .lost(let reason): loseRowset(rowset.meta.id, of: tablet, reason: reason)
        case .unreadable(let reason, let isLocal):
            guard tablet.hasVisible(rowset.meta.id) else { return }
            noteUnreadable(rowset, of: tablet, reason, isLocal: isLocal, isDeep: isDeep)
        case .readable:
            logger.warning(
                "a read failed, and the same bytes were read well right after it",
                metadata: ["tablet": "\(tablet.id)", "rowset": "\(rowset.meta.id)", "error": "\(error)"])
        case .unknown: break
        }
    }

    /// The rowset's files are gone or corrupt, and its disk takes no change now.
    func noteUntaken(_ id: RowsetID, of tablet: Tablet, _ reason: String) {
        guard let rowset = tablet.rowsets.first(where: { $0.meta.id == id }) else { return }
        noteUnreadable(rowset, of: tablet, reason, isLocal: true, isDeep: false)
    }

    private static func isSuspicious(_ error: any Error) -> Bool {
        switch error {
        case let error as ObjectStoreError:
            [.noSuchKey, .truncated, .checksumMismatch, .invalidRequest].contains(error.code)
        case let error as FileSystemError: [.broken, .forbidden].contains(error.trouble)
        default: false
        }
    }

    private func noteUnreadable(
        _ rowset: Rowset, of tablet: Tablet, _ reason: String, isLocal: Bool, isDeep: Bool
    ) {
        let isNew = unreadable.note(
            rowset.meta.id, of: tablet.id, reason: "rowset \(rowset.meta.versions): \(reason)", isLocal: isLocal,
            isDeep: isDeep, wall: environment.time.wallNow, now: environment.time.monotonicNow)
        guard isNew else { return }
        logger.error(
            "rowset can't be read",
            metadata: [
                "tablet": "\(tablet.id)", "version": "\(rowset.meta.versions)", "rowset": "\(rowset.meta.id)",
                "reason": "\(reason)",
            ])
    }

    /// - Parameter isDeep: read and verify every block, else ask only whether what is there has the right size.
    func examine(_ rowset: Rowset, of tablet: Tablet, isDeep: Bool) -> RowsetVerdict {
        let isLocal = !rowset.meta.isRemote
        do {
            for index in rowset.meta.segments.indices {
                if !isLocal {
                    guard let remoteSegments else { return .unknown }
                    if let fault = try remoteSegments.fault(of: rowset.meta, segment: index) {
                        return .unreadable(reason: fault, isLocal: false)
                    }
                }
                if isDeep || isLocal { try verify(index, of: rowset, in: tablet) }
            }
            return .readable
        } catch let error as SegmentError {
            guard Self.isLoss(error) else { return .unknown }
            return isLocal ? .lost(reason: "\(error)") : .unreadable(reason: "\(error)", isLocal: false)
        } catch let error as FileSystemError where isLocal && Self.isLoss(error) {
            return .lost(reason: "\(error)")
        } catch let error as FileSystemError where isLocal && [.broken, .forbidden].contains(error.trouble) {
            return .unreadable(reason: "\(error)", isLocal: true)
        } catch {
            return .unknown
        }
    }

    private func verify(_ index: Int, of rowset: Rowset, in tablet: Tablet) throws {
        let reader = try openSegment(index, of: rowset, in: tablet)
        while try reader.next() != nil {}
    }
}

extension Tablet {
    fileprivate func hasVisible(_ rowset: RowsetID) -> Bool {
        withState { state in state.rowsets.contains { $0.meta.id == rowset } }
    }
}
