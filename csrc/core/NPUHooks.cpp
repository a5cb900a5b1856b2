#include "csrc/core/NPUHooks.h"

#include <mutex>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/core/NPUGenerator.h"
#include "csrc/core/NPUGuard.h"
#include "csrc/core/NPUHostAllocator.h"
#include "csrc/core/NPUStream.h"

namespace npu {

bool NPUHooksInterface::isAvailable() const {
  return device_count() > 0;
}

bool NPUHooksInterface::hasPrimaryContext(c10::DeviceIndex device) const {
  return has_context(device);
}

void NPUHooksInterface::init() const {
  ensure_initialized();
}

c10::DeviceIndex NPUHooksInterface::deviceCount() const {
  return device_count();
}

void NPUHooksInterface::setCurrentDevice(c10::DeviceIndex device) const {
  set_device(device);
}

c10::DeviceIndex NPUHooksInterface::getCurrentDevice() const {
  return current_device();
}

c10::DeviceIndex NPUHooksInterface::exchangeDevice(c10::DeviceIndex device) const {
  return exchange_device(device);
}

c10::DeviceIndex NPUHooksInterface::maybeExchangeDevice(c10::DeviceIndex device) const {
  return maybe_exchange_device(device);
}

bool NPUHooksInterface::isPinnedPtr(const void* data) const {
  return is_pinned_ptr(data);
}

at::Allocator* NPUHooksInterface::getPinnedMemoryAllocator() const {
  return host_allocator();
}

at::Device NPUHooksInterface::getDeviceFromPtr(void* data) const {
  bound_device();
  aclrtPtrAttributes attributes = {};
  NPU_CHECK(api().aclrtPointerGetAttributes(data, &attributes));
  TORCH_CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_DEVICE, "The address ", data,
              " is not one of device memory of npu.");
  return at::Device(at::DeviceType::PrivateUse1, static_cast<c10::DeviceIndex>(attributes.location.id));
}

const at::Generator& NPUHooksInterface::getDefaultGenerator(c10::DeviceIndex device) const {
  return default_generator(device);
}

at::Generator NPUHooksInterface::getNewGenerator(c10::DeviceIndex device) const {
  return create_generator(device);
}

void NPUHooksInterface::resizePrivateUse1Bytes(const c10::Storage& storage, size_t new_size) const {
  c10::StorageImpl* impl = storage.unsafeGetStorageImpl();
  TORCH_CHECK(impl->resizable(), "Trying to resize a storage of npu that is not resizable.");
  const size_t kept = std::min(impl->nbytes(), new_size);
  const NPUGuard guard(impl->device());
  const NPUStream stream = getCurrentNPUStream();
  c10::DataPtr data = caching_allocator().allocate_on(new_size, stream);
  if (kept > 0) {
    NPU_CHECK(api().aclrtMemcpyAsync(data.mutable_get(), new_size, impl->data(), kept,
                                     ACL_MEMCPY_DEVICE_TO_DEVICE, stream.stream()));
    caching_allocator().recordStream(impl->data_ptr(),
                                     stream);  // the copy may run after this stream's turn ends
  }
  impl->set_data_ptr_noswap(std::move(data));
  impl->set_nbytes(new_size);
}

void register_hooks() {
  static std::once_flag once;
  std::call_once(once, [] { at::RegisterPrivateUse1HooksInterface(new NPUHooksInterface); });
}

}  // namespace npu
