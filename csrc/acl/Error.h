// Return codes of CANN as exceptions. NPU_CHECK(api().aclrtFoo(...)) throws c10::AcceleratorError (a
// c10::Error) with the call, the code and its name, the runtime's own text, the device and, in a distributed
// job, the rank. HCCL_CHECK(api().HcclFoo(...)) does the same for HCCL, with c10::DistBackendError, or
// c10::ValueError where HCCL refuses an argument.
#pragma once

#include <string>

#include <c10/macros/Macros.h>

namespace npu {

// "ACL_ERROR_RT_PARAM_INVALID"; "unknown error" for a code that the contract does not name.
const char* error_name(int code) noexcept;

// "ACL_ERROR_RT_PARAM_INVALID (107000)"
std::string error_text(int code);

// What the runtime says about the last failure on this thread; empty where it says nothing.
std::string recent_message();

// Codes with which CANN refuses an allocation for want of memory.
bool is_out_of_memory(int code) noexcept;

// For destructors: a failure becomes one warning. Returns whether the call succeeded.
bool warn_unless_ok(int code, const char* call) noexcept;

// `call` is the text of the failed call, `advice` an optional clause that ends the message.
[[noreturn]] void throw_error(int code, const char* call, const char* function, const char* file,
                              unsigned line, const char* advice = nullptr);

// "HCCL_E_REMOTE (21: a remote error)"
std::string hccl_error_text(int code);

[[noreturn]] void throw_hccl_error(int code, const char* call, const char* function, const char* file,
                                   unsigned line);

}  // namespace npu

#define NPU_CHECK(call)                                                                               \
  do {                                                                                                \
    const int npu_check_code = (call);                                                                \
    if (C10_UNLIKELY(npu_check_code != 0)) {                                                          \
      ::npu::throw_error(npu_check_code, #call, __func__, __FILE__, static_cast<unsigned>(__LINE__)); \
    }                                                                                                 \
  } while (false)

#define HCCL_CHECK(call)                                                                                    \
  do {                                                                                                      \
    const int hccl_check_code = (call);                                                                     \
    if (C10_UNLIKELY(hccl_check_code != 0)) {                                                               \
      ::npu::throw_hccl_error(hccl_check_code, #call, __func__, __FILE__, static_cast<unsigned>(__LINE__)); \
    }                                                                                                       \
  } while (false)
