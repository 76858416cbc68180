#include "CChecksums.h"

#include <string.h>

/* RFC 1321. */

typedef struct {
    uint32_t a, b, c, d;
} registers;

static inline uint32_t load(const uint8_t *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static inline registers loaded(const uint32_t state[4]) {
    return (registers){state[0], state[1], state[2], state[3]};
}

static inline void add(uint32_t state[4], registers sum) {
    state[0] += sum.a;
    state[1] += sum.b;
    state[2] += sum.c;
    state[3] += sum.d;
}

/* A step can't begin before the one before it has made `b`; the shorter the way from `b` to the result, the faster.
   LATER keeps the compiler from adding in another order, with `b`'s part first: that costs a third of the speed. */
#define LATER(sum) __asm__("" : "+r"(sum))

#define STEP(early, late, a, b, shift) do { \
        uint32_t sum = (a) + (early); \
        LATER(sum); \
        sum += (late); \
        (a) = (sum << (shift) | sum >> (32 - (shift))) + (b); \
    } while (0)

#define F(a, b, c, d, word, shift, sine) STEP((word) + (sine), (d) ^ ((b) & ((c) ^ (d))), a, b, shift)
/* The two halves have no bit in common: their sum is their union, and one of them does not wait for `b`. */
#define G(a, b, c, d, word, shift, sine) STEP((word) + (sine) + (~(d) & (c)), (d) & (b), a, b, shift)
#define H(a, b, c, d, word, shift, sine) STEP((word) + (sine), (c) ^ (d) ^ (b), a, b, shift)
#define I(a, b, c, d, word, shift, sine) STEP((word) + (sine), (c) ^ (~(d) | (b)), a, b, shift)

/* Four steps give each register its turn; words are taken `by` apart. */
#define FOUR(DO, R, word, by, s1, s2, s3, s4, k1, k2, k3, k4) \
    DO(R, a, b, c, d, (word) & 15, s1, k1) \
    DO(R, d, a, b, c, ((word) + (by)) & 15, s2, k2) \
    DO(R, c, d, a, b, ((word) + 2 * (by)) & 15, s3, k3) \
    DO(R, b, c, d, a, ((word) + 3 * (by)) & 15, s4, k4)

/* The 64 steps of a block. */
#define BLOCK(DO) \
    FOUR(DO, F, 0, 1, 7, 12, 17, 22, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee) \
    FOUR(DO, F, 4, 1, 7, 12, 17, 22, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501) \
    FOUR(DO, F, 8, 1, 7, 12, 17, 22, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be) \
    FOUR(DO, F, 12, 1, 7, 12, 17, 22, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821) \
    FOUR(DO, G, 1, 5, 5, 9, 14, 20, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa) \
    FOUR(DO, G, 5, 5, 5, 9, 14, 20, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8) \
    FOUR(DO, G, 9, 5, 5, 9, 14, 20, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed) \
    FOUR(DO, G, 13, 5, 5, 9, 14, 20, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a) \
    FOUR(DO, H, 5, 3, 4, 11, 16, 23, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c) \
    FOUR(DO, H, 1, 3, 4, 11, 16, 23, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70) \
    FOUR(DO, H, 13, 3, 4, 11, 16, 23, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05) \
    FOUR(DO, H, 9, 3, 4, 11, 16, 23, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665) \
    FOUR(DO, I, 0, 7, 6, 10, 15, 21, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039) \
    FOUR(DO, I, 12, 7, 6, 10, 15, 21, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1) \
    FOUR(DO, I, 8, 7, 6, 10, 15, 21, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1) \
    FOUR(DO, I, 4, 7, 6, 10, 15, 21, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391)

#define ALONE(R, a, b, c, d, word, shift, sine) R(x.a, x.b, x.c, x.d, load(next + 4 * (word)), shift, sine##u);

void cchecksums_md5(uint32_t state[4], const void *bytes, size_t blocks) {
    for (const uint8_t *next = bytes; blocks > 0; blocks--, next += 64) {
        registers x = loaded(state);
        BLOCK(ALONE)
        add(state, x);
    }
}

