#include "CChecksums.h"

#if defined(__x86_64__)

#include <nmmintrin.h>
#include <string.h>

#define SSE42 __attribute__((target("sse4.2")))

bool cchecksums_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

static inline uint64_t load(const uint8_t *from) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

SSE42 void cchecksums_make_lane_shift(uint32_t *table) {
    uint32_t of_bit[32];
    for (int bit = 0; bit < 32; bit++) {
        uint64_t crc = UINT32_C(1) << bit;
        for (int word = 0; word < CCHECKSUMS_LANE_BYTES / 8; word++) crc = _mm_crc32_u64(crc, 0);
        of_bit[bit] = (uint32_t)crc;
    }
    for (int place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t effect = 0;
            for (int bit = 0; bit < 8; bit++) {
                if (byte >> bit & 1) effect ^= of_bit[place * 8 + bit];
            }
            table[place * 256 + byte] = effect;
        }
    }
}

static inline uint32_t over_lane(uint32_t crc, const uint32_t *shift) {
    return shift[crc & 0xFF] ^ shift[256 + (crc >> 8 & 0xFF)] ^ shift[512 + (crc >> 16 & 0xFF)]
        ^ shift[768 + (crc >> 24)];
}

/* The instruction takes three cycles and a new one can start each cycle: three neighbouring lanes keep it busy. The
   register is linear, so the lanes are summed once the first two are moved over the bytes that follow them. */
SSE42 uint32_t cchecksums_crc32c(uint32_t state, const void *bytes, size_t count, const uint32_t *shift) {
    const uint8_t *next = bytes;
    const size_t lane = CCHECKSUMS_LANE_BYTES;
    uint64_t crc = state;
    while (count >= 3 * lane) {
        uint64_t second = 0, third = 0;
        for (const uint8_t *end = next + lane; next < end; next += 8) {
            crc = _mm_crc32_u64(crc, load(next));
            second = _mm_crc32_u64(second, load(next + lane));
            third = _mm_crc32_u64(third, load(next + 2 * lane));
        }
        crc = over_lane((uint32_t)crc, shift) ^ (uint32_t)second;
        crc = over_lane((uint32_t)crc, shift) ^ (uint32_t)third;
        next += 2 * lane;
        count -= 3 * lane;
    }
    for (; count >= 8; next += 8, count -= 8) crc = _mm_crc32_u64(crc, load(next));
    for (; count > 0; next++, count--) crc = _mm_crc32_u8((uint32_t)crc, *next);
    return (uint32_t)crc;
}

#else

bool cchecksums_has_crc32c(void) { return false; }

void cchecksums_make_lane_shift(uint32_t *table) { (void)table; }

uint32_t cchecksums_crc32c(uint32_t state, const void *bytes, size_t count, const uint32_t *shift) {
    (void)bytes, (void)count, (void)shift;
    return state;
}

#endif
