#include "CRocksDB.h"

#include <rocksdb/iterator.h>
#include <rocksdb/perf_level.h>

/// As RocksDB's `db/c.cc` has it.
struct rocksdb_iterator_t {
    rocksdb::Iterator *rep;
};

extern "C" void tabletd_rocksdb_each_entry(
    rocksdb_iterator_t *iterator, void *context,
    bool (*body)(void *context, const char *key, size_t key_count, const char *value, size_t value_count)) {
    // Nobody asks for what RocksDB counts for each thread, and finding those counters is a tenth of an iteration.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    rocksdb::Iterator *const entries = iterator->rep;
    for (; entries->Valid(); entries->Next()) {
        const rocksdb::Slice key = entries->key();
        const rocksdb::Slice value = entries->value();
        if (!body(context, key.data(), key.size(), value.data(), value.size())) return;
    }
}
