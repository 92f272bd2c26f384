#include "parts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "arguments.h"
#include "codes.h"
#include "task.h"

namespace stygig {

namespace {

Napi::TypedArray toTyped(const Napi::Value& value, napi_typedarray_type type, const char* name, const char* typeName) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    throw Napi::TypeError::New(value.Env(), std::string(name) + " is " + typeName);
  }
  return value.As<Napi::TypedArray>();
}

Napi::Uint8Array toPlane(const Napi::Value& value, std::size_t length, const char* name) {
  const Napi::Uint8Array plane = toTyped(value, napi_uint8_array, name, "a Uint8Array").As<Napi::Uint8Array>();
  if (plane.ElementLength() != length) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " has " + std::to_string(length) + " bytes");
  }
  return plane;
}

Napi::Float32Array toFloats(const Napi::Value& value, std::size_t length, const char* name) {
  const auto floats = toTyped(value, napi_float32_array, name, "a Float32Array").As<Napi::Float32Array>();
  if (floats.ElementLength() != length) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " has " + std::to_string(length) + " values");
  }
  return floats;
}

/// The bytes of a row in `coarse`.
std::size_t toHalf(Napi::Env env, std::size_t values, const Napi::Uint8Array& coarse) {
  const std::size_t half = values / 2;
  // Sums of more would not fit in 32 bits.
  constexpr std::size_t mostValues = std::size_t{1} << 16;
  if (half == 0 || values != 2 * half || values > mostValues || coarse.ElementLength() % half != 0) {
    throw Napi::RangeError::New(env, "coarse holds rows of half as many bytes as query has values");
  }
  return half;
}

// Of so many rows one peak is kept: a search that knows it need not look at the rows.
constexpr std::size_t rowsPerPeak = 64;

/// scanCodes(query, coarse, factors, step, target, peaks, from, to): writes target[from, to) and the peaks of its blocks.
Napi::Value scanCodes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto query = toTyped(info[0], napi_int8_array, "query", "an Int8Array").As<Napi::Int8Array>();
  const auto coarse = toTyped(info[1], napi_uint8_array, "coarse", "a Uint8Array").As<Napi::Uint8Array>();
  const std::size_t half = toHalf(env, query.ElementLength(), coarse);
  const std::size_t total = coarse.ElementLength() / half;
  const Napi::Float32Array factors = toFloats(info[2], total, "factors");
  if (!info[3].IsNumber()) throw Napi::TypeError::New(env, "step is a number");
  const double step = info[3].As<Napi::Number>().DoubleValue();
  Napi::Float32Array target = toFloats(info[4], total, "target");
  Napi::Float32Array peaks = toFloats(info[5], (total + rowsPerPeak - 1) / rowsPerPeak, "peaks");
  const RowRange range = toRowRange(info[6], info[7], total);
  if (range.from % rowsPerPeak != 0 || (range.to % rowsPerPeak != 0 && range.to != total)) {
    throw Napi::RangeError::New(env, "from and to are borders of blocks of " + std::to_string(rowsPerPeak) + " rows");
  }
  // Keeps what is read and written alive as long as it is.
  Napi::Object result = Napi::Object::New(env);
  result.Set("target", target);
  result.Set("coarse", coarse);
  result.Set("factors", factors);
  result.Set("peaks", peaks);
  const std::vector<std::int8_t> copy(query.Data(), query.Data() + query.ElementLength());
  const std::uint8_t* codes = coarse.Data();
  const float* allFactors = factors.Data();
  float* similarities = target.Data();
  float* allPeaks = peaks.Data();
  return runOffThread(env, "scanCodes", result, [=] {
    for (std::size_t from = range.from; from < range.to; from += rowsPerPeak) {
      const std::size_t rows = std::min(rowsPerPeak, range.to - from);
      scanCoarse(copy.data(), codes + from * half, allFactors + from, step, rows, half, similarities + from);
      allPeaks[from / rowsPerPeak] = *std::max_element(similarities + from, similarities + from + rows);
    }
  });
}

/// refineCodes(query, rows, coarse, middle, low, lowest): a Float64Array with the inner product of each of the rows.
Napi::Value refineCodes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto query = toTyped(info[0], napi_float32_array, "query", "a Float32Array").As<Napi::Float32Array>();
  const auto rows = toTyped(info[1], napi_int32_array, "rows", "an Int32Array").As<Napi::Int32Array>();
  const auto coarse = toTyped(info[2], napi_uint8_array, "coarse", "a Uint8Array").As<Napi::Uint8Array>();
  const std::size_t half = toHalf(env, query.ElementLength(), coarse);
  const auto middle = toPlane(info[3], coarse.ElementLength() * 2, "middle");
  const auto low = toPlane(info[4], coarse.ElementLength(), "low");
  const std::size_t total = coarse.ElementLength() / half;
  const std::size_t quarter = (half + 1) / 2;
  const auto lowest = toPlane(info[5], total * quarter, "lowest");
  Napi::Float64Array products = Napi::Float64Array::New(env, rows.ElementLength());
  for (std::size_t i = 0; i < rows.ElementLength(); i++) {
    const std::int64_t row = rows[i];
    if (row < 0 || static_cast<std::size_t>(row) >= total) {
      throw Napi::RangeError::New(env, "there is no row " + std::to_string(row));
    }
    const std::size_t at = static_cast<std::size_t>(row);
    products[i] = sumFine(
        query.Data(), coarse.Data() + at * half, middle.Data() + at * 2 * half, low.Data() + at * half,
        lowest.Data() + at * quarter, half);
  }
  return products;
}

}  // namespace

void registerCodes(Napi::Env env, Napi::Object exports) {
  exports.Set("scanCodes", Napi::Function::New(env, scanCodes, "scanCodes"));
  exports.Set("refineCodes", Napi::Function::New(env, refineCodes, "refineCodes"));
}

}  // namespace stygig
