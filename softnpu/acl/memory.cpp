// aclrtMalloc and its kind, and questions about addresses.
#include "softnpu/acl/memory.h"

#include <algorithm>
#include <cstring>

#include "acl/acl_rt_memory.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/fault.h"
#include "softnpu/acl/host.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/vmm.h"

namespace softnpu {
namespace {

aclError allocate(const char* call, void** pointer, size_t size,
                  aclrtMallocConfig* config = nullptr) noexcept {
  return with_device(call, [&](Device& current) -> aclError {
    if (aclError result = require(pointer, "devPtr"); result != ACL_SUCCESS) return result;
    if (size == 0) return fail(ACL_ERROR_INVALID_PARAM, "the size must be more than 0.");
    Device* device = &current;
    for (size_t i = 0; config != nullptr && i < config->numAttrs; ++i) {
      const aclrtMallocAttribute& attribute = config->attrs[i];
      if (attribute.attr != ACL_RT_MEM_ATTR_DEVICE_ID) continue;
      aclError result = ACL_SUCCESS;
      device = find_device(static_cast<int32_t>(attribute.value.deviceId), &result);
      if (device == nullptr) return result;
    }
    if (fault::enabled() && fault::refuse_allocation(device->id)) {
      return fail(ACL_ERROR_RT_MEMORY_ALLOCATION,
                  "device %d is out of memory: %s were refused by SOFTNPU_FAULT.", device->id,
                  size_text(size).c_str());
    }
    if (aclError result = device->store.open(); result != ACL_SUCCESS) return result;
    return device->heap.allocate(size, pointer);
  });
}

// The device whose heap the address belongs to, or null.
Device* heap_of(uintptr_t address) {
  Page page;
  if (!get_page(address, &page)) return nullptr;
  aclError result = ACL_SUCCESS;
  Device* device = find_device(page.device, &result);
  return device != nullptr && device->heap.owns(address) ? device : nullptr;
}

aclError release(void* pointer) {
  if (aclError result = require(pointer, "devPtr"); result != ACL_SUCCESS) return result;
  uintptr_t address = address_of(pointer);
  Device* device = heap_of(address);
  if (device != nullptr && device->heap.release(address)) return ACL_SUCCESS;
  const char* why = !in_window(address) ? "it is not device memory"
                    : softnpu_device_of(pointer, 1) < 0
                        ? "it was freed before, or never allocated"
                        : "it is not the begin of a block that aclrtMalloc returned";
  return fail(ACL_ERROR_RT_PARAM_INVALID, "%p cannot be freed: %s.", pointer, why);
}

aclrtMemLocation location_of(const void* pointer) {
  int device = softnpu_device_of(pointer, 1);
  uintptr_t begin = 0;
  uint64_t size = 0;
  if (device >= 0) return {uint32_t(device), ACL_MEM_LOCATION_TYPE_DEVICE};
  if (find_pinned(address_of(pointer), &begin, &size)) return {0, ACL_MEM_LOCATION_TYPE_HOST};
  return {0, ACL_MEM_LOCATION_TYPE_UNREGISTERED};
}

aclError address_range(void* pointer, void** base, size_t* size) {
  uintptr_t address = address_of(pointer), begin = 0;
  uint64_t length = 0;
  Heap::Block block{};
  if (Device* device = heap_of(address); device != nullptr && device->heap.find(address, &begin, &block)) {
    length = block.size;
  } else if (!find_mapping(address, &begin, &length) && !find_pinned(address, &begin, &length)) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%p lies in no block of device or pinned memory.", pointer);
  }
  if (base != nullptr) *base = reinterpret_cast<void*>(begin);
  if (size != nullptr) *size = length;
  return ACL_SUCCESS;
}

}  // namespace

bool exact_device_range(uintptr_t address, uint64_t size, int* device) {
  *device = softnpu_device_of(reinterpret_cast<void*>(address), size);
  if (*device < 0) return false;
  uintptr_t begin = 0;
  Heap::Block block{};
  Device* owner = heap_of(address);
  if (owner == nullptr) return true;  // mapped by aclrtMapMem: the page table is exact
  return owner->heap.find(address, &begin, &block) && size <= block.size - (address - begin);
}

}  // namespace softnpu

using softnpu::Device;
using softnpu::entry;
using softnpu::fail;
using softnpu::require;

