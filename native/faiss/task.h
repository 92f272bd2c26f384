#pragma once
#include <napi.h>

#include <exception>
#include <functional>
#include <string>

namespace stygig {

/// Runs `work` on a libuv thread. The promise resolves with `result`, which is kept alive until then, or rejects with
/// an Error "<operation>: <reason>" when `work` throws. `settled` runs on the JavaScript thread before the promise does.
/// `work` must own everything it touches apart from `result`.
Napi::Value runOffThread(
    Napi::Env env,
    std::string operation,
    Napi::Object result,
    std::function<void()> work,
    std::function<void()> settled = nullptr);

/// Runs `work` here and now; what it throws becomes a JavaScript Error "<operation>: <reason>".
void callFaiss(Napi::Env env, const char* operation, const std::function<void()>& work);

/// What went wrong, without FAISS's prefix of function and source line.
std::string reasonOf(const std::exception& failure);

}  // namespace stygig
