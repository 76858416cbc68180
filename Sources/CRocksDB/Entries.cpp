#include "CRocksDB.h"

#include <cstdint>
#include <cstring>
#include <rocksdb/iterator.h>

/// As RocksDB's `db/c.cc` has it.
struct rocksdb_iterator_t {
    rocksdb::Iterator *rep;
};

extern "C" size_t tabletd_rocksdb_copy_entries(
    rocksdb_iterator_t *iterator, const char *prefix, size_t prefix_count, char *buffer, size_t capacity,
    size_t *needed) {
    rocksdb::Iterator *const entries = iterator->rep;
    const rocksdb::Slice wanted(prefix, prefix_count);
    size_t used = 0;
    *needed = 0;
    for (; entries->Valid(); entries->Next()) {
        const rocksdb::Slice key = entries->key();
        if (!key.starts_with(wanted)) break;
        const rocksdb::Slice value = entries->value();
        const size_t size = 2 * sizeof(uint32_t) + key.size() + value.size();
        if (size > capacity - used) {
            if (used == 0) *needed = size;
            break;
        }
        const uint32_t counts[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
        std::memcpy(buffer + used, counts, sizeof counts);
        std::memcpy(buffer + used + sizeof counts, key.data(), key.size());
        std::memcpy(buffer + used + sizeof counts + key.size(), value.data(), value.size());
        used += size;
    }
    return used;
}
