internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// What a report's executors share: items are judged one by one against the state at that moment, and one that can't be
/// judged is logged and passed over. Changes of many tablets go into one journal entry.
struct ReportBatch: Sendable {
    /// Items whose changes are made durable together: the writer's turn stays short.
    static let commitLimit = 10_000

    let environment: MasterEnvironment
    let backend: BackendID
    /// For the log.
    let step: String

    /// Judges each item and makes the changes of the good ones durable; nil means that there is nothing to do (any
    /// longer).
    /// - Returns: the changes that were made. A journal that fails ends the step; the next report brings the rest.
    @discardableResult
    func commit<Item, Change>(
        _ items: [Item], tablet: (Item) -> TabletID, judge: (Item, ClusterState) throws -> Change?,
        entries: ([Change]) -> [JournalEntry]
    ) -> [Change] {
        var made: [Change] = []
        var start = 0
        while start < items.count {
            let part = items[start..<min(start + Self.commitLimit, items.count)]
            start += part.count
            do {
                made += try commitPart(part, tablet, judge, entries)
            } catch {
                log(error, tablet: nil)
                return made
            }
        }
        return made
    }

    private func commitPart<Item, Change>(
        _ items: ArraySlice<Item>, _ tablet: (Item) -> TabletID, _ judge: (Item, ClusterState) throws -> Change?,
        _ entries: ([Change]) -> [JournalEntry]
    ) throws -> [Change] {
        var failures: [(TabletID, any Error)] = []
        let made = try environment.commit { state, _ -> (entries: [JournalEntry], result: [Change]) in
            var changes: [Change] = []
            for item in items {
                do {
                    if let change = try judge(item, state) { changes.append(change) }
                } catch {
                    failures.append((tablet(item), error))
                }
            }
            return (changes.isEmpty ? [] : entries(changes), changes)
        }
        for (tablet, error) in failures { log(error, tablet: tablet) }
        return made
    }

    /// Runs each item by itself.
    func each<Item>(_ items: [Item], tablet: (Item) -> TabletID, _ body: (Item) throws -> Void) {
        for item in items {
            do {
                try body(item)
            } catch {
                log(error, tablet: tablet(item))
            }
        }
    }

    /// A lost disk has thousands of replicas: a line each in the log for so many, then their number.
    static let logLimit = 20

    /// One line for each of the first, and one with their number when there are more.
    func tell<Item>(
        _ items: [Item], _ level: Logger.Level, _ message: Logger.Message, more: Logger.Message,
        tablet: (Item) -> TabletID, _ metadata: (Item) -> Logger.Metadata = { _ in [:] }
    ) {
        for item in items.prefix(Self.logLimit) {
            let place: Logger.Metadata = ["tablet": "\(tablet(item))", "backend": "\(backend)"]
            environment.logger.log(
                level: level, message, metadata: place.merging(metadata(item), uniquingKeysWith: { $1 }))
        }
        guard items.count > Self.logLimit else { return }
        environment.logger.log(
            level: level, more, metadata: ["backend": "\(backend)", "replicas": "\(items.count)"])
    }

    private func log(_ error: any Error, tablet: TabletID?) {
        var metadata: Logger.Metadata = ["backend": "\(backend)", "step": "\(step)", "error": "\(error)"]
        if let tablet { metadata["tablet"] = "\(tablet)" }
        environment.logger.error("a step of a tablet report failed", metadata: metadata)
    }
}

/// The metadata contradicts itself at this tablet.
struct InconsistentTablet: Error, Hashable, CustomStringConvertible {
    var tabletID: TabletID
    var what: String

    var description: String { "tablet \(tabletID): \(what); restart the FE from its newest image and journal" }
}

extension ClusterState {
    /// The replica with the partition that it belongs to; nil when there is no such replica (any longer).
    func reportedReplica(_ key: ReplicaKey) throws(InconsistentTablet) -> (replica: Replica, partition: Partition)? {
        guard let tablet = tablets.tablet(key.tabletID), let replica = tablets.replica(key) else { return nil }
        guard let table = table(tablet.tableID) else {
            throw InconsistentTablet(tabletID: key.tabletID, what: "its table \(tablet.tableID) does not exist")
        }
        guard let partition = table.partition(tablet.partitionID) else {
            throw InconsistentTablet(
                tabletID: key.tabletID, what: "its partition \(tablet.partitionID) is not in table \(tablet.tableID)")
        }
        return (replica, partition)
    }
}
