// An address range of a device to which physical memory is added, and from which it is taken, unit by unit.
#pragma once

#include <cstddef>
#include <vector>

#include <c10/core/Device.h>

#include "acl/acl.h"

namespace npu {

class ExpandableSegment {
 public:
  // Reserves addresses for `capacity` bytes, rounded up to units; no memory yet. The thread is bound to the
  // device.
  ExpandableSegment(c10::DeviceIndex device, size_t unit, size_t capacity);
  ~ExpandableSegment();
  ExpandableSegment(const ExpandableSegment&) = delete;
  ExpandableSegment& operator=(const ExpandableSegment&) = delete;

  char* base() const noexcept { return base_; }
  size_t capacity() const noexcept { return units_.size() * unit_; }
  size_t unit() const noexcept { return unit_; }

  size_t round_up(size_t size) const noexcept { return (size + unit_ - 1) / unit_ * unit_; }
  size_t round_down(size_t size) const noexcept { return size / unit_ * unit_; }

  // `data` and `size` are multiples of the unit from the base. Returns false, and maps nothing, where the
  // device has not enough memory; throws on any other failure.
  bool map(char* data, size_t size);

  // The units must be mapped and no work may use them.
  void unmap(char* data, size_t size);

 private:
  size_t index_of(const char* data) const noexcept { return static_cast<size_t>(data - base_) / unit_; }

  c10::DeviceIndex device_;
  size_t unit_;
  char* base_ = nullptr;
  std::vector<aclrtDrvMemHandle> units_;  // null where not mapped
};

}  // namespace npu