#define BOTH(R, a, b, c, d, word, shift, sine) \
    R(x.a, x.b, x.c, x.d, load(next + 4 * (word)), shift, sine##u); \
    R(y.a, y.b, y.c, y.d, load(other_next + 4 * (word)), shift, sine##u);

void cchecksums_md5_pair(
    uint32_t state[4], const void *bytes, uint32_t other_state[4], const void *other_bytes, size_t blocks) {
    const uint8_t *next = bytes, *other_next = other_bytes;
    for (; blocks > 0; blocks--, next += 64, other_next += 64) {
        registers x = loaded(state), y = loaded(other_state);
        BLOCK(BOTH)
        add(state, x);
        add(other_state, y);
    }
}

#if defined(__x86_64__)

#include <immintrin.h>

#define LANES __attribute__((target("avx512f,avx512vl")))

bool cchecksums_has_md5_lanes(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}

/* Lane k of word i is word k of lane i. */
static inline LANES void transpose(__m128i words[4]) {
    __m128i a = _mm_unpacklo_epi32(words[0], words[1]), b = _mm_unpackhi_epi32(words[0], words[1]);
    __m128i c = _mm_unpacklo_epi32(words[2], words[3]), d = _mm_unpackhi_epi32(words[2], words[3]);
    words[0] = _mm_unpacklo_epi64(a, c);
    words[1] = _mm_unpackhi_epi64(a, c);
    words[2] = _mm_unpacklo_epi64(b, d);
    words[3] = _mm_unpackhi_epi64(b, d);
}

/* The functions of three words as the instruction takes them: bit 4b + 2c + d is what they make of the bits b, c and d. */
#define TRUTH_F 0xCA
#define TRUTH_G 0xE4
#define TRUTH_H 0x96
#define TRUTH_I 0x39

#define EACH(R, a, b, c, d, word, shift, sine) do { \
        __m128i sum = _mm_add_epi32(a, _mm_add_epi32(words[word], _mm_set1_epi32((int)sine##u))); \
        sum = _mm_add_epi32(sum, _mm_ternarylogic_epi32(b, c, d, TRUTH_##R)); \
        (a) = _mm_add_epi32(_mm_rol_epi32(sum, shift), b); \
    } while (0);

LANES void cchecksums_md5_lanes(
    uint32_t states[4 * CCHECKSUMS_MD5_LANES], const void *const bytes[CCHECKSUMS_MD5_LANES], size_t blocks) {
    __m128i registers[4];
    for (int lane = 0; lane < 4; lane++) registers[lane] = _mm_loadu_si128((const __m128i *)(states + 4 * lane));
    transpose(registers);
    const uint8_t *next[4] = {bytes[0], bytes[1], bytes[2], bytes[3]};
    for (; blocks > 0; blocks--) {
        __m128i words[16];
        for (int first = 0; first < 16; first += 4) {
            for (int lane = 0; lane < 4; lane++) {
                words[first + lane] = _mm_loadu_si128((const __m128i *)(next[lane] + 4 * first));
            }
            transpose(words + first);
        }
        __m128i a = registers[0], b = registers[1], c = registers[2], d = registers[3];
        BLOCK(EACH)
        registers[0] = _mm_add_epi32(registers[0], a);
        registers[1] = _mm_add_epi32(registers[1], b);
        registers[2] = _mm_add_epi32(registers[2], c);
        registers[3] = _mm_add_epi32(registers[3], d);
        for (int lane = 0; lane < 4; lane++) next[lane] += 64;
    }
    transpose(registers);
    for (int lane = 0; lane < 4; lane++) _mm_storeu_si128((__m128i *)(states + 4 * lane), registers[lane]);
}

#else

bool cchecksums_has_md5_lanes(void) { return false; }

void cchecksums_md5_lanes(
    uint32_t states[4 * CCHECKSUMS_MD5_LANES], const void *const bytes[CCHECKSUMS_MD5_LANES], size_t blocks) {
    (void)states, (void)bytes, (void)blocks;
}

#endif
