#include <omp.h>

#include <shared_mutex>
#include <vector>

#include "arguments.h"
#include "index_kind.h"
#include "index_object.h"
#include "index_search.h"
#include "scan.h"
#include "task.h"

namespace stygig {

namespace {

// A result larger than this is a mistake, and V8 ends the process when it cannot allocate one.
constexpr std::size_t mostResults = std::size_t{1} << 28;

void requireSize(Napi::Env env, std::size_t first, std::size_t second) {
  if (second != 0 && first > mostResults / second) throw Napi::RangeError::New(env, "the result would be too large");
}

}  // namespace

Napi::Value IndexObject::search(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const faiss::Index& index = requireOpen(env);
  const auto dimension = static_cast<std::size_t>(index.d);
  const auto total = static_cast<std::size_t>(index.ntotal);
  const Floats floats = toRows(info[0], dimension, "queries");
  const std::size_t queries = floats.length / dimension;
  const RowRange range = toRowRange(info[2], info[3], total);
  const std::size_t count = toCount(info[1], range.to - range.from, "count");
  if (asFlat(index) == nullptr && range.to - range.from < total) {
    throw Napi::RangeError::New(env, "only a Flat index is searched by range");
  }
  requireSize(env, queries, count);

  // Written by the task in place; nobody in JavaScript can see or move the memory before the promise resolves.
  Napi::Int32Array rows = Napi::Int32Array::New(env, queries * count);
  Napi::Float32Array values = Napi::Float32Array::New(env, queries * count);
  Napi::Object result = Napi::Object::New(env);
  result.Set("count", static_cast<double>(count));
  result.Set("rows", rows);
  result.Set("values", values);

  const auto held = shared;
  const std::vector<float> copy(floats.data, floats.data + floats.length);
  std::int32_t* rowsTarget = rows.Data();
  float* valuesTarget = values.Data();
  return runOffThread(env, "search", result, [=] {
    // Requests are what runs in parallel here; a team of threads for each would only fight over the cores.
    omp_set_num_threads(1);
    const std::shared_lock<std::shared_mutex> lock(held->mutex);
    // One query at a time: a block of twenty goes through BLAS, where equal rows may differ in the last bit.
    for (std::size_t query = 0; query < queries; query++) {
      const std::size_t at = query * count;
      searchRows(*held->index, copy.data() + query * dimension, range.from, range.to, count, rowsTarget + at,
                 valuesTarget + at);
    }
  });
}

Napi::Value IndexObject::similarities(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const faiss::Index& index = requireOpen(env);
  if (asFlat(index) == nullptr || index.metric_type != faiss::METRIC_INNER_PRODUCT) {
    throw Napi::RangeError::New(env, "similarities come from a Flat index with inner_product");
  }
  const auto dimension = static_cast<std::size_t>(index.d);
  const Floats floats = toRows(info[0], dimension, "queries");
  const std::size_t queries = floats.length / dimension;
  const RowRange range = toRowRange(info[1], info[2], static_cast<std::size_t>(index.ntotal));
  const std::size_t rows = range.to - range.from;
  requireSize(env, queries, rows);

  Napi::Float32Array values = Napi::Float32Array::New(env, queries * rows);
  const auto held = shared;
  const std::vector<float> copy(floats.data, floats.data + floats.length);
  float* target = values.Data();
  return runOffThread(env, "similarities", values, [=] {
    const std::shared_lock<std::shared_mutex> lock(held->mutex);
    const float* first = asFlat(*held->index)->get_xb() + range.from * dimension;
    scanRows({copy.data(), queries, first, rows, dimension}, target);
  });
}

Napi::Value IndexObject::vectors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const faiss::Index& index = requireOpen(env);
  const auto dimension = static_cast<std::size_t>(index.d);
  const RowRange range = toRowRange(info[0], info[1], static_cast<std::size_t>(index.ntotal));
  const std::size_t count = range.to - range.from;
  requireSize(env, count, dimension);

  Napi::Float32Array values = Napi::Float32Array::New(env, count * dimension);
  const auto held = shared;
  float* target = values.Data();
  return runOffThread(env, "vectors", values, [=] {
    const std::shared_lock<std::shared_mutex> lock(held->mutex);
    if (count == 0) return;
    held->index->reconstruct_n(static_cast<std::int64_t>(range.from), static_cast<std::int64_t>(count), target);
  });
}

}  // namespace stygig
