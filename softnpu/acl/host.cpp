#include "softnpu/acl/host.h"

#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <shared_mutex>

#include "acl/acl_rt_memory.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/pages.h"

namespace softnpu {
namespace {

struct Pinned {
  uint64_t size;
  uint64_t mapped;  // 0: registered, it belongs to the program
};

struct Registry {
  std::shared_mutex mutex;
  std::map<uintptr_t, Pinned> blocks;
};
Registry& registry() {
  static Registry* const instance = new Registry;
  return *instance;
}

aclError allocate(void** pointer, uint64_t size) {
  if (aclError result = require(pointer, "hostPtr"); result != ACL_SUCCESS) return result;
  if (size == 0) return fail(ACL_ERROR_INVALID_PARAM, "the size must be more than 0.");
  aclError result = ACL_SUCCESS;
  if (settings().strict && current_context(&result) == nullptr) return result;
  uint64_t mapped = round_up(size, uint64_t(sysconf(_SC_PAGESIZE)));
  void* memory = mapped < size
                     ? MAP_FAILED
                     : mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host has no %s for pinned memory.",
                size_text(size).c_str());
  }
  if (mapped >= kUnit) madvise(memory, mapped, MADV_HUGEPAGE);
  Registry& r = registry();
  std::unique_lock<std::shared_mutex> guard(r.mutex);
  r.blocks[address_of(memory)] = {size, mapped};
  *pointer = memory;
  return ACL_SUCCESS;
}

aclError release(void* pointer) {
  if (aclError result = require(pointer, "hostPtr"); result != ACL_SUCCESS) return result;
  Registry& r = registry();
  std::unique_lock<std::shared_mutex> guard(r.mutex);
  auto found = r.blocks.find(address_of(pointer));
  if (found == r.blocks.end() || found->second.mapped == 0) {
    return fail(ACL_ERROR_INVALID_PARAM, "%p was not allocated by aclrtMallocHost, or was freed before.",
                pointer);
  }
  uint64_t mapped = found->second.mapped;
  r.blocks.erase(found);
  guard.unlock();
  munmap(pointer, mapped);
  return ACL_SUCCESS;
}

aclError pin(void* pointer, uint64_t size) {
  if (aclError result = require(pointer, "ptr"); result != ACL_SUCCESS) return result;
  if (size == 0) return fail(ACL_ERROR_INVALID_PARAM, "the size must be more than 0.");
  uintptr_t begin = address_of(pointer);
  if (in_window(begin))
    return fail(ACL_ERROR_INVALID_PARAM, "%p is device memory, not host memory.", pointer);
  Registry& r = registry();
  std::unique_lock<std::shared_mutex> guard(r.mutex);
  auto next = r.blocks.lower_bound(begin + size);
  if (next != r.blocks.begin()) {
    --next;
    if (next->first + next->second.size > begin) {
      return fail(ACL_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "%p, or a part of it, is pinned already.",
                  pointer);
    }
  }
  r.blocks[begin] = {size, 0};
  return ACL_SUCCESS;
}

}  // namespace

bool find_pinned(uintptr_t address, uintptr_t* begin, uint64_t* size) {
  Registry& r = registry();
  std::shared_lock<std::shared_mutex> guard(r.mutex);
  auto next = r.blocks.upper_bound(address);
  if (next == r.blocks.begin()) return false;
  --next;
  if (address - next->first >= next->second.size) return false;
  *begin = next->first;
  *size = next->second.size;
  return true;
}

bool is_pinned(uintptr_t address, uint64_t size) {
  uintptr_t begin = 0;
  uint64_t length = 0;
  return find_pinned(address, &begin, &length) && size <= length - (address - begin);
}

}  // namespace softnpu

using softnpu::entry;
using softnpu::fail;

extern "C" {

aclError aclrtMallocHost(void** hostPtr, size_t size) {
  return entry(__func__, [&] { return softnpu::allocate(hostPtr, size); });
}

aclError aclrtMallocHostWithCfg(void** ptr, uint64_t size, aclrtMallocConfig* cfg) {
  return entry(__func__, [&]() -> aclError {
    for (size_t i = 0; cfg != nullptr && i < cfg->numAttrs; ++i) {
      aclrtMallocAttrType type = cfg->attrs[i].attr;
      if (type == ACL_RT_MEM_ATTR_RSV || type == ACL_RT_MEM_ATTR_MODULE_ID) continue;
      if (type == ACL_RT_MEM_ATTR_VA_FLAG && cfg->attrs[i].value.vaFlag == 0) continue;
      return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "attribute %d of host memory is not supported.",
                  int(type));
    }
    return softnpu::allocate(ptr, size);
  });
}

aclError aclrtFreeHost(void* hostPtr) {
  return entry(__func__, [&] { return softnpu::release(hostPtr); });
}

aclError aclrtFreeHostWithDevSync(void* hostPtr) {
  return softnpu::with_device(__func__, [&](softnpu::Device&) -> aclError {
    aclError result = aclrtSynchronizeDevice();
    return result != ACL_SUCCESS ? result : softnpu::release(hostPtr);
  });
}

// A kernel reaches memory by adding a constant to its device address, and memory that the program allocated
// cannot be moved to where that leads. Pinning it, so that copies are asynchronous, is what we can do.
aclError aclrtHostRegister(void*, uint64_t, aclrtHostRegisterType, void**) {
  return softnpu::unsupported(
      __func__,
      "kernels cannot reach memory of the host; to make copies of it asynchronous call "
      "aclrtHostRegisterV2 with ACL_HOST_REG_PINNED");
}

aclError aclrtHostRegisterV2(void* ptr, uint64_t size, uint32_t flag) {
  return entry(__func__, [&]() -> aclError {
    if (flag == ACL_HOST_REG_PINNED) return softnpu::pin(ptr, size);
    return fail(
        ACL_ERROR_RT_FEATURE_NOT_SUPPORT,
        "flag 0x%x is not supported: kernels cannot reach memory of the host; ACL_HOST_REG_PINNED is.", flag);
  });
}

aclError aclrtHostUnregister(void* ptr) {
  return entry(__func__, [&]() -> aclError {
    softnpu::Registry& r = softnpu::registry();
    std::unique_lock<std::shared_mutex> guard(r.mutex);
    auto found = r.blocks.find(softnpu::address_of(ptr));
    if (found == r.blocks.end() || found->second.mapped != 0) {
      return fail(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, "%p is not registered.", ptr);
    }
    r.blocks.erase(found);
    return ACL_SUCCESS;
  });
}

aclError aclrtHostGetDevicePointer(void*, void**, uint32_t) {
  return softnpu::unsupported(__func__, "kernels cannot reach memory of the host");
}

}  // extern "C"
