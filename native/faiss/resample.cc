#include "resample.h"

#include <algorithm>
#include <cstring>

namespace stygig {

namespace {

constexpr int weightBits = 22;
constexpr std::uint32_t half = 1u << (weightBits - 1);
constexpr std::size_t channels = 3;

// Four sums at a time. They are unsigned, whose overflow is defined; the shift that ends them is signed.
typedef std::uint32_t Quad __attribute__((vector_size(16)));
typedef std::uint8_t Bytes __attribute__((vector_size(16)));
constexpr std::size_t quadsPerStretch = 4;
constexpr std::size_t stretch = sizeof(Bytes);

inline __attribute__((always_inline)) std::uint8_t toByte(std::uint32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(static_cast<std::int32_t>(sum) >> weightBits, 0, 255));
}

/// Four of sixteen bytes as numbers: each goes to the low end of its lane, with zeros after it (little-endian).
template <std::uint8_t first>
inline __attribute__((always_inline)) Quad widen(Bytes bytes) {
  constexpr Bytes places = {first, 16, 16, 16, first + 1, 16, 16, 16, first + 2, 16, 16, 16, first + 3, 16, 16, 16};
  return reinterpret_cast<Quad>(__builtin_shuffle(bytes, Bytes{}, places));
}

/// One row across. `wide` has room for the row's pixels, each of which is widened once and used several times.
inline __attribute__((always_inline)) void mixAcross(
    const std::uint8_t* row, std::size_t width, const AxisWeights& columns, Quad* wide, std::uint8_t* output) {
  for (std::size_t x = 0; x < width; x++, row += channels) wide[x] = Quad{row[0], row[1], row[2], 0};
  for (std::size_t column = 0; column < columns.length; column++) {
    const Quad* from = wide + columns.starts[column];
    const std::int32_t* weights = columns.weights + column * columns.stride;
    const std::int32_t count = columns.counts[column];
    Quad sums = {half, half, half, half};
    for (std::int32_t tap = 0; tap < count; tap++) sums += from[tap] * static_cast<std::uint32_t>(weights[tap]);
    for (std::size_t channel = 0; channel < channels; channel++) *output++ = toByte(sums[channel]);
  }
}

/// One row down: `count` rows from `input` on, `length` bytes each.
inline __attribute__((always_inline)) void mixDown(
    const std::uint8_t* input, std::size_t length, const std::int32_t* weights, std::int32_t count, std::uint8_t* output) {
  std::size_t place = 0;
  for (; place + stretch <= length; place += stretch) {
    Quad sums[quadsPerStretch];
    for (Quad& sum : sums) sum = Quad{half, half, half, half};
    const std::uint8_t* from = input + place;
    for (std::int32_t tap = 0; tap < count; tap++, from += length) {
      Bytes bytes;
      std::memcpy(&bytes, from, sizeof(bytes));
      const std::uint32_t weight = static_cast<std::uint32_t>(weights[tap]);
      sums[0] += widen<0>(bytes) * weight;
      sums[1] += widen<4>(bytes) * weight;
      sums[2] += widen<8>(bytes) * weight;
      sums[3] += widen<12>(bytes) * weight;
    }
    for (std::size_t lane = 0; lane < stretch; lane++) output[place + lane] = toByte(sums[lane / 4][lane % 4]);
  }
  for (; place < length; place++) {
    std::uint32_t sum = half;
    for (std::int32_t tap = 0; tap < count; tap++) {
      sum += input[place + tap * length] * static_cast<std::uint32_t>(weights[tap]);
    }
    output[place] = toByte(sum);
  }
}

}  // namespace

// As in scan.cc: the loader picks the version for the CPU at hand.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("arch=x86-64-v3", "default")))
#endif
void mixPixels(
    const std::uint8_t* pixels,
    std::size_t width,
    const AxisWeights& columns,
    const AxisWeights& rows,
    std::uint8_t* output) {
  const std::size_t firstRow = rows.starts[0];
  const std::size_t lastRow = rows.starts[rows.length - 1] + rows.counts[rows.length - 1];
  const std::size_t length = columns.length * channels;
  std::vector<std::uint8_t> narrow((lastRow - firstRow) * length);
  std::vector<Quad> wide(width);
  for (std::size_t row = firstRow; row < lastRow; row++) {
    mixAcross(pixels + row * width * channels, width, columns, wide.data(), narrow.data() + (row - firstRow) * length);
  }
  for (std::size_t row = 0; row < rows.length; row++) {
    const std::uint8_t* from = narrow.data() + (rows.starts[row] - firstRow) * length;
    mixDown(from, length, rows.weights + row * rows.stride, rows.counts[row], output + row * length);
  }
}

}  // namespace stygig
