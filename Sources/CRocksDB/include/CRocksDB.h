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

/// Copies entries into `buffer`, from where the iterator stands on, as long as they fit and their keys begin with the prefix, and
/// moves the iterator behind them: a call for some hundred entries instead of four for each. Each entry is the sizes of key and
/// value, 32 bits each in the machine's order, then both. (RocksDB holds no value of 4 GiB.)
///
/// Returns the bytes that were written. With 0 there is no such entry left, or an error ended the iteration
/// (`rocksdb_iter_get_error`), or the next entry alone does not fit: then `needed` has its size.
size_t tabletd_rocksdb_copy_entries(
    rocksdb_iterator_t *iterator, const char *prefix, size_t prefix_count, char *buffer, size_t capacity, size_t *needed);

#ifdef __cplusplus
}
#endif

#endif
