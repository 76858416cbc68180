public import HTTPAPI
public import TabletModel

/// What an administrator asks of the master besides, by SQL. As `MasterControl` in all else.
public protocol MasterAdministration: Sendable {
    /// Changes when rows that have the policy cool; where they go stays. Backends are told at once.
    func alterStoragePolicy(_ name: String, _ request: AlterStoragePolicyRequest) throws -> StoragePolicyView
    /// Calls a replica bad, or takes that back. A bad one is replaced once another has all rows.
    func setReplica(_ tablet: TabletID, on backend: BackendID, isBad: Bool) throws
    /// What `repair` asked for these tablets waits its turn from now on. How many did not yet.
    func cancelRepair(_ tablets: [TabletID]) throws -> Int
    /// In the order of buckets. Of a large table far less than its tablets are.
    func tabletIDs(of table: TableName) throws -> [TabletID]
    /// Asks backends to remove the files of dropped tablets now; all of them when none is named.
    func cleanTrash(on backends: [NetworkAddress]) throws
    /// A table takes another's name and place, in one change; the other goes with its rows. Both are of one database.
    func replaceTable(_ table: TableName, by new: TableName) throws
}
