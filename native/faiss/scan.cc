#include "scan.h"

#include <algorithm>

namespace stygig {

namespace {

// One AVX register; older CPUs use two. Sixteen lanes (AVX-512) were no faster: memory is the limit.
constexpr std::size_t laneCount = 8;
// Eight independent sums hide the latency of the multiply-add.
constexpr std::size_t sumCount = 8;
constexpr std::size_t blockSize = laneCount * sumCount;
// A row that has come from memory is compared with so many queries while it is in the nearest cache, beside them:
// sixteen kilobytes of usual ones.
constexpr std::size_t queriesAtOnce = 8;
// Rows start wherever dimension * 4 bytes puts them, so loads must not assume alignment.
typedef float Lanes __attribute__((vector_size(laneCount * sizeof(float)), aligned(4), may_alias));

}  // namespace

// The loader picks the version for the CPU at hand. Debian's FAISS is compiled for the oldest amd64,
// which is why this loop is several times faster than its flat search (test/bench/search.ts).
// x86-64-v3 is asked of the CPU's features; "arch=haswell" would be asked of its name, and no AMD has that one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("arch=x86-64-v3", "default")))
#endif
void scanRows(const Scan& scan, float* values) {
  const std::size_t dimension = scan.dimension;
  for (std::size_t first = 0; first < scan.queryCount; first += queriesAtOnce) {
    const std::size_t last = std::min(scan.queryCount, first + queriesAtOnce);
    for (std::size_t row = 0; row < scan.rows; row++) {
      const float* vector = scan.vectors + row * dimension;
      for (std::size_t asked = first; asked < last; asked++) {
        const float* query = scan.queries + asked * dimension;
        Lanes sums[sumCount] = {};
        std::size_t i = 0;
        for (; i + blockSize <= dimension; i += blockSize) {
          const Lanes* left = reinterpret_cast<const Lanes*>(query + i);
          const Lanes* right = reinterpret_cast<const Lanes*>(vector + i);
#pragma GCC unroll 8
          for (std::size_t part = 0; part < sumCount; part++) sums[part] += left[part] * right[part];
        }
#pragma GCC unroll 8
        for (std::size_t part = 1; part < sumCount; part++) sums[0] += sums[part];
        float sum = 0;
        for (std::size_t lane = 0; lane < laneCount; lane++) sum += sums[0][lane];
        for (; i < dimension; i++) sum += query[i] * vector[i];
        values[asked * scan.rows + row] = sum;
      }
    }
  }
}

}  // namespace stygig
