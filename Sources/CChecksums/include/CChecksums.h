#ifndef CCHECKSUMS_H
#define CCHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC-32C with the processor's own instruction, for machines that have it. Registers are inverted values, as everywhere
   in Checksums. */

/* True where the functions below may be called (x86-64 with SSE4.2). */
bool cchecksums_has_crc32c(void);

/* Bytes that one lane of `cchecksums_crc32c` takes a turn. */
enum { CCHECKSUMS_LANE_BYTES = 4096 };

/* What CCHECKSUMS_LANE_BYTES zero bytes make of a register, by its four bytes: entry 256 * k + b is the
   effect of byte b at place k. 1024 entries. */
void cchecksums_make_lane_shift(uint32_t *table);

/* The register after the bytes. `shift` is the table made above. */
uint32_t cchecksums_crc32c(uint32_t state, const void *bytes, size_t count, const uint32_t *shift);

/* MD5 of whole blocks of 64 bytes: the registers A, B, C, D before become those after. Bytes need no alignment. */
void cchecksums_md5(uint32_t state[4], const void *bytes, size_t blocks);

/* The same for two streams at once, which do not overlap in state. */
void cchecksums_md5_pair(
    uint32_t state[4], const void *bytes, uint32_t other_state[4], const void *other_bytes, size_t blocks);

/* True where the function below may be called (x86-64 with AVX-512VL). */
bool cchecksums_has_md5_lanes(void);

/* Streams that `cchecksums_md5_lanes` takes at once. */
enum { CCHECKSUMS_MD5_LANES = 4 };

/* The same for four streams at once, whose registers follow each other in `states`, with vector instructions. A lane that is
   not needed may be given the bytes of another. */
void cchecksums_md5_lanes(
    uint32_t states[4 * CCHECKSUMS_MD5_LANES], const void *const bytes[CCHECKSUMS_MD5_LANES], size_t blocks);

#endif
