// libhccl. Communicators do not exist here yet; what does not need one is real.
//
// hccl/hccl.h is not included: the refused names are defined without their parameters, which a C caller
// passes in registers and on its own stack, so that one list is enough for all of them.
#include <atomic>
#include <iterator>

#include "hccl/hccl_types.h"
#include "softnpu.h"
#include "softnpu/hccl/names.h"

namespace {

constexpr const char* kResults[] = {
    "no error",
    "a parameter is invalid",
    "a pointer is null",
    "out of host memory",
    "internal error",
    "not supported",
    "not found",
    "unavailable",
    "a system call failed",
    "time-out",
    "a file cannot be opened",
    "a TCP connection failed",
    "a RoCE connection failed",
    "a TCP transfer failed",
    "a RoCE transfer failed",
    "a call of the runtime failed",
    "a call of the driver failed",
    "a call of the profiler failed",
    "a call of the CCE failed",
    "a call of the network failed",
    "try again",
    "a remote error",
    "the communicator is being suspended",
    "retrying the operation failed",
    "out of device memory",
};

// Reductions of the software NPU are in rank order, whatever is asked for.
std::atomic<int32_t> g_deterministic{0};

}  // namespace

extern "C" {

const char* HcclGetErrorString(HcclResult code) {
  return code >= 0 && size_t(code) < std::size(kResults) ? kResults[code] : "unknown error";
}

// How many fields of HcclCommConfig are understood.
uint32_t HcclGetCommConfigCapability(void) {
  return 0;
}

HcclResult HcclSetConfig(HcclConfig config, HcclConfigValue configValue) {
  if (config != HCCL_DETERMINISTIC) {
    return HcclResult(
        softnpu_error(HCCL_E_NOT_SUPPORT, "HcclSetConfig: option %d cannot be set.", int(config)));
  }
  g_deterministic.store(configValue.value);
  return HCCL_SUCCESS;
}

HcclResult HcclGetConfig(HcclConfig config, HcclConfigValue* configValue) {
  if (configValue == nullptr) {
    return HcclResult(softnpu_error(HCCL_E_PTR, "HcclGetConfig: configValue must not be null."));
  }
  if (config != HCCL_DETERMINISTIC) {
    return HcclResult(
        softnpu_error(HCCL_E_NOT_SUPPORT, "HcclGetConfig: option %d cannot be asked for.", int(config)));
  }
  configValue->value = g_deterministic.load();
  return HCCL_SUCCESS;
}

#define REFUSE(name)                                                                               \
  HcclResult name(void) {                                                                          \
    return HcclResult(                                                                             \
        softnpu_error(HCCL_E_NOT_SUPPORT, "%s is not supported by the software NPU yet.", #name)); \
  }
SOFT_HCCL_NAMES(REFUSE)
#undef REFUSE

}  // extern "C"
