#ifndef TABLETD_CROCKSDB_H
#define TABLETD_CROCKSDB_H

#include <rocksdb/c.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sends what RocksDB has to say, at level `least` (2 = warning) and above, to a function instead of to a file `LOG` in the
/// store's folder. RocksDB (7.8, a build with assertions) aborts the process when it writes on to such a file after the disk
/// was full once.
///
/// `log` is called on any thread, now and then under RocksDB's own locks: it must be quick, must not call RocksDB and must
/// not throw. `release` is called once, when no store logs any more; after a return of false at once, and nothing has changed.
bool tabletd_rocksdb_set_logger(
    rocksdb_options_t *options, int least, void *context, void (*log)(void *context, int level, const char *text),
    void (*release)(void *context));

/// Calls `body` with each entry from where the iterator stands on, until it returns false or there is none left: a call for an entry
/// where the C API takes four. The bytes are RocksDB's, and stay valid until `body` returns. `body` must not move this iterator and
/// must not throw; it may call RocksDB otherwise. When the iterator is not valid afterwards, an error may have ended the iteration
/// (`rocksdb_iter_get_error`).
void tabletd_rocksdb_each_entry(
    rocksdb_iterator_t *iterator, void *context,
    bool (*body)(void *context, const char *key, size_t key_count, const char *value, size_t value_count));

/// Logs of stores that are opened with these options are prepared: zeros are written ahead of what is appended, 256 KiB at a time, so
/// that a sync has to write neither the file's size nor its extents. A log that a crash leaves may end in zeros, which is a
/// record's place where none was written.
void tabletd_rocksdb_prepare_logs(rocksdb_options_t *options);

/// Takes the lock that a store takes which is open for writing; `file` is the file `LOCK` of its folder, and is made.
/// Returns NULL when somebody has it, in this process or another, or it can't be had; else what `tabletd_rocksdb_unlock` needs.
void *tabletd_rocksdb_lock(const char *file);

/// Gives the lock back, once.
void tabletd_rocksdb_unlock(void *lock);

#ifdef __cplusplus
}
#endif

#endif
