#include "softnpu/acl/vmm.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "acl/acl_rt_memory.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/fault.h"
#include "softnpu/acl/handles.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/share.h"

namespace softnpu {
namespace {

// A range of the memory of a device, of this process or imported. It lives as long as a handle, a mapping or
// an importer needs it.
struct Physical {
  Device* device;
  uint64_t offset, size;
  int fd;
  int handles, mappings;
  bool touched;
  uint64_t shared;  // its exported handle, or 0
  bool is_imported;
  Imported imported;
};

struct Mapping {
  uint64_t size;
  Physical* physical;
  aclrtMemAccessFlags access;
};

struct Vmm {
  std::mutex mutex;
  std::map<uintptr_t, uint64_t> reservations;
  std::map<uintptr_t, Mapping> mappings;
  Arena<Physical, size_t{1} << 18> physicals;
  std::vector<Physical*> lingering;  // freed here, still used by an importer
};
Vmm& vmm() {
  static Vmm* const instance = new Vmm;
  return *instance;
}

Physical* find_physical(aclrtDrvMemHandle handle, aclError* result) {
  Physical* physical = vmm().physicals.find(handle);
  if (physical == nullptr || physical->handles == 0) {
    *result =
        fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is not a handle of physical memory, or it was freed.", handle);
    return nullptr;
  }
  return physical;
}

void free_range(Physical* physical) {
  physical->device->store.give_back(physical->offset, physical->size);
  physical->device->store.unbook(physical->size);
  vmm().physicals.reclaim(physical);
}

// Under the mutex, as what follows.
void let_go(Physical* physical) {
  if (physical->handles > 0 || physical->mappings > 0) return;
  if (physical->is_imported) {
    end_import(physical->imported);
    vmm().physicals.reclaim(physical);
  } else if (physical->shared != 0 && withdraw_export(*physical->device, physical->shared)) {
    vmm().lingering.push_back(physical);
  } else {
    free_range(physical);
  }
}

void free_lingering() {
  std::vector<Physical*>& list = vmm().lingering;
  auto used = [](Physical* p) { return withdraw_export(*p->device, p->shared); };
  auto done = std::partition(list.begin(), list.end(), used);
  std::for_each(done, list.end(), free_range);
  list.erase(done, list.end());
}

std::map<uintptr_t, Mapping>::iterator mapping_around(uintptr_t address) {
  auto& mappings = vmm().mappings;
  auto next = mappings.upper_bound(address);
  if (next == mappings.begin()) return mappings.end();
  --next;
  return address - next->first < next->second.size ? next : mappings.end();
}

aclError reserve(void** address, size_t size, size_t alignment, void* expected) {
  if (aclError result = require(address, "virPtr"); result != ACL_SUCCESS) return result;
  if (size == 0) return fail(ACL_ERROR_INVALID_PARAM, "the size must be more than 0.");
  if (size > kWindowSize / 2) {
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%s of addresses are more than there are.",
                size_text(size).c_str());
  }
  if (alignment != 0 && kUnit % alignment != 0) {
    return fail(ACL_ERROR_INVALID_PARAM, "alignment %zu is not 0 or a divisor of 2 MiB.", alignment);
  }
  std::string problem;
  uint64_t length = round_up(size, kUnit);
  uintptr_t begin = reserve_addresses(length, address_of(expected), &problem);
  if (begin == 0) return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%s.", problem.c_str());
  std::lock_guard<std::mutex> guard(vmm().mutex);
  vmm().reservations[begin] = length;
  *address = reinterpret_cast<void*>(begin);
  return ACL_SUCCESS;
}

aclError release_reservation(void* address) {
  Vmm& v = vmm();
  std::lock_guard<std::mutex> guard(v.mutex);
  auto found = v.reservations.find(address_of(address));
  if (found == v.reservations.end()) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not reserved by aclrtReserveMemAddress.", address);
  }
  auto [begin, size] = *found;
  auto mapped = v.mappings.lower_bound(begin);
  if (mapped != v.mappings.end() && mapped->first < begin + size) {
    return fail(ACL_ERROR_RT_PARAM_INVALID,
                "memory is still mapped in the reservation at %p; call aclrtUnmapMem.", address);
  }
  v.reservations.erase(found);
  release_addresses(begin, size);
  return ACL_SUCCESS;
}

