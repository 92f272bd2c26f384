#include "arguments.h"

#include <cmath>

namespace stygig {

namespace {

[[noreturn]] void refuse(Napi::Env env, const std::string& message) { throw Napi::RangeError::New(env, message); }

std::size_t toEnd(const Napi::Value& value, std::size_t absent, std::size_t rows, const char* name) {
  if (value.IsUndefined()) return absent;
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), std::string(name) + " is a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= static_cast<double>(rows)) || number != std::floor(number)) {
    refuse(value.Env(), std::string(name) + " is a whole number from 0 to " + std::to_string(rows));
  }
  return static_cast<std::size_t>(number);
}

}  // namespace

Floats toRows(const Napi::Value& value, std::size_t dimension, const char* name) {
  const Napi::Env env = value.Env();
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw Napi::TypeError::New(env, std::string(name) + " is a Float32Array");
  }
  const Napi::Float32Array array = value.As<Napi::Float32Array>();
  const Floats floats = {array.Data(), array.ElementLength()};
  if (floats.length % dimension != 0) {
    refuse(env, std::string(name) + " holds rows of " + std::to_string(dimension) + " values, not " +
                    std::to_string(floats.length) + " values");
  }
  // FAISS answers a NaN with rows of -1 and trains on it without a word.
  for (std::size_t i = 0; i < floats.length; i++) {
    if (!std::isfinite(floats.data[i])) refuse(env, std::string(name) + " is not finite at " + std::to_string(i));
  }
  return floats;
}

std::size_t toCount(const Napi::Value& value, std::size_t most, const char* name) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), std::string(name) + " is a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0) || !std::isfinite(number) || number != std::floor(number)) {
    refuse(value.Env(), std::string(name) + " is a whole number of at least 0");
  }
  return number < static_cast<double>(most) ? static_cast<std::size_t>(number) : most;
}

RowRange toRowRange(const Napi::Value& from, const Napi::Value& to, std::size_t rows) {
  const RowRange range = {toEnd(from, 0, rows, "from"), toEnd(to, rows, rows, "to")};
  if (range.from > range.to) refuse(from.Env(), "from is at most to");
  return range;
}

std::string toPath(const Napi::Value& value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "path is a string");
  std::string path = value.As<Napi::String>().Utf8Value();
  if (path.empty() || path.find('\0') != std::string::npos) refuse(value.Env(), "path is not empty and has no zero byte");
  return path;
}

}  // namespace stygig
