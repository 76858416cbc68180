extension ClusterState {
    /// The state that these entries give, without a journal: for measurements.
    package init(replaying entries: [JournalEntry]) {
        self.init()
        for entry in entries { apply(entry) }
    }
}
