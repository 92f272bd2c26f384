#pragma once
#include <napi.h>

#include <cstddef>
#include <string>

/// What JavaScript hands over, checked before any of it reaches FAISS. Wrong types throw TypeError, wrong values RangeError.
namespace stygig {

/// A view of a Float32Array's numbers, valid while the JavaScript call lasts.
struct Floats {
  const float* data;
  std::size_t length;
};

struct RowRange {
  std::size_t from;
  std::size_t to;
};

/// A Float32Array of whole rows, every value finite.
Floats toRows(const Napi::Value& value, std::size_t dimension, const char* name);

/// A whole number of at least 0, cut to `most`.
std::size_t toCount(const Napi::Value& value, std::size_t most, const char* name);

/// [from, to) within [0, rows); an absent end is the first or the last row.
RowRange toRowRange(const Napi::Value& from, const Napi::Value& to, std::size_t rows);

/// A path that the C library reads as it stands.
std::string toPath(const Napi::Value& value);

}  // namespace stygig
