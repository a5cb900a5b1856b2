// Settings that a program makes and asks for: parameters, time-outs, numbers of devices, peers, stream
// attributes.
#include <unistd.h>

#include <limits>

#include "acl/acl.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/stream.h"
#include "softnpu/acl/visible.h"

namespace softnpu {
namespace {

std::atomic<int64_t> g_parameter[Context::kParameters] = {};
std::atomic<uint64_t> g_execute_timeout_us{0};

aclError check_parameter(aclSysParamOpt option) {
  if (option >= ACL_OPT_DETERMINISTIC && option <= ACL_OPT_STRONG_CONSISTENCY) return ACL_SUCCESS;
  return fail(ACL_ERROR_INVALID_PARAM, "%d is not a system parameter.", int(option));
}

template <class Body>
aclError with_context(const char* call, aclSysParamOpt option, Body&& body) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = check_parameter(option);
    if (result != ACL_SUCCESS) return result;
    Context* context = current_context(&result);
    return context == nullptr ? result : body(*context);
  });
}

aclError set_execute_timeout(const char* call, uint64_t microseconds) noexcept {
  return entry(call, [&]() -> aclError {
    g_execute_timeout_us.store(microseconds);
    return ACL_SUCCESS;
  });
}

// Another device of the process, for a call about a pair.
Device* find_peer(const Device& device, int32_t peer, aclError* result) {
  Device* other = find_device(peer, result);
  if (other != nullptr && other->id == device.id) {
    *result = fail(ACL_ERROR_RT_PARAM_INVALID, "device %d is not a peer of itself.", peer);
    return nullptr;
  }
  return other;
}

// This is one map in two directions, since physical and logical numbers are the same outside of a container.
aclError number_of(const char* call, int32_t number, int32_t* answer, bool to_user) noexcept {
  return entry(call, [&]() -> aclError {
    if (aclError result = require(answer, "of the answer"); result != ACL_SUCCESS) return result;
    int count = 0;
    if (aclError result = device_count(&count); result != ACL_SUCCESS) return result;
    const std::vector<int>& logical = visible().logical;
    for (int user = 0; user < count; ++user) {
      if ((to_user ? logical[user] : user) != number) continue;
      *answer = to_user ? user : logical[user];
      return ACL_SUCCESS;
    }
    return fail(ACL_ERROR_RT_INVALID_DEVICEID, "no device that this process sees has the number %d.", number);
  });
}

}  // namespace
}  // namespace softnpu

using softnpu::Device;
using softnpu::entry;
using softnpu::fail;
using softnpu::require;
using softnpu::Stream;
using softnpu::with_device;
using softnpu::with_device_id;

extern "C" {

aclError aclrtSetSysParamOpt(aclSysParamOpt opt, int64_t value) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::check_parameter(opt); result != ACL_SUCCESS) return result;
    softnpu::g_parameter[opt].store(value);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetSysParamOpt(aclSysParamOpt opt, int64_t* value) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::check_parameter(opt); result != ACL_SUCCESS) return result;
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    *value = softnpu::g_parameter[opt].load();
    return ACL_SUCCESS;
  });
}

aclError aclrtCtxSetSysParamOpt(aclSysParamOpt opt, int64_t value) {
  return softnpu::with_context(__func__, opt, [&](softnpu::Context& context) -> aclError {
    context.parameter[opt].store(value);
    context.parameter_set[opt].store(true);
    return ACL_SUCCESS;
  });
}

aclError aclrtCtxGetSysParamOpt(aclSysParamOpt opt, int64_t* value) {
  return softnpu::with_context(__func__, opt, [&](softnpu::Context& context) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (!context.parameter_set[opt].load()) {
      return fail(ACL_ERROR_RT_SYSPARAMOPT_NOT_SET, "parameter %d was not set in this context.", int(opt));
    }
    *value = context.parameter[opt].load();
    return ACL_SUCCESS;
  });
}

// Kernels end by themselves here, so the limit is kept for whoever asks and ends nothing.
aclError aclrtSetOpExecuteTimeOut(uint32_t timeout) {
  return softnpu::set_execute_timeout(__func__, uint64_t{timeout} * 1000000);
}
aclError aclrtSetOpExecuteTimeOutWithMs(uint32_t timeout) {
  return softnpu::set_execute_timeout(__func__, uint64_t{timeout} * 1000);
}
aclError aclrtSetOpExecuteTimeOutV2(uint64_t timeout, uint64_t* actualTimeout) {
  if (actualTimeout != nullptr) {
    *actualTimeout = timeout == 0 ? std::numeric_limits<uint64_t>::max() : timeout;
  }
  return softnpu::set_execute_timeout(__func__, timeout);
}

