#pragma once
#include <cstddef>
#include <cstdint>

/// Rows as whole numbers of 18 bits, a factor each, kept as four planes (src/domain/row-codes.ts says how).
namespace stygig {

/// For each of `rows` rows of `half` bytes: the sum of both codes of each byte, 8 less than they are and so in [-8, 7], times
/// their query values, times the row's factor and `step`. The low codes belong to the first `half` values of `query`, the
/// high ones to the second.
void scanCoarse(
    const std::int8_t* query,
    const std::uint8_t* coarse,
    const float* factors,
    double step,
    std::size_t rows,
    std::size_t half,
    float* similarities);

/// One row's inner product with `query` [2 * half], from all of its bits.
double sumFine(
    const float* query,
    const std::uint8_t* coarse,
    const std::uint8_t* middle,
    const std::uint8_t* low,
    const std::uint8_t* lowest,
    std::size_t half);

}  // namespace stygig
