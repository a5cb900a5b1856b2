#include "csrc/core/ExpandableSegment.h"

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUDevice.h"

namespace npu {
namespace {

constexpr uint64_t kHugePages = 1;  // flag of aclrtReserveMemAddress

}  // namespace

ExpandableSegment::ExpandableSegment(c10::DeviceIndex device, size_t unit, size_t capacity)
    : device_(device), unit_(unit) {
  const size_t count = (capacity + unit - 1) / unit;
  void* base = nullptr;
  NPU_CHECK(api().aclrtReserveMemAddress(&base, count * unit, 0, nullptr, kHugePages));
  base_ = static_cast<char*>(base);
  units_.resize(count);
}

ExpandableSegment::~ExpandableSegment() {
  if (!is_usable()) return;
  for (size_t i = 0; i < units_.size(); ++i) {
    if (units_[i] == nullptr) continue;
    warn_unless_ok(api().aclrtUnmapMem(base_ + i * unit_), "aclrtUnmapMem(data)");
    warn_unless_ok(api().aclrtFreePhysical(units_[i]), "aclrtFreePhysical(handle)");
  }
  warn_unless_ok(api().aclrtReleaseMemAddress(base_), "aclrtReleaseMemAddress(base)");
}

bool ExpandableSegment::map(char* data, size_t size) {
  aclrtPhysicalMemProp property = {};
  property.handleType = ACL_MEM_HANDLE_TYPE_NONE;
  property.allocationType = ACL_MEM_ALLOCATION_TYPE_PINNED;
  property.memAttr = ACL_HBM_MEM_HUGE;
  property.location.id = static_cast<uint32_t>(device_);
  property.location.type = ACL_MEM_LOCATION_TYPE_DEVICE;

  const size_t first = index_of(data);
  const size_t last = index_of(data + size);
  for (size_t i = first; i < last; ++i) {
    aclrtDrvMemHandle handle = nullptr;
    const int code = api().aclrtMallocPhysical(&handle, unit_, &property, 0);
    if (code != ACL_SUCCESS) {
      if (i > first) unmap(data, (i - first) * unit_);
      if (is_out_of_memory(code)) return false;
      throw_error(code, "aclrtMallocPhysical(...)", __func__, __FILE__, __LINE__);
    }
    const int mapped = api().aclrtMapMem(base_ + i * unit_, unit_, 0, handle, 0);
    if (mapped != ACL_SUCCESS) {
      warn_unless_ok(api().aclrtFreePhysical(handle), "aclrtFreePhysical(handle)");
      if (i > first) unmap(data, (i - first) * unit_);
      throw_error(mapped, "aclrtMapMem(...)", __func__, __FILE__, __LINE__);
    }
    units_[i] = handle;
  }
  return true;
}

void ExpandableSegment::unmap(char* data, size_t size) {
  const size_t last = index_of(data + size);
  for (size_t i = index_of(data); i < last; ++i) {
    NPU_CHECK(api().aclrtUnmapMem(base_ + i * unit_));
    NPU_CHECK(api().aclrtFreePhysical(units_[i]));
    units_[i] = nullptr;
  }
}

}  // namespace npu
