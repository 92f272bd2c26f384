#include "index_object.h"

#include <cstring>
#include <mutex>

#include "arguments.h"
#include "index_file.h"
#include "index_kind.h"
#include "task.h"

namespace stygig {

Napi::Function IndexObject::define(Napi::Env env) {
  return DefineClass(env, "FaissIndex", {
    InstanceMethod<&IndexObject::add>("add"),
    InstanceMethod<&IndexObject::train>("train"),
    InstanceMethod<&IndexObject::search>("search"),
    InstanceMethod<&IndexObject::similarities>("similarities"),
    InstanceMethod<&IndexObject::vectors>("vectors"),
    InstanceMethod<&IndexObject::write>("write"),
    InstanceMethod<&IndexObject::serialize>("serialize"),
    InstanceMethod<&IndexObject::close>("close"),
    InstanceAccessor<&IndexObject::rows>("rows"),
    InstanceAccessor<&IndexObject::dimension>("dimension"),
    InstanceAccessor<&IndexObject::metric>("metric"),
    InstanceAccessor<&IndexObject::description>("description"),
    InstanceAccessor<&IndexObject::isTrained>("isTrained"),
  });
}

IndexObject::IndexObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<IndexObject>(info), shared(std::make_shared<SharedIndex>()) {}

void IndexObject::Finalize(Napi::BasicEnv env) { account(env, 0); }

void IndexObject::accountMemory(napi_env env) {
  if (!shared || !shared->index) return;
  const faiss::Index& index = *shared->index;
  account(env, index.ntotal * index.d * static_cast<std::int64_t>(sizeof(float)));
}

void IndexObject::account(napi_env env, std::int64_t bytes) {
  std::int64_t total = 0;
  napi_adjust_external_memory(env, bytes - accounted, &total);
  accounted = bytes;
}

faiss::Index& IndexObject::requireOpen(Napi::Env env) const {
  if (!shared || !shared->index) throw Napi::Error::New(env, "the index is closed");
  return *shared->index;
}

void IndexObject::add(const Napi::CallbackInfo& info) {
  faiss::Index& index = requireOpen(info.Env());
  const Floats floats = toRows(info[0], static_cast<std::size_t>(index.d), "vectors");
  const auto added = static_cast<std::int64_t>(floats.length) / index.d;
  if (added > mostRows - index.ntotal) throw Napi::RangeError::New(info.Env(), "an index holds at most 2147483647 rows");
  if (!index.is_trained) throw Napi::Error::New(info.Env(), "the index must be trained before rows are added");
  callFaiss(info.Env(), "add", [&] {
    const std::unique_lock<std::shared_mutex> lock(shared->mutex);
    if (added > 0) index.add(added, floats.data);
  });
  accountMemory(info.Env());
}

void IndexObject::train(const Napi::CallbackInfo& info) {
  faiss::Index& index = requireOpen(info.Env());
  const Floats floats = toRows(info[0], static_cast<std::size_t>(index.d), "vectors");
  // FAISS would replace the centroids and leave the rows in lists chosen by the old ones.
  if (index.ntotal > 0) throw Napi::Error::New(info.Env(), "an index is trained before rows are added");
  callFaiss(info.Env(), "train", [&] {
    const std::unique_lock<std::shared_mutex> lock(shared->mutex);
    index.train(static_cast<std::int64_t>(floats.length) / index.d, floats.data);
  });
}

Napi::Value IndexObject::write(const Napi::CallbackInfo& info) {
  requireOpen(info.Env());
  const std::string path = toPath(info[0]);
  const auto held = shared;
  return runOffThread(info.Env(), "write " + path, Value(), [held, path] {
    const std::shared_lock<std::shared_mutex> lock(held->mutex);
    writeIndexFile(*held->index, path);
  });
}

Napi::Value IndexObject::serialize(const Napi::CallbackInfo& info) {
  const faiss::Index& index = requireOpen(info.Env());
  std::vector<std::uint8_t> bytes;
  callFaiss(info.Env(), "serialize", [&] {
    const std::shared_lock<std::shared_mutex> lock(shared->mutex);
    bytes = writeIndexBytes(index);
  });
  Napi::Uint8Array copy = Napi::Uint8Array::New(info.Env(), bytes.size());
  std::memcpy(copy.Data(), bytes.data(), bytes.size());
  return copy;
}

void IndexObject::close(const Napi::CallbackInfo& info) {
  account(info.Env(), 0);
  if (!shared) return;
  // The system takes a large index back page by page: 15 ms for 200 MB, which JavaScript does not wait for.
  auto doomed = std::move(shared);
  shared = nullptr;
  runOffThread(info.Env(), "close", Value(), [doomed = std::move(doomed)]() mutable { doomed.reset(); });
}

Napi::Value IndexObject::rows(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(requireOpen(info.Env()).ntotal));
}

Napi::Value IndexObject::dimension(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), requireOpen(info.Env()).d);
}

Napi::Value IndexObject::metric(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), metricOf(requireOpen(info.Env())));
}

Napi::Value IndexObject::description(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), descriptionOf(requireOpen(info.Env())));
}

Napi::Value IndexObject::isTrained(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), requireOpen(info.Env()).is_trained);
}

}  // namespace stygig
