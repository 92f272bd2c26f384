#include "codes.h"

#include <algorithm>
#include <numeric>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define STYGIG_AVX2 1
#endif

namespace stygig {

namespace {

std::int32_t sumPlainly(const std::int8_t* query, const std::uint8_t* codes, std::size_t from, std::size_t half) {
  std::int32_t sum = 0;
  for (std::size_t i = from; i < half; i++) {
    sum += (codes[i] & 15) * query[i] + (codes[i] >> 4) * query[half + i];
  }
  return sum;
}

float toSimilarity(std::int32_t sum, double step, float factor) { return static_cast<float>(sum * step * factor); }

#ifdef STYGIG_AVX2

constexpr std::size_t width = 32;
// Two products of at most 15 * 128 go into 16 bits; eight such pairs still fit.
constexpr std::size_t loadsPerStretch = 8;

__attribute__((target("avx2"))) std::int32_t sumLanes(__m256i lanes) {
  __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4e));
  sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0xb1));
  return _mm_cvtsi128_si32(sums);
}

__attribute__((target("avx2"), always_inline)) inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// Written out, because the compiler's own version widens every code first and takes three times as long.
__attribute__((target("avx2"))) void scanCoarseAvx2(
    const std::int8_t* query,
    const std::uint8_t* coarse,
    const float* factors,
    double step,
    std::int32_t offset,
    std::size_t rows,
    std::size_t half,
    float* similarities) {
  const __m256i mask = _mm256_set1_epi8(15);
  const __m256i ones = _mm256_set1_epi16(1);
  const std::size_t whole = half - half % width;
  for (std::size_t row = 0; row < rows; row++) {
    const std::uint8_t* codes = coarse + row * half;
    __m256i total = _mm256_setzero_si256();
    for (std::size_t i = 0; i < whole;) {
      __m256i first = _mm256_setzero_si256();
      __m256i second = _mm256_setzero_si256();
      const std::size_t end = std::min(whole, i + width * loadsPerStretch);
      for (; i < end; i += width) {
        const __m256i both = load(codes + i);
        const __m256i lows = _mm256_and_si256(both, mask);
        const __m256i highs = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
        first = _mm256_add_epi16(first, _mm256_maddubs_epi16(lows, load(query + i)));
        second = _mm256_add_epi16(second, _mm256_maddubs_epi16(highs, load(query + half + i)));
      }
      total = _mm256_add_epi32(total, _mm256_madd_epi16(first, ones));
      total = _mm256_add_epi32(total, _mm256_madd_epi16(second, ones));
    }
    const std::int32_t sum = sumLanes(total) + sumPlainly(query, codes, whole, half);
    similarities[row] = toSimilarity(sum - offset, step, factors[row]);
  }
}

#endif

}  // namespace

void scanCoarse(
    const std::int8_t* query,
    const std::uint8_t* coarse,
    const float* factors,
    double step,
    std::size_t rows,
    std::size_t half,
    float* similarities) {
  const std::int32_t offset = 8 * std::accumulate(query, query + 2 * half, 0);
#ifdef STYGIG_AVX2
  if (__builtin_cpu_supports("avx2")) {
    return scanCoarseAvx2(query, coarse, factors, step, offset, rows, half, similarities);
  }
#endif
  for (std::size_t row = 0; row < rows; row++) {
    const std::int32_t sum = sumPlainly(query, coarse + row * half, 0, half);
    similarities[row] = toSimilarity(sum - offset, step, factors[row]);
  }
}

// As in scan.cc: the loader picks the version for the CPU at hand.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("arch=x86-64-v3", "default")))
#endif
double sumFine(
    const float* query,
    const std::uint8_t* coarse,
    const std::uint8_t* middle,
    const std::uint8_t* low,
    const std::uint8_t* lowest,
    std::size_t half) {
  // Independent sums, because one alone waits for each addition to end, and cannot be computed in lanes.
  constexpr std::size_t lanes = 16;
  constexpr int zero = 139264;
  float sums[lanes] = {};
  const auto add = [&](std::size_t i, std::size_t lane) __attribute__((always_inline)) {
    const int last = lowest[i / 2] >> (i % 2 * 4);
    const int left = ((coarse[i] & 15) << 14 | middle[i] << 6 | (low[i] & 15) << 2 | (last & 3)) - zero;
    const int right = ((coarse[i] >> 4) << 14 | middle[half + i] << 6 | (low[i] >> 4) << 2 | (last >> 2 & 3)) - zero;
    sums[lane] += query[i] * static_cast<float>(left) + query[half + i] * static_cast<float>(right);
  };
  std::size_t i = 0;
  for (; i + lanes <= half; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; lane++) add(i + lane, lane);
  }
  for (; i < half; i++) add(i, 0);
  return std::accumulate(sums, sums + lanes, 0.0);
}

}  // namespace stygig
