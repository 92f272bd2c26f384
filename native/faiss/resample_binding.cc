#include "parts.h"

#include <string>

#include "resample.h"

namespace stygig {

namespace {

struct Numbers {
  const std::int32_t* data;
  std::size_t length;
};

Numbers toNumbers(const Napi::Object& axis, const char* name) {
  const Napi::Value value = axis.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
    throw Napi::TypeError::New(axis.Env(), std::string(name) + " is an Int32Array");
  }
  const Napi::Int32Array array = value.As<Napi::Int32Array>();
  return {array.Data(), array.ElementLength()};
}

/// The weights of one axis of `size` input positions, checked so that nothing outside the picture is ever read.
AxisWeights toAxisWeights(const Napi::Value& value, std::size_t size) {
  const Napi::Env env = value.Env();
  if (!value.IsObject()) throw Napi::TypeError::New(env, "the weights of an axis are an object");
  const Napi::Object axis = value.As<Napi::Object>();
  const Numbers starts = toNumbers(axis, "starts");
  const Numbers counts = toNumbers(axis, "counts");
  const Numbers weights = toNumbers(axis, "weights");
  const double stride = axis.Get("stride").ToNumber().DoubleValue();
  const bool fits = starts.length > 0 && counts.length == starts.length && stride >= 1 &&
                    stride * static_cast<double>(starts.length) == static_cast<double>(weights.length);
  if (!fits) throw Napi::RangeError::New(env, "starts, counts and weights do not fit together");
  std::int64_t end = 0;
  for (std::size_t i = 0; i < starts.length; i++) {
    const std::int64_t start = starts.data[i];
    const std::int64_t next = start + counts.data[i];
    if (start < starts.data[0] || start < 0 || counts.data[i] < 1 || counts.data[i] > stride || next < end ||
        next > static_cast<std::int64_t>(size)) {
      throw Napi::RangeError::New(env, "the inputs of position " + std::to_string(i) + " are not in the picture");
    }
    end = next;
  }
  return {starts.data, counts.data, weights.data, starts.length, static_cast<std::size_t>(stride)};
}

Napi::Value mixTypedPixels(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(env, "pixels is a Uint8Array");
  }
  const Napi::Uint8Array pixels = info[0].As<Napi::Uint8Array>();
  if (!info[1].IsNumber()) throw Napi::TypeError::New(env, "width is a number");
  const double width = info[1].As<Napi::Number>().DoubleValue();
  const std::size_t length = pixels.ElementLength();
  const std::size_t rowLength = width >= 1 && width <= static_cast<double>(length) ? static_cast<std::size_t>(width) * 3 : 0;
  if (rowLength == 0 || length == 0 || length % rowLength != 0) {
    throw Napi::RangeError::New(env, "pixels holds whole rows of width pixels, three bytes each");
  }
  const AxisWeights columns = toAxisWeights(info[2], rowLength / 3);
  const AxisWeights rows = toAxisWeights(info[3], length / rowLength);
  Napi::Uint8Array output = Napi::Uint8Array::New(env, rows.length * columns.length * 3);
  mixPixels(pixels.Data(), rowLength / 3, columns, rows, output.Data());
  return output;
}

}  // namespace

void registerResample(Napi::Env env, Napi::Object exports) {
  exports.Set("mixPixels", Napi::Function::New(env, mixTypedPixels, "mixPixels"));
}

}  // namespace stygig
