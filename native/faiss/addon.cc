#include "parts.h"

// Called once for every JavaScript thread that loads the addon; nothing here is shared between threads.
static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  stygig::registerIndex(env, exports);
  stygig::registerCodes(env, exports);
  stygig::registerResample(env, exports);
  return exports;
}

NODE_API_MODULE(stygig_faiss, initialize)
