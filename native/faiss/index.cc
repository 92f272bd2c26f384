#include "parts.h"

#include "arguments.h"
#include "index_file.h"
#include "index_kind.h"
#include "index_object.h"
#include "task.h"

namespace stygig {

namespace {

/// What one JavaScript thread keeps for the addon.
struct ThreadData {
  Napi::FunctionReference indexClass;
};

Napi::Object emptyObject(Napi::Env env) { return env.GetInstanceData<ThreadData>()->indexClass.New({}); }

std::string toText(const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), std::string(name) + " is a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Value createIndex(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "dimension is a number");
  const double dimension = info[0].As<Napi::Number>().DoubleValue();
  const bool whole = dimension >= 1 && dimension <= static_cast<double>(mostDimensions) &&
                     dimension == static_cast<double>(static_cast<std::int64_t>(dimension));
  const std::string description = toText(info[1], "description");
  const std::string metric = toText(info[2], "metric");
  Napi::Object object = emptyObject(env);
  try {
    IndexObject::Unwrap(object)->shared->index =
        makeIndex(whole ? static_cast<std::int64_t>(dimension) : 0, description, metric);
  } catch (const std::invalid_argument& failure) {
    throw Napi::RangeError::New(env, failure.what());
  }
  return object;
}

Napi::Value readIndex(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = toPath(info[0]);
  // The object exists before its index does; JavaScript sees it only once the promise resolves.
  Napi::Object object = emptyObject(env);
  IndexObject* wrapper = IndexObject::Unwrap(object);
  const auto held = wrapper->shared;
  return runOffThread(
      env, "read " + path, object, [held, path] { held->index = readIndexFile(path); },
      [wrapper, env] { wrapper->accountMemory(env); });
}

Napi::Value deserializeIndex(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(env, "bytes is a Uint8Array");
  }
  const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
  Napi::Object object = emptyObject(env);
  IndexObject* wrapper = IndexObject::Unwrap(object);
  callFaiss(env, "deserialize", [&] {
    wrapper->shared->index = readIndexBytes(bytes.Data(), bytes.ByteLength());
  });
  wrapper->accountMemory(env);
  return object;
}

}  // namespace

void registerIndex(Napi::Env env, Napi::Object exports) {
  auto* data = new ThreadData();
  data->indexClass = Napi::Persistent(IndexObject::define(env));
  env.SetInstanceData(data);
  exports.Set("createIndex", Napi::Function::New<createIndex>(env, "createIndex"));
  exports.Set("readIndex", Napi::Function::New<readIndex>(env, "readIndex"));
  exports.Set("deserializeIndex", Napi::Function::New<deserializeIndex>(env, "deserializeIndex"));
  exports.Set("faissVersion", std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." +
                                  std::to_string(FAISS_VERSION_PATCH));
}

}  // namespace stygig
