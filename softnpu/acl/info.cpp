// What the software NPU says it is: versions, SoC, attributes of a device.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "acl/acl.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/stream.h"

namespace softnpu {
namespace {

// The CANN whose behaviour and ABI this follows.
constexpr const char* kVersion = "8.5.0";
constexpr int kVersionParts[] = {8, 5, 0};

struct Soc {
  const char* prefix;  // of the name; the first that fits
  int64_t cube_cores, vector_cores, l2_bytes;
};
constexpr Soc kSocs[] = {
    {"Ascend910B3", 20, 40, int64_t{192} << 20}, {"Ascend910B4", 20, 40, int64_t{96} << 20},
    {"Ascend910B", 24, 48, int64_t{192} << 20},  {"Ascend910_93", 24, 48, int64_t{192} << 20},
    {"Ascend950", 32, 64, int64_t{128} << 20},   {"Ascend910", 32, 0, int64_t{32} << 20},
    {"Ascend310P", 8, 7, int64_t{16} << 20},     {"Ascend", 24, 48, int64_t{192} << 20},
};

const Soc& soc() {
  for (const Soc& candidate : kSocs) {
    if (settings().soc.rfind(candidate.prefix, 0) == 0) return candidate;
  }
  return kSocs[std::size(kSocs) - 1];
}

bool attribute(const Device& device, aclrtDevAttr which, int64_t* value) {
  switch (which) {
    case ACL_DEV_ATTR_AICPU_CORE_NUM:
      *value = 6;
      return true;
    case ACL_DEV_ATTR_AICORE_CORE_NUM:
    case ACL_DEV_ATTR_CUBE_CORE_NUM:
      *value = soc().cube_cores;
      return true;
    case ACL_DEV_ATTR_VECTOR_CORE_NUM:
      *value = soc().vector_cores;
      return true;
    case ACL_DEV_ATTR_UBUF_PER_VECTOR_CORE:
      *value = 192 * 1024;
      return true;
    case ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE:
      *value = int64_t(settings().memory);
      return true;
    case ACL_DEV_ATTR_L2_CACHE_SIZE:
      *value = soc().l2_bytes;
      return true;
    case ACL_DEV_ATTR_SMP_ID:
      *value = 0;
      return true;
    case ACL_DEV_ATTR_PHY_CHIP_ID:
      *value = device.logical;
      return true;
    case ACL_DEV_ATTR_IS_VIRTUAL:
      *value = 0;
      return true;
    default:
      return false;
  }
}

bool capability(aclDeviceInfo which, int64_t* value) {
  switch (which) {
    case ACL_DEVICE_INFO_AI_CORE_NUM:
      *value = soc().cube_cores;
      return true;
    case ACL_DEVICE_INFO_VECTOR_CORE_NUM:
      *value = soc().vector_cores;
      return true;
    case ACL_DEVICE_INFO_L2_SIZE:
      *value = soc().l2_bytes;
      return true;
    default:
      return false;
  }
}

int64_t hardware_limit(aclrtDevResLimitType type) {
  return type == ACL_RT_DEV_RES_CUBE_CORE ? soc().cube_cores : soc().vector_cores;
}

aclError check_limit(aclrtDevResLimitType type) {
  if (type == ACL_RT_DEV_RES_CUBE_CORE || type == ACL_RT_DEV_RES_VECTOR_CORE) return ACL_SUCCESS;
  return fail(ACL_ERROR_INVALID_PARAM, "%d is not a kind of resource.", int(type));
}

aclError check_limit(aclrtDevResLimitType type, uint32_t value) {
  if (aclError result = check_limit(type); result != ACL_SUCCESS) return result;
  if (value >= 1 && value <= hardware_limit(type)) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_PARAM_INVALID, "the limit %u is not between 1 and %lld.", value,
              static_cast<long long>(hardware_limit(type)));
}

}  // namespace
}  // namespace softnpu

using softnpu::Device;
using softnpu::entry;
using softnpu::fail;
using softnpu::require;
using softnpu::with_device_id;

