#include <array>
#include <mutex>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUDevice.h"

namespace npu {
namespace {

std::string uuid_of(c10::DeviceIndex device) {
  aclrtUuid uuid = {};
  if (!api().aclrtDeviceGetUuid.available() || api().aclrtDeviceGetUuid(device, &uuid) != ACL_SUCCESS)
    return "";
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

// 0 where this CANN does not know the attribute.
int64_t attribute(c10::DeviceIndex device, aclrtDevAttr attr) {
  int64_t value = 0;
  if (!api().aclrtGetDeviceInfo.available() ||
      api().aclrtGetDeviceInfo(static_cast<uint32_t>(device), attr, &value) != ACL_SUCCESS) {
    return 0;
  }
  return value;
}

DeviceProperties read(c10::DeviceIndex device) {
  DeviceProperties properties;
  properties.name = device_name(device);
  properties.uuid = uuid_of(device);
  properties.ai_core_num = static_cast<int32_t>(attribute(device, ACL_DEV_ATTR_AICORE_CORE_NUM));
  properties.cube_core_num = static_cast<int32_t>(attribute(device, ACL_DEV_ATTR_CUBE_CORE_NUM));
  properties.vector_core_num = static_cast<int32_t>(attribute(device, ACL_DEV_ATTR_VECTOR_CORE_NUM));
  properties.l2_cache_size = attribute(device, ACL_DEV_ATTR_L2_CACHE_SIZE);
  properties.total_memory = static_cast<size_t>(attribute(device, ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE));
  if (properties.total_memory == 0) properties.total_memory = memory_info(device).second;
  return properties;
}

}  // namespace

const DeviceProperties& device_properties(c10::DeviceIndex device) {
  static std::mutex mutex;
  static auto* known = new std::array<DeviceProperties*, kMaxDevices>{};
  if (device < 0) device = current_device();
  check_device(device);
  std::lock_guard<std::mutex> lock(mutex);
  DeviceProperties*& slot = (*known)[device];
  if (slot == nullptr) slot = new DeviceProperties(read(device));
  return *slot;
}

}  // namespace npu
