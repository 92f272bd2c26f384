#pragma once
#include <cstddef>

namespace stygig {

/// Inner product of `query` [dimension] with each of `rows` consecutive rows [rows * dimension], into `values` [rows].
/// Every row goes through the same operations in the same order, so equal rows give equal bits.
void scanRows(const float* query, const float* vectors, std::size_t rows, std::size_t dimension, float* values);

}  // namespace stygig