extern "C" {

const char* aclrtGetSocName(void) {
  return softnpu::settings().soc.c_str();
}

aclError aclrtGetVersion(int32_t* majorVersion, int32_t* minorVersion, int32_t* patchVersion) {
  return entry(__func__, [&]() -> aclError {
    if (majorVersion == nullptr || minorVersion == nullptr || patchVersion == nullptr) {
      return require(nullptr, "version");
    }
    *majorVersion = ACL_MAJOR_VERSION;
    *minorVersion = ACL_MINOR_VERSION;
    *patchVersion = ACL_PATCH_VERSION;
    return ACL_SUCCESS;
  });
}

aclError aclsysGetCANNVersion(aclCANNPackageName name, aclCANNPackageVersion* version) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(version, "version"); result != ACL_SUCCESS) return result;
    if (name < ACL_PKG_NAME_CANN || name > ACL_PKG_NAME_DRIVER) {
      return fail(ACL_ERROR_INVALID_PARAM, "%d is not a package of CANN.", int(name));
    }
    std::memset(version, 0, sizeof(*version));
    std::strcpy(version->version, softnpu::kVersion);
    std::snprintf(version->majorVersion, sizeof(version->majorVersion), "%d", softnpu::kVersionParts[0]);
    std::snprintf(version->minorVersion, sizeof(version->minorVersion), "%d", softnpu::kVersionParts[1]);
    std::snprintf(version->releaseVersion, sizeof(version->releaseVersion), "%d", softnpu::kVersionParts[2]);
    return ACL_SUCCESS;
  });
}

aclError aclsysGetVersionStr(char* pkgName, char* versionStr) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(pkgName, "pkgName"); result != ACL_SUCCESS) return result;
    if (aclError result = require(versionStr, "versionStr"); result != ACL_SUCCESS) return result;
    std::strcpy(versionStr, softnpu::kVersion);
    return ACL_SUCCESS;
  });
}

aclError aclsysGetVersionNum(char* pkgName, int32_t* versionNum) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(pkgName, "pkgName"); result != ACL_SUCCESS) return result;
    if (aclError result = require(versionNum, "versionNum"); result != ACL_SUCCESS) return result;
    const int* part = softnpu::kVersionParts;
    *versionNum = part[0] * 10000000 + part[1] * 100000 + part[2] * 1000;
    return ACL_SUCCESS;
  });
}

aclError aclGetCannAttribute(aclCannAttr cannAttr, int32_t* value) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (cannAttr < ACL_CANN_ATTR_INF_NAN || cannAttr > ACL_CANN_ATTR_JIT_COMPILE) {
      return fail(ACL_ERROR_INVALID_PARAM, "%d is not an attribute of CANN.", int(cannAttr));
    }
    *value = cannAttr == ACL_CANN_ATTR_JIT_COMPILE ? 0 : 1;  // nothing is compiled here
    return ACL_SUCCESS;
  });
}

aclError aclGetCannAttributeList(const aclCannAttr** cannAttrList, size_t* num) {
  return entry(__func__, [&]() -> aclError {
    static constexpr aclCannAttr kSupported[] = {ACL_CANN_ATTR_INF_NAN, ACL_CANN_ATTR_BF16};
    if (aclError result = require(cannAttrList, "cannAttrList"); result != ACL_SUCCESS) return result;
    if (aclError result = require(num, "num"); result != ACL_SUCCESS) return result;
    *cannAttrList = kSupported;
    *num = std::size(kSupported);
    return ACL_SUCCESS;
  });
}

aclError aclGetDeviceCapability(uint32_t deviceId, aclDeviceInfo deviceInfo, int64_t* value) {
  return with_device_id(__func__, int32_t(deviceId), [&](Device&) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (softnpu::capability(deviceInfo, value)) return ACL_SUCCESS;
    return fail(ACL_ERROR_INVALID_PARAM, "%d is not a property of a device.", int(deviceInfo));
  });
}

