#pragma once
#include <faiss/Index.h>

#include <cstddef>
#include <cstdint>

namespace stygig {

/// The `count` best rows of [from, to) for one query, best first, equal values by lower row, into `rows` and `values`
/// [count]. `count` is at most `to - from`. Exact for a flat index, at the cut too. An IVF index takes no range; where it
/// finds fewer, the rest is row -1.
void searchRows(
    const faiss::Index& index,
    const float* query,
    std::size_t from,
    std::size_t to,
    std::size_t count,
    std::int32_t* rows,
    float* values);

}  // namespace stygig
