#pragma once
#include <faiss/Index.h>
#include <napi.h>

#include <cstdint>
#include <memory>
#include <shared_mutex>

namespace stygig {

/// An index and the lock that lets searches run beside each other but not beside `add`. Work in progress shares it, so
/// closing never pulls it from under a search.
struct SharedIndex {
  std::shared_mutex mutex;
  std::unique_ptr<faiss::Index> index;
};

/// The JavaScript object; addon.ts says what its members do. Every method runs on the thread that made it, and only
/// SharedIndex crosses threads.
class IndexObject final : public Napi::ObjectWrap<IndexObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit IndexObject(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

  /// Tells the collector how much memory hangs on this object, or it would see no reason to hurry.
  void accountMemory(napi_env env);

  std::shared_ptr<SharedIndex> shared;

 private:
  /// @throws Napi::Error after `close`.
  faiss::Index& requireOpen(Napi::Env env) const;
  void account(napi_env env, std::int64_t bytes);

  void add(const Napi::CallbackInfo& info);
  void train(const Napi::CallbackInfo& info);
  Napi::Value search(const Napi::CallbackInfo& info);
  Napi::Value similarities(const Napi::CallbackInfo& info);
  Napi::Value vectors(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value serialize(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  Napi::Value rows(const Napi::CallbackInfo& info);
  Napi::Value dimension(const Napi::CallbackInfo& info);
  Napi::Value metric(const Napi::CallbackInfo& info);
  Napi::Value description(const Napi::CallbackInfo& info);
  Napi::Value isTrained(const Napi::CallbackInfo& info);

  std::int64_t accounted = 0;
};

}  // namespace stygig
