#include "csrc/acl/Error.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>

#include <c10/util/Exception.h>

#include "aclnn/aclnn_base.h"
#include "csrc/acl/Api.h"
#include "csrc/acl/Env.h"
#include "csrc/acl/Log.h"

namespace npu {
namespace {

struct Name {
  int code;
  const char* text;
};

constexpr Name kNames[] = {
#define ROW(name) \
  { name, #name }
#include "csrc/acl/ErrorNames.h"
};

constexpr const char* kHcclNames[] = {
    "HCCL_SUCCESS",
    "HCCL_E_PARA",
    "HCCL_E_PTR",
    "HCCL_E_MEMORY",
    "HCCL_E_INTERNAL",
    "HCCL_E_NOT_SUPPORT",
    "HCCL_E_NOT_FOUND",
    "HCCL_E_UNAVAIL",
    "HCCL_E_SYSCALL",
    "HCCL_E_TIMEOUT",
    "HCCL_E_OPEN_FILE_FAILURE",
    "HCCL_E_TCP_CONNECT",
    "HCCL_E_ROCE_CONNECT",
    "HCCL_E_TCP_TRANSFER",
    "HCCL_E_ROCE_TRANSFER",
    "HCCL_E_RUNTIME",
    "HCCL_E_DRV",
    "HCCL_E_PROFILING",
    "HCCL_E_CCE",
    "HCCL_E_NETWORK",
    "HCCL_E_AGAIN",
    "HCCL_E_REMOTE",
    "HCCL_E_SUSPENDING",
    "HCCL_E_OPRETRY_FAIL",
    "HCCL_E_OOM",
};
static_assert(std::size(kHcclNames) == HCCL_E_RESERVED);

static_assert(std::is_sorted(std::begin(kNames), std::end(kNames),
                             [](const Name& left, const Name& right) { return left.code < right.code; }));

// "api().aclrtMalloc(&data, size)" -> "aclrtMalloc"
std::string function_of(const char* call) {
  std::string_view text(call);
  constexpr std::string_view prefix = "api().";
  if (const size_t at = text.find(prefix); at != std::string_view::npos)
    text.remove_prefix(at + prefix.size());
  return std::string(text.substr(0, text.find('(')));
}

// Asked after recent_message(), since a failure of this question would replace the text.
std::string current_device_text() {
  int32_t device = 0;
  if (!api().aclrtGetDevice.available() || api().aclrtGetDevice(&device) != ACL_SUCCESS) return "npu";
  return "npu:" + std::to_string(device);
}

std::string message_of(const std::string& code, const char* call, const char* advice) {
  const std::string recent = recent_message();
  std::string text = function_of(call) + " failed on " + current_device_text();
  if (const std::string rank = env::get_text("RANK"); !rank.empty()) text += " (rank " + rank + ")";
  text += " with " + code;
  if (!recent.empty()) text += ": " + recent;
  if (advice != nullptr) text += (recent.empty() ? ": " : "; ") + std::string(advice);
  if (text.back() != '.') text += '.';
  return text;
}

}  // namespace

const char* error_name(int code) noexcept {
  const auto* end = std::end(kNames);
  const auto* found = std::lower_bound(std::begin(kNames), end, code,
                                       [](const Name& row, int wanted) { return row.code < wanted; });
  return found != end && found->code == code ? found->text : "unknown error";
}

std::string error_text(int code) {
  return std::string(error_name(code)) + " (" + std::to_string(code) + ")";
}

std::string recent_message() {
  if (!api().aclGetRecentErrMsg.available()) return "";
  const char* message = api().aclGetRecentErrMsg();
  std::string text = message != nullptr ? message : "";
  const size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string::npos ? "" : text.substr(0, last + 1);
}

bool is_out_of_memory(int code) noexcept {
  return code == ACL_ERROR_RT_MEMORY_ALLOCATION || code == ACL_ERROR_BAD_ALLOC ||
         code == ACL_ERROR_RT_DEVICE_OOM || code == ACL_ERROR_STORAGE_OVER_LIMIT;
}

bool warn_unless_ok(int code, const char* call) noexcept {
  if (code == ACL_SUCCESS) return true;
  try {
    log(LogLevel::kWarning, message_of(error_text(code), call, nullptr));
  } catch (...) {
  }
  return false;
}

void throw_error(int code, const char* call, const char* function, const char* file, unsigned line,
                 const char* advice) {
  throw c10::AcceleratorError({function, file, line}, code, message_of(error_text(code), call, advice));
}

std::string hccl_error_text(int code) {
  const bool known = code >= 0 && code < HCCL_E_RESERVED;
  std::string text = std::string(known ? kHcclNames[code] : "unknown error") + " (" + std::to_string(code);
  if (api().HcclGetErrorString.available()) {
    const char* meaning = api().HcclGetErrorString(static_cast<HcclResult>(code));
    if (meaning != nullptr && *meaning != '\0') text += std::string(": ") + meaning;
  }
  return text + ")";
}

void throw_hccl_error(int code, const char* call, const char* function, const char* file, unsigned line) {
  const std::string text = message_of(hccl_error_text(code), call, nullptr);
  const bool argument = code == HCCL_E_PARA || code == HCCL_E_PTR || code == HCCL_E_NOT_SUPPORT;
  if (argument) throw c10::ValueError({function, file, line}, text);
  throw c10::DistBackendError({function, file, line}, text);
}

}  // namespace npu