aclError aclrtGetOpExecuteTimeout(uint32_t* const timeoutMs) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(timeoutMs, "timeoutMs"); result != ACL_SUCCESS) return result;
    *timeoutMs = static_cast<uint32_t>(softnpu::g_execute_timeout_us.load() / 1000);
    return ACL_SUCCESS;
  });
}

aclError aclrtSetDeviceSatMode(aclrtFloatOverflowMode mode) {
  return with_device(__func__, [&](Device& device) -> aclError {
    if (mode != ACL_RT_OVERFLOW_MODE_SATURATION && mode != ACL_RT_OVERFLOW_MODE_INFNAN) {
      return fail(ACL_ERROR_INVALID_PARAM, "%d is not an overflow mode.", int(mode));
    }
    device.saturation.store(mode);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetDeviceSatMode(aclrtFloatOverflowMode* mode) {
  return with_device(__func__, [&](Device& device) -> aclError {
    if (aclError result = require(mode, "mode"); result != ACL_SUCCESS) return result;
    *mode = static_cast<aclrtFloatOverflowMode>(device.saturation.load());
    return ACL_SUCCESS;
  });
}

aclError aclrtGetRunMode(aclrtRunMode* runMode) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(runMode, "runMode"); result != ACL_SUCCESS) return result;
    *runMode = ACL_HOST;
    return ACL_SUCCESS;
  });
}

aclError aclrtQueryDeviceStatus(int32_t deviceId, aclrtDeviceStatus* deviceStatus) {
  return with_device_id(__func__, deviceId, [&](Device&) -> aclError {
    if (aclError result = require(deviceStatus, "deviceStatus"); result != ACL_SUCCESS) return result;
    *deviceStatus = ACL_RT_DEVICE_STATUS_NORMAL;
    return ACL_SUCCESS;
  });
}

aclError aclrtDeviceGetBareTgid(int32_t* pid) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(pid, "pid"); result != ACL_SUCCESS) return result;
    *pid = getpid();
    return ACL_SUCCESS;
  });
}

aclError aclrtGetLogicDevIdByUserDevId(const int32_t userDevid, int32_t* const logicDevId) {
  return softnpu::number_of(__func__, userDevid, logicDevId, false);
}
aclError aclrtGetUserDevIdByLogicDevId(const int32_t logicDevId, int32_t* const userDevid) {
  return softnpu::number_of(__func__, logicDevId, userDevid, true);
}
aclError aclrtGetLogicDevIdByPhyDevId(const int32_t phyDevId, int32_t* const logicDevId) {
  return softnpu::number_of(__func__, phyDevId, logicDevId, true);  // CANN answers the user's number
}
aclError aclrtGetPhyDevIdByLogicDevId(const int32_t logicDevId, int32_t* const phyDevId) {
  return softnpu::number_of(__func__, logicDevId, phyDevId, false);
}

aclError aclrtDeviceCanAccessPeer(int32_t* canAccessPeer, int32_t deviceId, int32_t peerDeviceId) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    aclError result = require(canAccessPeer, "canAccessPeer");
    if (result == ACL_SUCCESS && softnpu::find_peer(device, peerDeviceId, &result) != nullptr)
      *canAccessPeer = 1;
    return result;
  });
}

aclError aclrtDeviceEnablePeerAccess(int32_t peerDeviceId, uint32_t flags) {
  return with_device(__func__, [&](Device& device) -> aclError {
    if (flags != 0) return fail(ACL_ERROR_FEATURE_UNSUPPORTED, "flags must be 0.");
    aclError result = ACL_SUCCESS;
    if (Device* peer = softnpu::find_peer(device, peerDeviceId, &result)) {
      device.peers.fetch_or(uint64_t{1} << peer->id);
    }
    return result;
  });
}

aclError aclrtDeviceDisablePeerAccess(int32_t peerDeviceId) {
  return with_device(__func__, [&](Device& device) -> aclError {
    aclError result = ACL_SUCCESS;
    if (Device* peer = softnpu::find_peer(device, peerDeviceId, &result)) {
      device.peers.fetch_and(~(uint64_t{1} << peer->id));
    }
    return result;
  });
}

