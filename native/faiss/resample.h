#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stygig {

/// For each output position along one axis: `counts` input positions from `starts` on, and their weights,
/// `stride` places apart, in fixed point with 22 fraction bits.
struct AxisWeights {
  const std::int32_t* starts;
  const std::int32_t* counts;
  const std::int32_t* weights;
  std::size_t length;
  std::size_t stride;
};

/// Across by `columns`, then down by `rows`, each pass rounded to 8 bits: the arithmetic of src/domain/resample.ts, to
/// the bit. `pixels` is [any, width, 3]; the result, [rows, columns, 3], goes to `output`.
void mixPixels(
    const std::uint8_t* pixels,
    std::size_t width,
    const AxisWeights& columns,
    const AxisWeights& rows,
    std::uint8_t* output);

}  // namespace stygig
