#pragma once
#include <faiss/Index.h>
#include <faiss/IndexFlat.h>

#include <cstdint>
#include <memory>
#include <string>

/// The kinds of FAISS index that this addon makes: `Flat` (exact) and `IVF<lists>,Flat` (approximate). FAISS knows many
/// more, but some of their descriptions end the process instead of failing.
namespace stygig {

constexpr std::int64_t mostDimensions = 1 << 16;
// Row numbers leave as int32.
constexpr std::int64_t mostRows = (std::int64_t{1} << 31) - 1;

/// An empty index. @throws std::invalid_argument for a description, dimension or metric it does not make.
std::unique_ptr<faiss::Index> makeIndex(std::int64_t dimension, const std::string& description, const std::string& metric);

/// The index as a flat one, or null when it is of another kind.
const faiss::IndexFlat* asFlat(const faiss::Index& index);

/// "Flat" or "IVF<lists>,Flat".
std::string descriptionOf(const faiss::Index& index);

/// "inner_product" or "l2".
const char* metricOf(const faiss::Index& index);

}  // namespace stygig