aclError aclrtDevicePeerAccessStatus(int32_t deviceId, int32_t peerDeviceId, int32_t* status) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    aclError result = require(status, "status");
    if (result != ACL_SUCCESS) return result;
    if (Device* peer = softnpu::find_peer(device, peerDeviceId, &result)) {
      *status = int32_t(device.peers.load() >> peer->id & 1);
    }
    return result;
  });
}

aclError aclrtSetStreamFailureMode(aclrtStream stream, uint64_t mode) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (mode != ACL_CONTINUE_ON_FAILURE && mode != ACL_STOP_ON_FAILURE) {
      return fail(ACL_ERROR_INVALID_PARAM, "%llu is not a failure mode.",
                  static_cast<unsigned long long>(mode));
    }
    s.failure_mode.store(mode);
    return ACL_SUCCESS;
  });
}

aclError aclrtSetStreamOverflowSwitch(aclrtStream stream, uint32_t flag) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (flag > 1) return fail(ACL_ERROR_INVALID_PARAM, "the switch is 0 or 1, not %u.", flag);
    s.overflow_switch.store(flag);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetStreamOverflowSwitch(aclrtStream stream, uint32_t* flag) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = require(flag, "flag"); result != ACL_SUCCESS) return result;
    *flag = s.overflow_switch.load();
    return ACL_SUCCESS;
  });
}

aclError aclrtSetStreamAttribute(aclrtStream stream, aclrtStreamAttr stmAttrType,
                                 aclrtStreamAttrValue* value) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    switch (stmAttrType) {
      case ACL_STREAM_ATTR_FAILURE_MODE:
        return aclrtSetStreamFailureMode(stream, value->failureMode);
      case ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK:
        return aclrtSetStreamOverflowSwitch(stream, value->overflowSwitch);
      case ACL_STREAM_ATTR_USER_CUSTOM_TAG:
        s.custom_tag.store(value->userCustomTag);
        return ACL_SUCCESS;
      case ACL_STREAM_ATTR_CACHE_OP_INFO:
        s.cache_op_info.store(value->cacheOpInfoSwitch);
        return ACL_SUCCESS;
      default:
        return fail(ACL_ERROR_INVALID_PARAM, "attribute %d of a stream cannot be set.", int(stmAttrType));
    }
  });
}

aclError aclrtGetStreamAttribute(aclrtStream stream, aclrtStreamAttr stmAttrType,
                                 aclrtStreamAttrValue* value) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    *value = {};
    switch (stmAttrType) {
      case ACL_STREAM_ATTR_FAILURE_MODE:
        value->failureMode = s.failure_mode.load();
        return ACL_SUCCESS;
      case ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK:
        value->overflowSwitch = s.overflow_switch.load();
        return ACL_SUCCESS;
      case ACL_STREAM_ATTR_USER_CUSTOM_TAG:
        value->userCustomTag = s.custom_tag.load();
        return ACL_SUCCESS;
      case ACL_STREAM_ATTR_CACHE_OP_INFO:
        value->cacheOpInfoSwitch = s.cache_op_info.load();
        return ACL_SUCCESS;
      case ACL_STREAM_ATTR_PRIORITY:
        value->streamPriority = s.priority();
        return ACL_SUCCESS;
      default:
        return fail(ACL_ERROR_INVALID_PARAM, "%d is not an attribute of a stream.", int(stmAttrType));
    }
  });
}

// The software NPU's errors are its streams'; there is no broken hardware to describe or repair.
aclError aclrtGetErrorVerbose(int32_t deviceId, aclrtErrorInfo* errorInfo) {
  return with_device_id(__func__, deviceId, [&](Device&) -> aclError {
    if (aclError result = require(errorInfo, "errorInfo"); result != ACL_SUCCESS) return result;
    *errorInfo = {};
    errorInfo->errorType = ACL_RT_NO_ERROR;
    return ACL_SUCCESS;
  });
}

aclError aclrtRepairError(int32_t deviceId, const aclrtErrorInfo* errorInfo) {
  return with_device_id(__func__, deviceId, [&](Device&) -> aclError {
    if (aclError result = require(errorInfo, "errorInfo"); result != ACL_SUCCESS) return result;
    if (errorInfo->errorType == ACL_RT_NO_ERROR) return ACL_SUCCESS;
    return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "device %d has no error of that kind to repair.", deviceId);
  });
}

aclError aclrtGetHardwareSyncAddr(void**) {
  return softnpu::unsupported(__func__, "there is no hardware to synchronise with");
}

}  // extern "C"
