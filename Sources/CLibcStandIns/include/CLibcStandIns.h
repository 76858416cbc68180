/// Stands in for two functions of the C library in test programs, which no test could otherwise bring into trouble:
/// `getaddrinfo`, whose lookups of some names hang, and `clock_gettime`, whose wall clock jumps for one thread. Everything
/// else goes to the C library. Linked into tests only.
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

#ifdef __cplusplus
}
#endif
