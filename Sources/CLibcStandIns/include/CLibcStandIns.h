/// Stands in for four functions of the C library in test programs, which no test could otherwise bring into trouble:
/// `getaddrinfo`, whose lookups of some names hang, `clock_gettime`, whose wall clock jumps for one thread, `fdatasync`,
/// which fails for files of one folder, and `sync_file_range`, which is counted there and may fail. Everything else goes to the
/// C library. Linked into tests only.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Hosts that end in ".lost.test" do not resolve.

/// Lookups of hosts that end in ".hangs.test" hang from the first of these calls to the same number of `…let_lookups_go`
/// (for 30 s at most), then fail with EAI_AGAIN.
void stand_in_hang_lookups(void);
void stand_in_let_lookups_go(void);
/// Lookups that hang now.
int stand_in_hanging_lookups(void);

/// Adds seconds to what the calling thread reads of the wall clock.
void stand_in_shift_wall_clock(int64_t seconds);

/// The next `count` syncs, by any thread, of files whose path contains `part` and ends in `end` fail with EIO; 0 ends it. What
/// was written stays where it is, as after a sync that a disk refused.
void stand_in_fail_syncs(const char *part, const char *end, int count);
/// The same with ENOSPC.
void stand_in_fail_syncs_as_full(const char *part, const char *end, int count);
/// Syncs that are still to fail.
int stand_in_failing_syncs(void);

/// From now on, adds up what `sync_file_range` is asked to write of files whose path contains `part`; with an `error` other
/// than 0 it does nothing and fails with that.
void stand_in_watch_write_back(const char *part, int error);
/// Bytes and calls since then.
int64_t stand_in_write_back_bytes(void);
int stand_in_write_back_calls(void);

#ifdef __cplusplus
}
#endif
