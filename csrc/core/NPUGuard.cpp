#include "csrc/core/NPUGuard.h"

#include <c10/core/DeviceCapability.h>
#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/DType.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUEvent.h"

namespace npu {

C10_REGISTER_GUARD_IMPL(PrivateUse1, NPUGuardImpl)

NPUGuardImpl::NPUGuardImpl(c10::DeviceType type) {
  TORCH_INTERNAL_ASSERT(type == static_type);
}

void NPUGuardImpl::setDevice(c10::Device device) const {
  TORCH_CHECK(device.type() == static_type, "Expected a device of npu, but got ", device, ".");
  if (device.has_index()) set_device(device.index());
}

c10::DeviceCapability NPUGuardImpl::getDeviceCapability(c10::Device) const {
  c10::DeviceCapability capability;
  capability.capability_data.capability_bits = 0;
#define NPU_TYPE_BIT(_, name)                                                 \
  if (try_acl_dtype(c10::ScalarType::name) != ACL_DT_UNDEFINED) {             \
    capability.capability_data.capability_bits |= 1ULL << c10::kIndex_##name; \
  }
  AT_FORALL_SCALAR_TYPES_WITH_COMPLEX_AND_QINTS(NPU_TYPE_BIT)
#undef NPU_TYPE_BIT
  return capability;
}

void NPUGuardImpl::synchronizeDevice(c10::DeviceIndex device) const {
  synchronize(device);
}

c10::Stream NPUGuardImpl::getStream(c10::Device device) const {
  if (device.has_index()) check_device(device.index());
  return getCurrentNPUStream(device.index());
}

c10::Stream NPUGuardImpl::getDefaultStream(c10::Device device) const {
  return getDefaultNPUStream(device.index());
}

c10::Stream NPUGuardImpl::getStreamFromGlobalPool(c10::Device device, bool high_priority) const {
  return getStreamFromPool(high_priority, device.index());
}

c10::Stream NPUGuardImpl::getNewStream(c10::Device device, int priority) const {
  return getStreamFromPool(priority, device.index());
}

c10::Stream NPUGuardImpl::exchangeStream(c10::Stream stream) const {
  const NPUStream next(stream);
  const NPUStream previous = getCurrentNPUStream(next.device_index());
  setCurrentNPUStream(next);
  return previous;
}

void* NPUGuardImpl::getStreamNativeHandle(c10::Stream stream) const {
  return NPUStream(stream).stream();
}

bool NPUGuardImpl::queryStream(const c10::Stream& stream) const {
  return NPUStream(stream).query();
}

void NPUGuardImpl::synchronizeStream(const c10::Stream& stream) const {
  NPUStream(stream).synchronize();
}

bool NPUGuardImpl::isStreamCapturing(const c10::Stream& stream) const {
  return NPUStream(stream).is_capturing();
}

void NPUGuardImpl::record(void** event, const c10::Stream& stream, c10::DeviceIndex device,
                          c10::EventFlag flag) const {
  TORCH_CHECK(device == -1 || device == stream.device_index(), "An event of npu:", static_cast<int>(device),
              " cannot be recorded on a stream of npu:", static_cast<int>(stream.device_index()), ".");
  const NPUStream target(stream);
  const NPUGuard guard(target.device_index());
  aclrtEvent handle = *event;
  if (handle == nullptr) handle = create_event(flag == c10::EventFlag::BACKEND_DEFAULT);
  *event = handle;
  NPU_CHECK(api().aclrtRecordEvent(handle, target.stream()));
}

void NPUGuardImpl::block(void* event, const c10::Stream& stream) const {
  if (event == nullptr) return;
  const NPUStream waiter(stream);
  const NPUGuard guard(waiter.device_index());
  NPU_CHECK(api().aclrtStreamWaitEvent(waiter.stream(), event));
}

bool NPUGuardImpl::queryEvent(void* event) const {
  if (event == nullptr) return true;
  bound_device();
  return query_event(event);
}

void NPUGuardImpl::synchronizeEvent(void* event) const {
  if (event == nullptr) return;
  bound_device();
  NPU_CHECK(api().aclrtSynchronizeEvent(event));
}

double NPUGuardImpl::elapsedTime(void* start, void* end, c10::DeviceIndex device) const {
  TORCH_CHECK(start != nullptr && end != nullptr,
              "Both events must be recorded before asking for the time between.");
  const NPUGuard guard(device);
  float milliseconds = 0;
  NPU_CHECK(api().aclrtEventElapsedTime(&milliseconds, start, end));
  return milliseconds;
}

void NPUGuardImpl::destroyEvent(void* event, c10::DeviceIndex device) const noexcept {
  destroy_event(event, device);
}

void NPUGuardImpl::recordDataPtrOnStream(const c10::DataPtr& data, const c10::Stream& stream) const {
  caching_allocator().recordStream(data, stream);
}

}  // namespace npu
