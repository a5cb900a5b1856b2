// Device memory for other processes by key (aclrtIpcMem*). A key carries the handle of the shared range, and
// where in it the memory begins.
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "acl/acl_rt_memory.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/memory.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/share.h"

namespace softnpu {
namespace {

constexpr size_t kKeyLength = 65;

struct Attached {
  uintptr_t begin;
  uint64_t size;
  Imported imported;
};

struct Keys {
  std::mutex mutex;
  std::map<std::string, Device*> exported;
  std::map<std::string, Attached> attached;
};
Keys& keys() {
  static Keys* const instance = new Keys;
  return *instance;
}

bool parse(const char* key, uint64_t* handle, uint64_t* skip) {
  return std::sscanf(key, "softnpu-%" SCNx64 "-%" SCNx64, handle, skip) == 2 && *skip < kUnit;
}

aclError make_key(void* pointer, size_t size, char* key, size_t length, uint64_t flags) {
  if (aclError result = require(pointer, "devPtr"); result != ACL_SUCCESS) return result;
  if (aclError result = require(key, "key"); result != ACL_SUCCESS) return result;
  if (length < kKeyLength)
    return fail(ACL_ERROR_INVALID_PARAM, "a key needs %zu bytes, not %zu.", kKeyLength, length);
  uintptr_t address = address_of(pointer), first = address / kUnit * kUnit;
  int id = -1;
  if (size == 0 || !exact_device_range(address, size, &id)) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%p with %zu bytes is not memory of one device.", pointer, size);
  }
  uint64_t span = round_up(address + size - first, kUnit);
  Page page, begin;
  get_page(first, &begin);
  for (uint64_t at = 0; at < span; at += kUnit) {
    if (!get_page(first + at, &page) || page.unit != begin.unit + at / kUnit) {
      return fail(ACL_ERROR_RT_PARAM_INVALID,
                  "the memory is mapped from several physical ranges; export one of them.");
    }
  }
  aclError result = ACL_SUCCESS;
  Device* device = find_device(id, &result);
  if (device == nullptr) return result;
  uint64_t handle = 0;
  bool check_pid = (flags & ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION) == 0;
  result = export_range(*device, begin.unit * kUnit, span, check_pid, &handle);
  if (result != ACL_SUCCESS) return result;
  std::snprintf(key, length, "softnpu-%016" PRIx64 "-%06" PRIx64, handle, uint64_t(address - first));
  std::lock_guard<std::mutex> guard(keys().mutex);
  keys().exported[key] = device;
  return ACL_SUCCESS;
}

// The number that this process gives to a device of the host, or that of the calling thread where it does not
// see it.
int number_of(int logical, const Device& current) {
  int count = 0;
  aclError result = device_count(&count);
  for (int id = 0; result == ACL_SUCCESS && id < count; ++id) {
    if (find_device(id, &result)->logical == logical) return id;
  }
  return current.id;
}

aclError attach(const char* key, void** pointer, const Device& current) {
  if (aclError result = require(key, "key"); result != ACL_SUCCESS) return result;
  if (aclError result = require(pointer, "devPtr"); result != ACL_SUCCESS) return result;
  uint64_t handle = 0, skip = 0;
  if (!parse(key, &handle, &skip)) return fail(ACL_ERROR_RT_PARAM_INVALID, "'%.64s' is not a key.", key);
  std::lock_guard<std::mutex> guard(keys().mutex);
  if (auto known = keys().attached.find(key); known != keys().attached.end()) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "the key is imported already; close it first.");
  }
  Imported imported{};
  if (aclError result = import_range(handle, &imported); result != ACL_SUCCESS) return result;
  std::string problem = "the system refused to map the memory";
  uintptr_t begin = reserve_addresses(imported.size, 0, &problem);
  if (begin == 0 || !map_bytes(begin, imported.size, imported.fd, imported.offset)) {
    if (begin != 0) release_addresses(begin, imported.size);
    end_import(imported);
    return fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%s.", problem.c_str());
  }
  int id = number_of(imported.logical, current);
  for (uint64_t at = 0; at < imported.size; at += kUnit) {
    set_page(begin + at, {kUnit, id, (imported.offset + at) / kUnit, true});
  }
  keys().attached[key] = {begin, imported.size, imported};
  *pointer = reinterpret_cast<void*>(begin + skip);
  return ACL_SUCCESS;
}

aclError close_key(const char* key) {
  if (aclError result = require(key, "key"); result != ACL_SUCCESS) return result;
  std::lock_guard<std::mutex> guard(keys().mutex);
  if (auto found = keys().attached.find(key); found != keys().attached.end()) {
    Attached attached = found->second;
    keys().attached.erase(found);
    for (uint64_t at = 0; at < attached.size; at += kUnit) clear_page(attached.begin + at);
    release_addresses(attached.begin, attached.size);
    end_import(attached.imported);
    return ACL_SUCCESS;
  }
  if (auto found = keys().exported.find(key); found != keys().exported.end()) {
    uint64_t handle = 0, skip = 0;
    parse(key, &handle, &skip);
    withdraw_export(*found->second, handle);
    keys().exported.erase(found);
    return ACL_SUCCESS;
  }
  return fail(ACL_ERROR_RT_PARAM_INVALID, "'%.64s' was neither exported nor imported by this process.", key);
}

}  // namespace
}  // namespace softnpu

using softnpu::entry;

extern "C" {

aclError aclrtIpcMemGetExportKey(void* devPtr, size_t size, char* key, size_t len, uint64_t flags) {
  return entry(__func__, [&] { return softnpu::make_key(devPtr, size, key, len, flags); });
}

aclError aclrtIpcMemSetImportPid(const char* key, int32_t* pid, size_t num) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::require(key, "key"); result != ACL_SUCCESS) return result;
    uint64_t handle = 0, skip = 0;
    if (!softnpu::parse(key, &handle, &skip)) {
      return softnpu::fail(ACL_ERROR_RT_PARAM_INVALID, "'%.64s' is not a key.", key);
    }
    return softnpu::allow_pids(handle, pid, num);
  });
}

aclError aclrtIpcMemImportByKey(void** devPtr, const char* key, uint64_t) {
  return softnpu::with_device(__func__,
                              [&](softnpu::Device& device) { return softnpu::attach(key, devPtr, device); });
}

aclError aclrtIpcMemClose(const char* key) {
  return entry(__func__, [&] { return softnpu::close_key(key); });
}

}  // extern "C"
