// How a call of the ABI ends: its code, and the sentence that aclGetRecentErrMsg returns for it.
#pragma once

#include <atomic>
#include <exception>
#include <new>

#include "acl/acl_error_codes.h"
#include "acl/acl_types.h"
#include "softnpu.h"

namespace softnpu {

struct Context;

// What a thread remembers between calls. Plain data in static TLS, where a read is one instruction; its
// texts, for which there is no room, are in error.cpp.
struct ThreadState {
  Context* context;  // current context, or null
  uint32_t context_serial;
  aclError last_error;
  const char* call;  // the ABI function that the thread is in, for messages
  int capture_mode;
  bool has_text;
};
namespace detail {
extern thread_local constinit ThreadState thread_state __attribute__((tls_model("initial-exec")));
extern std::atomic<bool> forked;
}  // namespace detail
inline ThreadState& thread_state() {
  return detail::thread_state;
}

// True in a child that was forked after the runtime had been used: memory and workers stayed with the parent.
inline bool forked() {
  return detail::forked.load(std::memory_order_relaxed);
}
// From now on a fork makes an unusable child.
void mark_in_use();

// Sets the message of this thread, prefixed with the name of the call, and returns `code`.
aclError fail(aclError code, const char* format, ...) __attribute__((format(printf, 2, 3)));
aclError refuse_forked(const char* call);
aclError unsupported(const char* call, const char* reason);

// Every function of the ABI runs its body in here: no exception crosses the C boundary, a forked child is
// refused and the thread's last error is kept.
template <class Body>
aclError entry(const char* call, Body&& body) noexcept {
  if (forked()) [[unlikely]]
    return refuse_forked(call);
  ThreadState& state = thread_state();
  state.call = call;
  aclError result;
  try {
    result = body();
  } catch (const std::bad_alloc&) {
    result = fail(ACL_ERROR_BAD_ALLOC, "the host is out of memory.");
  } catch (const std::exception& error) {
    result = fail(ACL_ERROR_INTERNAL_ERROR, "%s", error.what());
  } catch (...) {
    result = fail(ACL_ERROR_INTERNAL_ERROR, "an unknown exception was thrown.");
  }
  if (result != ACL_SUCCESS) [[unlikely]]
    state.last_error = result;
  return result;
}

inline aclError require(const void* pointer, const char* name) {
  if (pointer != nullptr) [[likely]]
    return ACL_SUCCESS;
  return fail(ACL_ERROR_INVALID_PARAM, "the argument %s must not be null.", name);
}

}  // namespace softnpu
