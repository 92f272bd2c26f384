#pragma once
#include <cstddef>

namespace stygig {

/// Some queries and some rows that follow one another, each of `dimension` values.
struct Scan {
  const float* queries;
  std::size_t queryCount;
  const float* vectors;
  std::size_t rows;
  std::size_t dimension;
};

/// Inner product of each query with each row, into `values` [queryCount, rows].
/// Every pair goes through the same operations in the same order, so equal ones give equal bits.
void scanRows(const Scan& scan, float* values);

}  // namespace stygig
