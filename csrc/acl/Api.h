// The CANN functions of ApiList.h as typed members of one object: api().aclrtMemcpyAsync(...). Each is looked
// up at its first call; a function that this CANN lacks throws there, and only there.
#pragma once

#include <atomic>

#include "acl/acl.h"
#include "aclnn/aclnn_base.h"
#include "csrc/acl/Library.h"
#include "hccl/hccl.h"

namespace npu {

template <typename Signature>
class ApiFunction;

template <typename Result, typename... Args>
class ApiFunction<Result(Args...)> {
 public:
  constexpr ApiFunction(CannLibrary library, const char* name) noexcept : name_(name), library_(library) {}
  ApiFunction(const ApiFunction&) = delete;
  ApiFunction& operator=(const ApiFunction&) = delete;

  Result operator()(Args... args) const { return pointer()(args...); }

  // Whether this CANN has the function; never throws.
  bool available() const noexcept {
    if (pointer_.load(std::memory_order_acquire) != nullptr) return true;
    try {
      pointer_.store(reinterpret_cast<Pointer>(find_symbol(library_, name_)), std::memory_order_release);
    } catch (...) {
    }
    return pointer_.load(std::memory_order_relaxed) != nullptr;
  }

 private:
  using Pointer = Result (*)(Args...);

  Pointer pointer() const {
    Pointer found = pointer_.load(std::memory_order_acquire);
    if (__builtin_expect(found == nullptr, false)) {
      found = reinterpret_cast<Pointer>(require_symbol(library_, name_));
      pointer_.store(found, std::memory_order_release);
    }
    return found;
  }

  mutable std::atomic<Pointer> pointer_{nullptr};
  const char* name_;
  CannLibrary library_;
};

struct Api {
#define X(library, name) ApiFunction<decltype(::name)> name{CannLibrary::library, #name};
#include "csrc/acl/ApiList.h"
};

namespace detail {
extern const Api the_api;
}

inline const Api& api() noexcept {
  return detail::the_api;
}

}  // namespace npu
