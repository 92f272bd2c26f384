#pragma once
#include <napi.h>

/// Each part of the addon adds its own exports; `addon.cc` calls them all.
namespace stygig {

void registerIndex(Napi::Env env, Napi::Object exports);
void registerCodes(Napi::Env env, Napi::Object exports);
void registerResample(Napi::Env env, Napi::Object exports);

}  // namespace stygig