extern "C" {

// Whether a page is huge is the kernel's decision, so the policies differ in nothing here.
aclError aclrtMalloc(void** devPtr, size_t size, aclrtMemMallocPolicy) {
  return softnpu::allocate(__func__, devPtr, size);
}

aclError aclrtMallocAlign32(void** devPtr, size_t size, aclrtMemMallocPolicy) {
  return softnpu::allocate(__func__, devPtr, size);
}

aclError aclrtMallocCached(void** devPtr, size_t size, aclrtMemMallocPolicy) {
  return softnpu::allocate(__func__, devPtr, size);
}

aclError aclrtMallocWithCfg(void** devPtr, size_t size, aclrtMemMallocPolicy, aclrtMallocConfig* cfg) {
  return softnpu::allocate(__func__, devPtr, size, cfg);
}

aclError aclrtFree(void* devPtr) {
  return entry(__func__, [&] { return softnpu::release(devPtr); });
}

aclError aclrtFreeWithDevSync(void* devPtr) {
  return softnpu::with_device(__func__, [&](Device&) -> aclError {
    aclError result = aclrtSynchronizeDevice();
    return result != ACL_SUCCESS ? result : softnpu::release(devPtr);
  });
}

aclError aclrtGetMemInfo(aclrtMemAttr, size_t* free, size_t* total) {
  return softnpu::with_device(__func__, [&](Device& device) -> aclError {
    if (aclError result = require(free, "free"); result != ACL_SUCCESS) return result;
    if (aclError result = require(total, "total"); result != ACL_SUCCESS) return result;
    if (aclError result = device.store.open(); result != ACL_SUCCESS) return result;
    softnpu::Store::Use use = device.store.use();
    *total = use.total;
    *free = use.total - std::min(use.total, use.own + use.others);
    return ACL_SUCCESS;
  });
}

// One component: this process.
aclError aclrtGetMemUsageInfo(int32_t deviceId, aclrtMemUsageInfo* memUsageInfo, size_t inputNum,
                              size_t* outputNum) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(outputNum, "outputNum"); result != ACL_SUCCESS) return result;
    if (aclError result = device.store.open(); result != ACL_SUCCESS) return result;
    *outputNum = 0;
    if (inputNum == 0 || memUsageInfo == nullptr) return ACL_SUCCESS;
    *memUsageInfo = {};
    std::strcpy(memUsageInfo->name, "RUNTIME");
    memUsageInfo->curMemSize = device.store.use().own;
    memUsageInfo->memPeakSize = device.store.peak();
    *outputNum = 1;
    return ACL_SUCCESS;
  });
}

aclError aclrtPointerGetAttributes(const void* ptr, aclrtPtrAttributes* attributes) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(ptr, "ptr"); result != ACL_SUCCESS) return result;
    if (aclError result = require(attributes, "attributes"); result != ACL_SUCCESS) return result;
    *attributes = {};
    attributes->location = softnpu::location_of(ptr);
    attributes->pageSize =
        attributes->location.type == ACL_MEM_LOCATION_TYPE_DEVICE ? uint32_t(softnpu::kUnit) : 4096;
    return ACL_SUCCESS;
  });
}

aclError aclrtMemGetAddressRange(void* ptr, void** pbase, size_t* psize) {
  return entry(__func__, [&] { return softnpu::address_range(ptr, pbase, psize); });
}

aclError aclrtCheckMemType(void** addrList, uint32_t size, uint32_t memType, uint32_t* checkResult,
                           uint32_t) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(addrList, "addrList"); result != ACL_SUCCESS) return result;
    if (aclError result = require(checkResult, "checkResult"); result != ACL_SUCCESS) return result;
    constexpr uint32_t kOnlyDevice = 0x1;  // memory of the device, as opposed to memory for media data
    bool all = memType == kOnlyDevice;
    for (uint32_t i = 0; i < size; ++i) all = all && softnpu_device_of(addrList[i], 1) >= 0;
    *checkResult = all ? 1 : 0;
    return ACL_SUCCESS;
  });
}

// The memory of the software NPU has no errors to find or repair.
aclError aclrtGetMemUceInfo(int32_t deviceId, aclrtMemUceInfo*, size_t, size_t* retSize) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device&) -> aclError {
    if (aclError result = require(retSize, "retSize"); result != ACL_SUCCESS) return result;
    *retSize = 0;
    return ACL_SUCCESS;
  });
}

aclError aclrtMemUceRepair(int32_t deviceId, aclrtMemUceInfo*, size_t arraySize) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (arraySize == 0) return ACL_SUCCESS;
    return fail(ACL_ERROR_RT_PARAM_INVALID, "device %d has no memory errors to repair.", device.id);
  });
}

}  // extern "C"