aclError allocate_physical(aclrtDrvMemHandle* handle, size_t size, const aclrtPhysicalMemProp* property) {
  if (aclError result = require(handle, "handle"); result != ACL_SUCCESS) return result;
  if (aclError result = require(property, "prop"); result != ACL_SUCCESS) return result;
  if (size == 0) return fail(ACL_ERROR_INVALID_PARAM, "the size must be more than 0.");
  if (property->location.type != ACL_MEM_LOCATION_TYPE_DEVICE) {
    return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "physical memory is only supported on devices.");
  }
  aclError result = ACL_SUCCESS;
  Device* device = find_device(static_cast<int32_t>(property->location.id), &result);
  if (device == nullptr) return result;
  if (fault::enabled() && fault::refuse_allocation(device->id)) {
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION,
                "device %d is out of memory: %s were refused by SOFTNPU_FAULT.", device->id,
                size_text(size).c_str());
  }
  if (result = device->store.open(); result != ACL_SUCCESS) return result;
  uint64_t length = round_up(size, kUnit);
  std::lock_guard<std::mutex> guard(vmm().mutex);
  free_lingering();
  if (result = device->store.book(length); result != ACL_SUCCESS) return result;
  uint64_t offset = device->store.take_offset(length);
  Physical* physical = offset == Extents::kNone ? nullptr : vmm().physicals.create();
  if (physical == nullptr) {
    if (offset != Extents::kNone) device->store.give_back(offset, length);
    device->store.unbook(length);
    return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "device %d has too many ranges of physical memory.",
                device->id);
  }
  *physical = {device, offset, length, device->store.fd(), 1, 0, false, 0, false, {}};
  *handle = physical;
  return ACL_SUCCESS;
}

aclError free_physical(aclrtDrvMemHandle handle) {
  std::lock_guard<std::mutex> guard(vmm().mutex);
  aclError result = ACL_SUCCESS;
  Physical* physical = find_physical(handle, &result);
  if (physical == nullptr) return result;
  --physical->handles;
  let_go(physical);
  free_lingering();
  return ACL_SUCCESS;
}

aclError check_place(uintptr_t begin, uint64_t size) {
  Vmm& v = vmm();
  auto next = v.reservations.upper_bound(begin);
  bool inside = next != v.reservations.begin();
  if (inside) {
    --next;
    inside = begin - next->first < next->second && size <= next->second - (begin - next->first);
  }
  if (!inside) return fail(ACL_ERROR_RT_PARAM_INVALID, "the range is not inside one reservation.");
  auto after = v.mappings.lower_bound(begin);
  bool taken = after != v.mappings.end() && after->first < begin + size;
  if (taken || mapping_around(begin) != v.mappings.end()) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "memory is mapped in the range already.");
  }
  return ACL_SUCCESS;
}

aclError map(void* address, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags) {
  if (aclError result = require(address, "virPtr"); result != ACL_SUCCESS) return result;
  uintptr_t begin = address_of(address);
  std::lock_guard<std::mutex> guard(vmm().mutex);
  aclError result = ACL_SUCCESS;
  Physical* physical = find_physical(handle, &result);
  if (physical == nullptr) return result;
  if (offset != 0 || flags != 0) return fail(ACL_ERROR_INVALID_PARAM, "offset and flags must be 0.");
  if (begin % kUnit != 0) return fail(ACL_ERROR_INVALID_PARAM, "%p is not a multiple of 2 MiB.", address);
  if (round_up(size, kUnit) != physical->size) {
    return fail(ACL_ERROR_INVALID_PARAM, "the size is %zu, but the physical memory has %llu bytes.", size,
                static_cast<unsigned long long>(physical->size));
  }
  if (result = check_place(begin, physical->size); result != ACL_SUCCESS) return result;
  if (!map_bytes(begin, physical->size, physical->fd, physical->offset)) {
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the system refused to map %s.",
                size_text(physical->size).c_str());
  }
  if (!physical->touched && !physical->is_imported) {
    touch_units(begin, physical->size);
    physical->touched = true;
  }
  for (uint64_t at = 0; at < physical->size; at += kUnit) {
    set_page(begin + at,
             {kUnit, physical->device->id, (physical->offset + at) / kUnit, physical->is_imported});
  }
  ++physical->mappings;
  vmm().mappings[begin] = {physical->size, physical, ACL_RT_MEM_ACCESS_FLAGS_READWRITE};
  return ACL_SUCCESS;
}

aclError unmap(void* address) {
  Vmm& v = vmm();
  std::lock_guard<std::mutex> guard(v.mutex);
  auto found = v.mappings.find(address_of(address));
  if (found == v.mappings.end()) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "no memory is mapped at %p by aclrtMapMem.", address);
  }
  auto [begin, mapping] = *found;
  for (uint64_t at = 0; at < mapping.size; at += kUnit) clear_page(begin + at);
  unmap_bytes(begin, mapping.size);
  v.mappings.erase(found);
  --mapping.physical->mappings;
  let_go(mapping.physical);
  return ACL_SUCCESS;
}

