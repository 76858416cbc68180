internal import CRocksDB

/// The options every store shares, tuned for metadata: many small records, synced batches, little memory. One object
/// for each opener, so that a BE with many data dirs has one block cache.
///
/// `@unchecked Sendable`: set up in `init` and only read afterwards, which RocksDB allows from any thread.
final class RocksDBOptions: @unchecked Sendable {
    let database: OpaquePointer
    let read: OpaquePointer
    let syncedWrite: OpaquePointer
    let unsyncedWrite: OpaquePointer

    /// - Parameters:
    ///   - cacheBytes: block cache of all stores together.
    ///   - memtableBytes: of each store; also what a restart replays at most, twice over.
    init(cacheBytes: Int, memtableBytes: Int, log: RocksDBLog) {
        database = rocksdb_options_create()
        read = rocksdb_readoptions_create()
        syncedWrite = rocksdb_writeoptions_create()
        unsyncedWrite = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(syncedWrite, 1)
        rocksdb_writeoptions_set_sync(unsyncedWrite, 0)

        rocksdb_options_set_create_if_missing(database, 1)
        rocksdb_options_set_paranoid_checks(database, 1)
        setRecovery()
        // Measured with 16 writers on ext4: a sync takes two thirds of the time.
        tabletd_rocksdb_prepare_logs(database)
        setMemory(cacheBytes: cacheBytes, memtableBytes: memtableBytes)
        setBackgroundWork()
        log.install(in: database)
    }

    deinit {
        rocksdb_writeoptions_destroy(unsyncedWrite)
        rocksdb_writeoptions_destroy(syncedWrite)
        rocksdb_readoptions_destroy(read)
        rocksdb_options_destroy(database)
    }

    /// A torn record at the end of the log is what a crash leaves, and `WriteAheadLog` has cut it off, but for a store that is open
    /// for reading; a bad record before the end is acknowledged data that is gone, and opening fails instead of silently
    /// going back in time.
    private func setRecovery() {
        rocksdb_options_set_wal_recovery_mode(database, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
    }

    private func setMemory(cacheBytes: Int, memtableBytes: Int) {
        rocksdb_options_set_write_buffer_size(database, memtableBytes)
        rocksdb_options_set_max_write_buffer_number(database, 2)
        rocksdb_options_set_max_open_files(database, 256)
        rocksdb_options_set_compression(database, Int32(rocksdb_lz4_compression))

        let cache = rocksdb_cache_create_lru(cacheBytes)
        let table = rocksdb_block_based_options_create()
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_block_size(table, Self.blockBytes)
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_options_set_block_based_table_factory(database, table)
        // The factory keeps its own references; the policy belongs to the table options.
        rocksdb_block_based_options_destroy(table)
        rocksdb_cache_destroy(cache)
    }

    /// Four times RocksDB's own: a start walks whole stores, and is a quarter faster so, with a quarter of the index in memory. A
    /// single read takes some microseconds longer.
    private static let blockBytes = 16 << 10

    /// The process' default environment has one flush and one compaction thread for all stores. Compaction gets less of the
    /// processors than what somebody waits for: measured with a backend of a million tablets that starts right after they were
    /// made, it took a quarter of both cores while they were loaded.
    private func setBackgroundWork() {
        let environment = rocksdb_create_default_env()
        rocksdb_env_lower_thread_pool_cpu_priority(environment)
        rocksdb_env_destroy(environment)
        rocksdb_options_set_max_background_jobs(database, 2)
        rocksdb_options_set_max_file_opening_threads(database, 1)
        rocksdb_options_set_skip_stats_update_on_db_open(database, 1)
        rocksdb_options_set_stats_dump_period_sec(database, 0)
        rocksdb_options_set_stats_persist_period_sec(database, 0)
    }
}
