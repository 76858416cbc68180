#include "CByteScan.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bit n: byte n of 64 is the wanted one.
static inline uint64_t hits(const uint8_t *bytes, uint8_t wanted) {
    uint64_t found = 0;
#if defined(__SSE2__)
    const __m128i pattern = _mm_set1_epi8((char)wanted);
    for (int part = 0; part < 4; part++) {
        const __m128i piece = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        found |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(piece, pattern)) << (16 * part);
    }
#else
    const uint64_t ones = 0x0101010101010101, low = 0x7F7F7F7F7F7F7F7F;
    for (int part = 0; part < 8; part++) {
        uint64_t word = 0;
        for (int place = 0; place < 8; place++) word |= (uint64_t)bytes[8 * part + place] << (8 * place);
        word ^= ones * wanted;
        // The lowest bit of each byte that is the wanted one, then those eight bits side by side.
        const uint64_t equal = (~(((word & low) + low) | word | low)) >> 7;
        found |= ((equal * 0x0102040810204080) >> 56) << (8 * part);
    }
#endif
    return found;
}

/// Writes where the lowest eight bits are, and for those that are not there something that the next call writes over: that
/// costs less than guessing wrongly how many there are. Returns the other bits.
static inline uint64_t write_eight(uint64_t hits, uint32_t base, uint32_t *places) {
    for (int index = 0; index < 8; index++) {
        places[index] = base + (uint32_t)__builtin_ctzll(hits | (UINT64_C(1) << 63));
        hits &= hits - 1;
    }
    return hits;
}

static inline size_t write_places(uint64_t hits, uint32_t base, uint32_t *places) {
    const size_t count = (size_t)__builtin_popcountll(hits);
    for (size_t done = 0; done < count; done += 8) hits = write_eight(hits, base, places + done);
    return count;
}

size_t byte_scan_places(const uint8_t *bytes, size_t count, uint8_t wanted, uint32_t *places) {
    size_t found = 0, offset = 0;
    for (; offset + 64 <= count; offset += 64) {
        found += write_places(hits(bytes + offset, wanted), (uint32_t)offset, places + found);
    }
    if (offset < count) {
        uint8_t last[64] = {0};
        memcpy(last, bytes + offset, count - offset);
        const uint64_t real = (UINT64_C(1) << (count - offset)) - 1;
        found += write_places(hits(last, wanted) & real, (uint32_t)offset, places + found);
    }
    return found;
}
