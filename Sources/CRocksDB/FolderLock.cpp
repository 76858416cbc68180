#include "CRocksDB.h"

#include <rocksdb/env.h>

extern "C" void *tabletd_rocksdb_lock(const char *file) {
    rocksdb::FileLock *lock = nullptr;
    return rocksdb::Env::Default()->LockFile(file, &lock).ok() ? lock : nullptr;
}

extern "C" void tabletd_rocksdb_unlock(void *lock) {
    rocksdb::Env::Default()->UnlockFile(static_cast<rocksdb::FileLock *>(lock));
}
