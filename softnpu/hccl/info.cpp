// libhccl: what can be asked of it and of a communicator.
#include <atomic>
#include <cstdio>
#include <iterator>

#include "hccl/hccl.h"
#include "softnpu/hccl/comm.h"

namespace softnpu::hccl {
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

// The body of a question about one communicator, with the place for its answer.
template <class Body>
HcclResult ask(const char* call, HcclComm handle, const void* answer, Body&& body) {
  HcclResult result = HCCL_SUCCESS;
  if (answer == nullptr) {
    return HcclResult(softnpu_error(HCCL_E_PTR, "EI0003: %s: the result must not be null.", call));
  }
  Comm* comm = find_comm(handle, call, &result);
  if (comm == nullptr) return result;
  result = body(*comm);
  comm->drop();
  return result;
}

HcclResult check_option(const char* call, HcclConfig config) {
  if (config == HCCL_DETERMINISTIC) return HCCL_SUCCESS;
  return HcclResult(softnpu_error(HCCL_E_NOT_SUPPORT, "%s: there is no option %d.", call, int(config)));
}

}  // namespace
}  // namespace softnpu::hccl

using softnpu::hccl::ask;
using softnpu::hccl::check_option;
using softnpu::hccl::Comm;

extern "C" {

const char* HcclGetErrorString(HcclResult code) {
  using softnpu::hccl::kResults;
  return code >= 0 && size_t(code) < std::size(kResults) ? kResults[code] : "unknown error";
}

// How many fields of HcclCommConfig are understood.
uint32_t HcclGetCommConfigCapability(void) {
  return HCCL_COMM_CONFIG_RESERVED;
}

HcclResult HcclSetConfig(HcclConfig config, HcclConfigValue configValue) {
  if (HcclResult code = check_option(__func__, config); code != HCCL_SUCCESS) return code;
  softnpu::hccl::g_deterministic.store(configValue.value);
  return HCCL_SUCCESS;
}

HcclResult HcclGetConfig(HcclConfig config, HcclConfigValue* configValue) {
  if (configValue == nullptr) {
    return HcclResult(softnpu_error(HCCL_E_PTR, "HcclGetConfig: configValue must not be null."));
  }
  if (HcclResult code = check_option(__func__, config); code != HCCL_SUCCESS) return code;
  configValue->value = softnpu::hccl::g_deterministic.load();
  return HCCL_SUCCESS;
}

HcclResult HcclSetCommConfig(HcclComm comm, HcclConfig config, HcclConfigValue configValue) {
  return ask(__func__, comm, &configValue, [&](Comm& found) {
    if (HcclResult code = check_option("HcclSetCommConfig", config); code != HCCL_SUCCESS) return code;
    found.deterministic.store(configValue.value);
    return HCCL_SUCCESS;
  });
}

HcclResult HcclGetCommConfig(HcclComm comm, HcclConfig config, HcclConfigValue* configValue) {
  return ask(__func__, comm, configValue, [&](Comm& found) {
    if (HcclResult code = check_option("HcclGetCommConfig", config); code != HCCL_SUCCESS) return code;
    configValue->value = found.deterministic.load();
    return HCCL_SUCCESS;
  });
}

HcclResult HcclGetRankSize(HcclComm comm, uint32_t* rankSize) {
  return ask(__func__, comm, rankSize, [&](Comm& found) {
    *rankSize = found.size();
    return HCCL_SUCCESS;
  });
}

HcclResult HcclGetRankId(HcclComm comm, uint32_t* rank) {
  return ask(__func__, comm, rank, [&](Comm& found) {
    *rank = found.rank();
    return HCCL_SUCCESS;
  });
}

// commName has room for COMM_NAME_MAX_LENGTH characters.
HcclResult HcclGetCommName(HcclComm comm, char* commName) {
  return ask(__func__, comm, commName, [&](Comm& found) {
    std::snprintf(commName, COMM_NAME_MAX_LENGTH, "%s", found.name().c_str());
    return HCCL_SUCCESS;
  });
}

HcclResult HcclGetCommAsyncError(HcclComm comm, HcclResult* asyncError) {
  return ask(__func__, comm, asyncError, [&](Comm& found) {
    *asyncError = found.async_error();
    if (*asyncError != HCCL_SUCCESS) (void)found.refuse_failed();  // for aclGetRecentErrMsg
    return HCCL_SUCCESS;
  });
}

}  // extern "C"
