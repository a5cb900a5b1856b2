// How a call of the ABI ends: its code, and the sentence that aclGetRecentErrMsg returns for it.
#pragma once

#include <exception>
#include <new>

#include "acl/acl_error_codes.h"
#include "acl/acl_types.h"
#include "softnpu.h"

namespace softnpu {

struct Context;

// What a thread remembers between calls. Plain data: it is created on first use without a constructor and
// needs no destructor when the thread ends.
struct ThreadState {
  Context* context;  // current context, or null
  uint32_t context_serial;
  const char* call;  // the ABI function that the thread is in, for messages
  aclError last_error;
  bool has_text;
  int capture_mode;
  char text[2048];
  char taken[2048];  // what aclGetRecentErrMsg returned last
};
ThreadState& thread_state();

// True in a child that was forked after the runtime had been used: memory and workers stayed with the parent.
bool forked();
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
