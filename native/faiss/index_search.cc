#include "index_search.h"

#include <faiss/impl/IDSelector.h>

#include <algorithm>
#include <vector>

#include "index_kind.h"

namespace stygig {

namespace {

// How many rows beyond the cut the first look takes in; ties longer than this need a second look.
constexpr std::size_t slack = 8;

struct Hit {
  std::int64_t row;
  float value;
};

std::vector<Hit> lookUp(
    const faiss::Index& index, const float* query, std::size_t count, const faiss::SearchParameters* parameters) {
  std::vector<float> values(count);
  std::vector<faiss::Index::idx_t> rows(count);
  index.search(1, query, static_cast<faiss::Index::idx_t>(count), values.data(), rows.data(), parameters);
  std::vector<Hit> hits(count);
  for (std::size_t i = 0; i < count; i++) hits[i] = {rows[i], values[i]};
  return hits;
}

}  // namespace

void searchRows(
    const faiss::Index& index,
    const float* query,
    std::size_t from,
    std::size_t to,
    std::size_t count,
    std::int32_t* rows,
    float* values) {
  if (count == 0) return;
  const std::size_t most = to - from;
  faiss::IDSelectorRange selector(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to));
  faiss::SearchParameters ranged;
  ranged.sel = &selector;
  const bool whole = from == 0 && to == static_cast<std::size_t>(index.ntotal);
  const bool exact = asFlat(index) != nullptr;

  // FAISS puts the higher row first among equals, and which of them it keeps at the cut depends on the order of the
  // rest. So look further until everything equal to the last wanted row is in view, and order it here.
  std::size_t width = exact ? std::min(most, count + slack) : count;
  std::vector<Hit> hits = lookUp(index, query, width, whole ? nullptr : &ranged);
  while (exact && width < most && hits[width - 1].value == hits[count - 1].value) {
    width = std::min(most, width * 4);
    hits = lookUp(index, query, width, whole ? nullptr : &ranged);
  }

  const bool lowerIsBetter = index.metric_type == faiss::METRIC_L2;
  const auto isBefore = [lowerIsBetter](const Hit& left, const Hit& right) {
    if ((left.row < 0) != (right.row < 0)) return right.row < 0;
    if (left.value != right.value) return (left.value < right.value) == lowerIsBetter;
    return left.row < right.row;
  };
  std::sort(hits.begin(), hits.end(), isBefore);
  for (std::size_t i = 0; i < count; i++) {
    rows[i] = static_cast<std::int32_t>(hits[i].row);
    values[i] = hits[i].value;
  }
}

}  // namespace stygig