aclError aclrtGetDeviceInfo(uint32_t deviceId, aclrtDevAttr attr, int64_t* value) {
  return with_device_id(__func__, int32_t(deviceId), [&](Device& device) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (softnpu::attribute(device, attr, value)) return ACL_SUCCESS;
    return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the software NPU has no attribute %d.", int(attr));
  });
}

aclError aclrtGetDeviceCapability(int32_t deviceId, aclrtDevFeatureType, int32_t* value) {
  return with_device_id(__func__, deviceId, [&](Device&) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    *value = ACL_DEV_FEATURE_NOT_SUPPORT;
    return ACL_SUCCESS;
  });
}

// A sample, not an average: busy streams now.
aclError aclrtGetDeviceUtilizationRate(int32_t deviceId, aclrtUtilizationInfo* utilizationInfo) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(utilizationInfo, "utilizationInfo"); result != ACL_SUCCESS) return result;
    bool busy = false;
    for (softnpu::Stream* stream : softnpu::share_streams(device)) {
      busy = busy || !stream->idle();
      stream->drop();
    }
    *utilizationInfo = {busy ? 100 : 0, busy ? 100 : 0, -1, -1, nullptr};
    return ACL_SUCCESS;
  });
}

// The same for all processes of this boot.
aclError aclrtDeviceGetUuid(int32_t deviceId, aclrtUuid* uuid) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(uuid, "uuid"); result != ACL_SUCCESS) return result;
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    boot.erase(std::remove(boot.begin(), boot.end(), '-'), boot.end());
    boot.resize(32, '0');
    for (int i = 0; i < 16; ++i)
      uuid->bytes[i] = char(std::strtol(boot.substr(i * 2, 2).c_str(), nullptr, 16));
    uuid->bytes[15] = char(device.logical);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t* value) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (aclError result = softnpu::check_limit(type); result != ACL_SUCCESS) return result;
    uint32_t set = device.resource_limit[type].load();
    *value = set != 0 ? set : uint32_t(softnpu::hardware_limit(type));
    return ACL_SUCCESS;
  });
}

aclError aclrtSetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t value) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = softnpu::check_limit(type, value); result != ACL_SUCCESS) return result;
    device.resource_limit[type].store(value);
    return ACL_SUCCESS;
  });
}

aclError aclrtResetDeviceResLimit(int32_t deviceId) {
  return with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    for (auto& limit : device.resource_limit) limit.store(0);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t* value) {
  return softnpu::with_stream(__func__, stream, [&](softnpu::Stream& s) -> aclError {
    if (aclError result = require(value, "value"); result != ACL_SUCCESS) return result;
    if (aclError result = softnpu::check_limit(type); result != ACL_SUCCESS) return result;
    uint32_t set = s.resource_limit[type].load();
    if (set == 0) set = s.device().resource_limit[type].load();
    *value = set != 0 ? set : uint32_t(softnpu::hardware_limit(type));
    return ACL_SUCCESS;
  });
}

aclError aclrtSetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t value) {
  return softnpu::with_stream(__func__, stream, [&](softnpu::Stream& s) -> aclError {
    if (aclError result = softnpu::check_limit(type, value); result != ACL_SUCCESS) return result;
    s.resource_limit[type].store(value);
    return ACL_SUCCESS;
  });
}

aclError aclrtResetStreamResLimit(aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [](softnpu::Stream& s) -> aclError {
    for (auto& limit : s.resource_limit) limit.store(0);
    return ACL_SUCCESS;
  });
}

// Cores of the hardware decide nothing about where a kernel of the software NPU runs.
aclError aclrtUseStreamResInCurrentThread(aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [](softnpu::Stream&) -> aclError { return ACL_SUCCESS; });
}
aclError aclrtUnuseStreamResInCurrentThread(aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [](softnpu::Stream&) -> aclError { return ACL_SUCCESS; });
}

aclError aclrtGetResInCurrentThread(aclrtDevResLimitType type, uint32_t* value) {
  return softnpu::with_device(
      __func__, [&](Device& device) -> aclError { return aclrtGetDeviceResLimit(device.id, type, value); });
}

}  // extern "C"
