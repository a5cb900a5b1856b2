#include "softnpu/acl/error.h"

#include <pthread.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "acl/acl.h"

namespace softnpu {
namespace {

std::atomic<bool> g_in_use{false};

// The messages of a thread, made at its first one: static TLS has no room for them.
struct Texts {
  char recent[2048];
  char taken[2048];  // what aclGetRecentErrMsg returned last
};

Texts& texts() {
  static thread_local const std::unique_ptr<Texts> owned = std::make_unique<Texts>();
  return *owned;
}

void in_child() {
  if (g_in_use.load(std::memory_order_relaxed)) detail::forked.store(true, std::memory_order_relaxed);
}

__attribute__((constructor)) void watch_forks() {
  pthread_atfork(nullptr, nullptr, in_child);
}

void set_text(const char* prefix, const char* format, std::va_list arguments) {
  char* text = texts().recent;
  int used = prefix == nullptr ? 0 : std::snprintf(text, sizeof(Texts::recent), "%s: ", prefix);
  std::vsnprintf(text + used, sizeof(Texts::recent) - used, format, arguments);
  thread_state().has_text = true;
}

}  // namespace

thread_local constinit ThreadState detail::thread_state{};
constinit std::atomic<bool> detail::forked{false};

void mark_in_use() {
  if (!g_in_use.load(std::memory_order_relaxed)) g_in_use.store(true, std::memory_order_relaxed);
}

aclError fail(aclError code, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  set_text(thread_state().call, format, arguments);
  va_end(arguments);
  return code;
}

aclError refuse_forked(const char* call) {
  thread_state().call = call;
  thread_state().last_error = ACL_ERROR_RT_CONTEXT_NULL;
  return fail(
      ACL_ERROR_RT_CONTEXT_NULL,
      "this process was forked after the NPU had been used and cannot use it; start it with 'spawn' or "
      "'forkserver', or do not touch the NPU before the fork.");
}

aclError unsupported(const char* call, const char* reason) {
  return entry(call, [&] {
    return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "not supported by the software NPU: %s.", reason);
  });
}

}  // namespace softnpu

using softnpu::entry;
using softnpu::fail;
using softnpu::thread_state;

extern "C" {

int32_t softnpu_error(int32_t code, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  softnpu::set_text(nullptr, format, arguments);
  va_end(arguments);
  return code;
}

const char* aclGetRecentErrMsg(void) {
  if (!thread_state().has_text) return nullptr;
  thread_state().has_text = false;
  return std::strcpy(softnpu::texts().taken, softnpu::texts().recent);
}

aclError aclrtPeekAtLastError(aclrtLastErrLevel level) {
  if (level != ACL_RT_THREAD_LEVEL) return ACL_ERROR_INVALID_PARAM;
  return thread_state().last_error;
}

aclError aclrtGetLastError(aclrtLastErrLevel level) {
  if (level != ACL_RT_THREAD_LEVEL) return ACL_ERROR_INVALID_PARAM;
  aclError last = thread_state().last_error;
  thread_state().last_error = ACL_SUCCESS;
  return last;
}

}  // extern "C"