aclError export_physical(aclrtDrvMemHandle handle, uint64_t flags, uint64_t* shared) {
  if (aclError result = require(shared, "shareableHandle"); result != ACL_SUCCESS) return result;
  std::lock_guard<std::mutex> guard(vmm().mutex);
  aclError result = ACL_SUCCESS;
  Physical* physical = find_physical(handle, &result);
  if (physical == nullptr) return result;
  if (physical->is_imported)
    return fail(ACL_ERROR_RT_PARAM_INVALID, "imported memory cannot be exported again.");
  if (physical->shared != 0) return fail(ACL_ERROR_RT_PARAM_INVALID, "the memory has been exported before.");
  bool check_pid = (flags & ACL_RT_VMM_EXPORT_FLAG_DISABLE_PID_VALIDATION) == 0;
  result = export_range(*physical->device, physical->offset, physical->size, check_pid, &physical->shared);
  *shared = physical->shared;
  return result;
}

aclError import_physical(uint64_t shared, Device& device, aclrtDrvMemHandle* handle) {
  if (aclError result = require(handle, "handle"); result != ACL_SUCCESS) return result;
  std::lock_guard<std::mutex> guard(vmm().mutex);
  Imported imported{};
  if (aclError result = import_range(shared, &imported); result != ACL_SUCCESS) return result;
  Physical* physical = vmm().physicals.create();
  if (physical == nullptr) {
    end_import(imported);
    return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the process has too many ranges of physical memory.");
  }
  *physical = {&device, imported.offset, imported.size, imported.fd, 1, 0, true, 0, true, imported};
  *handle = physical;
  return ACL_SUCCESS;
}

aclError only_default(aclrtMemSharedHandleType type) {
  if (type == ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT,
              "memory can only be shared inside one host "
              "(ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT).");
}

}  // namespace

bool find_mapping(uintptr_t address, uintptr_t* begin, uint64_t* size) {
  std::lock_guard<std::mutex> guard(vmm().mutex);
  auto found = mapping_around(address);
  if (found == vmm().mappings.end()) return false;
  *begin = found->first;
  *size = found->second.size;
  return true;
}

}  // namespace softnpu

using softnpu::Device;
using softnpu::entry;
using softnpu::fail;
using softnpu::require;

extern "C" {

aclError aclrtReserveMemAddress(void** virPtr, size_t size, size_t alignment, void* expectPtr, uint64_t) {
  return softnpu::with_device(__func__,
                              [&](Device&) { return softnpu::reserve(virPtr, size, alignment, expectPtr); });
}

aclError aclrtReserveMemAddressNoUCMemory(void** virPtr, size_t size, size_t alignment, void* expectPtr,
                                          uint64_t) {
  return softnpu::with_device(__func__,
                              [&](Device&) { return softnpu::reserve(virPtr, size, alignment, expectPtr); });
}

aclError aclrtReleaseMemAddress(void* virPtr) {
  return entry(__func__, [&] { return softnpu::release_reservation(virPtr); });
}

aclError aclrtMallocPhysical(aclrtDrvMemHandle* handle, size_t size, const aclrtPhysicalMemProp* prop,
                             uint64_t) {
  return entry(__func__, [&] { return softnpu::allocate_physical(handle, size, prop); });
}

aclError aclrtFreePhysical(aclrtDrvMemHandle handle) {
  return entry(__func__, [&] { return softnpu::free_physical(handle); });
}

aclError aclrtMapMem(void* virPtr, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags) {
  return entry(__func__, [&] { return softnpu::map(virPtr, size, offset, handle, flags); });
}

aclError aclrtUnmapMem(void* virPtr) {
  return entry(__func__, [&] { return softnpu::unmap(virPtr); });
}

aclError aclrtMemExportToShareableHandle(aclrtDrvMemHandle handle, aclrtMemHandleType, uint64_t flags,
                                         uint64_t* shareableHandle) {
  return entry(__func__, [&] { return softnpu::export_physical(handle, flags, shareableHandle); });
}

aclError aclrtMemExportToShareableHandleV2(aclrtDrvMemHandle handle, uint64_t flags,
                                           aclrtMemSharedHandleType shareType, void* shareableHandle) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::only_default(shareType); result != ACL_SUCCESS) return result;
    return softnpu::export_physical(handle, flags, static_cast<uint64_t*>(shareableHandle));
  });
}

aclError aclrtMemImportFromShareableHandle(uint64_t shareableHandle, int32_t deviceId,
                                           aclrtDrvMemHandle* handle) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) {
    return softnpu::import_physical(shareableHandle, device, handle);
  });
}

