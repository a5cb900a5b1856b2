// What ATen asks of an out-of-tree device that is not a guard's business.
#pragma once

#include <ATen/detail/PrivateUse1HooksInterface.h>

namespace npu {

struct NPUHooksInterface final : public at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override;
  bool hasPrimaryContext(c10::DeviceIndex device) const override;
  void init() const override;

  c10::DeviceIndex deviceCount() const override;
  void setCurrentDevice(c10::DeviceIndex device) const override;
  c10::DeviceIndex getCurrentDevice() const override;
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex device) const override;
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex device) const override;

  bool isPinnedPtr(const void* data) const override;
  at::Allocator* getPinnedMemoryAllocator() const override;
  at::Device getDeviceFromPtr(void* data) const override;

  const at::Generator& getDefaultGenerator(c10::DeviceIndex device) const override;
  at::Generator getNewGenerator(c10::DeviceIndex device) const override;

  // Growing and shrinking copy on the device: min(old, new) bytes survive.
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t new_size) const override;
};

// Idempotent. torch sees the hooks from here on.
void register_hooks();

}  // namespace npu
