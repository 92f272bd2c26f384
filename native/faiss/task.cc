#include "task.h"

#include <memory>

namespace stygig {

namespace {

struct Task {
  std::string operation;
  std::function<void()> work;
  std::function<void()> settled;
  std::string failure;
  bool failed = false;
  napi_async_work handle = nullptr;
  napi_deferred deferred = nullptr;
  napi_ref result = nullptr;
};

void execute(napi_env, void* data) noexcept {
  Task* task = static_cast<Task*>(data);
  try {
    task->work();
  } catch (const std::exception& failure) {
    task->failed = true;
    task->failure = task->operation + ": " + reasonOf(failure);
  } catch (...) {
    task->failed = true;
    task->failure = task->operation + ": unknown failure";
  }
}

// Statuses are ignored on purpose, and the C interface is used for it: while a worker thread is being terminated no
// JavaScript can run, every call fails, and the C++ wrapper would end the process over it.
void complete(napi_env env, napi_status status, void* data) noexcept {
  std::unique_ptr<Task> task(static_cast<Task*>(data));
  napi_value value = nullptr;
  if (status == napi_ok && !task->failed) {
    if (task->settled) task->settled();
    napi_get_reference_value(env, task->result, &value);
    napi_resolve_deferred(env, task->deferred, value);
  } else {
    const std::string& text = task->failed ? task->failure : task->operation + ": cancelled";
    napi_value message = nullptr;
    napi_create_string_utf8(env, text.c_str(), text.size(), &message);
    napi_create_error(env, nullptr, message, &value);
    napi_reject_deferred(env, task->deferred, value);
  }
  napi_delete_reference(env, task->result);
  napi_delete_async_work(env, task->handle);
}

void require(Napi::Env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

}  // namespace

Napi::Value runOffThread(
    Napi::Env env,
    std::string operation,
    Napi::Object result,
    std::function<void()> work,
    std::function<void()> settled) {
  auto task = std::make_unique<Task>();
  task->operation = std::move(operation);
  task->work = std::move(work);
  task->settled = std::move(settled);
  napi_value promise = nullptr;
  const napi_value name = Napi::String::New(env, "stygig_faiss");
  require(env, napi_create_reference(env, result, 1, &task->result));
  require(env, napi_create_async_work(env, nullptr, name, execute, complete, task.get(), &task->handle));
  require(env, napi_create_promise(env, &task->deferred, &promise));
  require(env, napi_queue_async_work(env, task->handle));
  // From here `complete` owns it.
  task.release();
  return Napi::Value(env, promise);
}

void callFaiss(Napi::Env env, const char* operation, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& failure) {
    throw Napi::Error::New(env, std::string(operation) + ": " + reasonOf(failure));
  }
}

std::string reasonOf(const std::exception& failure) {
  // "Error in <function> at <file>: Error: '<condition>' failed: <reason>", the last part sometimes empty.
  std::string text = failure.what();
  for (const std::string marker : {"Error: ", "' failed: "}) {
    const std::size_t at = text.rfind(marker);
    if (at != std::string::npos && at + marker.size() < text.size()) text.erase(0, at + marker.size());
  }
  return text;
}

}  // namespace stygig