aclError aclrtMemImportFromShareableHandleV2(void* shareableHandle, aclrtMemSharedHandleType shareType,
                                             uint64_t, aclrtDrvMemHandle* handle) {
  return softnpu::with_device(__func__, [&](Device& device) -> aclError {
    if (aclError result = softnpu::only_default(shareType); result != ACL_SUCCESS) return result;
    if (aclError result = require(shareableHandle, "shareableHandle"); result != ACL_SUCCESS) return result;
    return softnpu::import_physical(*static_cast<uint64_t*>(shareableHandle), device, handle);
  });
}

aclError aclrtMemSetPidToShareableHandle(uint64_t shareableHandle, int32_t* pid, size_t pidNum) {
  return entry(__func__, [&] { return softnpu::allow_pids(shareableHandle, pid, pidNum); });
}

aclError aclrtMemSetPidToShareableHandleV2(void* shareableHandle, aclrtMemSharedHandleType shareType,
                                           int32_t* pid, size_t pidNum) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::only_default(shareType); result != ACL_SUCCESS) return result;
    if (aclError result = require(shareableHandle, "shareableHandle"); result != ACL_SUCCESS) return result;
    return softnpu::allow_pids(*static_cast<uint64_t*>(shareableHandle), pid, pidNum);
  });
}

aclError aclrtMemGetAllocationGranularity(aclrtPhysicalMemProp* prop, aclrtMemGranularityOptions,
                                          size_t* granularity) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(prop, "prop"); result != ACL_SUCCESS) return result;
    if (aclError result = require(granularity, "granularity"); result != ACL_SUCCESS) return result;
    *granularity = softnpu::kUnit;
    return ACL_SUCCESS;
  });
}

aclError aclrtMemGetAllocationPropertiesFromHandle(aclrtDrvMemHandle handle, aclrtPhysicalMemProp* prop) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(prop, "prop");
    if (result != ACL_SUCCESS) return result;
    std::lock_guard<std::mutex> guard(softnpu::vmm().mutex);
    softnpu::Physical* physical = softnpu::find_physical(handle, &result);
    if (physical == nullptr) return result;
    *prop = {ACL_MEM_HANDLE_TYPE_NONE,
             ACL_MEM_ALLOCATION_TYPE_PINNED,
             ACL_HBM_MEM_HUGE,
             {uint32_t(physical->device->id), ACL_MEM_LOCATION_TYPE_DEVICE},
             0};
    return ACL_SUCCESS;
  });
}

aclError aclrtMemRetainAllocationHandle(void* virPtr, aclrtDrvMemHandle* handle) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(handle, "handle"); result != ACL_SUCCESS) return result;
    std::lock_guard<std::mutex> guard(softnpu::vmm().mutex);
    auto found = softnpu::vmm().mappings.find(softnpu::address_of(virPtr));
    if (found == softnpu::vmm().mappings.end()) {
      return fail(ACL_ERROR_RT_PARAM_INVALID, "no memory is mapped at %p by aclrtMapMem.", virPtr);
    }
    ++found->second.physical->handles;
    *handle = found->second.physical;
    return ACL_SUCCESS;
  });
}

// Access is kept and answered; it is not enforced.
aclError aclrtMemSetAccess(void* virPtr, size_t size, aclrtMemAccessDesc* desc, size_t count) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(desc, "desc"); result != ACL_SUCCESS) return result;
    std::lock_guard<std::mutex> guard(softnpu::vmm().mutex);
    auto found = softnpu::vmm().mappings.find(softnpu::address_of(virPtr));
    if (found == softnpu::vmm().mappings.end() ||
        found->second.size != softnpu::round_up(size, softnpu::kUnit)) {
      return fail(ACL_ERROR_RT_PARAM_INVALID, "address and size are not those of a mapping of aclrtMapMem.");
    }
    if (count > 0) found->second.access = desc[count - 1].flags;
    return ACL_SUCCESS;
  });
}

aclError aclrtMemGetAccess(void* virPtr, aclrtMemLocation* location, uint64_t* flag) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(location, "location"); result != ACL_SUCCESS) return result;
    if (aclError result = require(flag, "flag"); result != ACL_SUCCESS) return result;
    std::lock_guard<std::mutex> guard(softnpu::vmm().mutex);
    auto found = softnpu::vmm().mappings.find(softnpu::address_of(virPtr));
    if (found == softnpu::vmm().mappings.end()) {
      return fail(ACL_ERROR_RT_PARAM_INVALID, "no memory is mapped at %p by aclrtMapMem.", virPtr);
    }
    bool device = location->type == ACL_MEM_LOCATION_TYPE_DEVICE;
    *flag = device ? found->second.access : ACL_RT_MEM_ACCESS_FLAGS_NONE;
    return ACL_SUCCESS;
  });
}

}  // extern "C"
