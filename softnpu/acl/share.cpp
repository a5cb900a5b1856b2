#include "softnpu/acl/share.h"

#include <unistd.h>

#include "softnpu/acl/error.h"

namespace softnpu {
namespace {

constexpr uint64_t kPidBits = 22, kDeviceBits = 7, kIndexBits = 11, kSerialBits = 24;

bool in_use(uint32_t serial) {
  return serial % 2 == 1;
}

// A handle carries the low bits of the serial.
bool fits(const Export& entry, const Shared& shared) {
  uint32_t mask = (uint32_t{1} << kSerialBits) - 1;
  return in_use(shared.serial) && (entry.serial.load() & mask) == (shared.serial & mask);
}

}  // namespace

uint64_t encode_shared(const Shared& s) {
  uint64_t handle = uint64_t(s.pid);
  handle = handle << kDeviceBits | uint64_t(s.logical);
  handle = handle << kIndexBits | s.index;
  return handle << kSerialBits | (s.serial & ((uint64_t{1} << kSerialBits) - 1));
}

Shared decode_shared(uint64_t handle) {
  auto take = [&handle](uint64_t bits) {
    uint64_t value = handle & ((uint64_t{1} << bits) - 1);
    handle >>= bits;
    return value;
  };
  Shared s{};
  s.serial = uint32_t(take(kSerialBits));
  s.index = uint32_t(take(kIndexBits));
  s.logical = int(take(kDeviceBits));
  s.pid = int(take(kPidBits));
  return s;
}

static_assert(StoreHeader::kExports <= (1 << kIndexBits));

aclError export_range(Device& device, uint64_t offset, uint64_t size, bool check_pid, uint64_t* handle) {
  StoreHeader* header = device.store.header();
  for (int i = 0; i < StoreHeader::kExports; ++i) {
    Export& entry = header->exports[i];
    uint32_t serial = entry.serial.load();
    // A withdrawn entry that an importer still counts in stays taken until the importer is gone.
    bool busy = in_use(serial);
    for (auto& importer : entry.importers) busy = busy || importer.load() != 0;
    if (busy || !entry.serial.compare_exchange_strong(serial, serial + 1)) continue;
    entry.check_pid.store(check_pid ? 1 : 0);
    entry.offset.store(offset);
    entry.size.store(size);
    for (auto& pid : entry.allowed) pid.store(0);
    *handle = encode_shared({getpid(), device.logical, uint32_t(i), serial + 1});
    return ACL_SUCCESS;
  }
  return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "device %d has %d shared ranges, more are not possible.",
              device.id, StoreHeader::kExports);
}

namespace {

// The entry of a handle that this process exported.
Export* own_entry(uint64_t handle, Device** device) {
  Shared shared = decode_shared(handle);
  if (shared.pid != getpid()) return nullptr;
  aclError result = ACL_SUCCESS;
  int count = 0;
  device_count(&count);
  for (int id = 0; id < count; ++id) {
    Device* candidate = find_device(id, &result);
    if (candidate == nullptr || candidate->logical != shared.logical || candidate->store.header() == nullptr)
      continue;
    Export& entry = candidate->store.header()->exports[shared.index % StoreHeader::kExports];
    if (!fits(entry, shared)) return nullptr;
    *device = candidate;
    return &entry;
  }
  return nullptr;
}

}  // namespace

aclError allow_pids(uint64_t handle, const int32_t* pids, size_t count) {
  if (aclError result = require(pids, "pid"); result != ACL_SUCCESS) return result;
  Device* device = nullptr;
  Export* entry = own_entry(handle, &device);
  if (entry == nullptr) return fail(ACL_ERROR_RT_PARAM_INVALID, "this process has not exported that memory.");
  for (size_t i = 0; i < count; ++i) {
    bool stored = false;
    for (auto& slot : entry->allowed) {
      int32_t none = 0;
      if (slot.load() == pids[i] || slot.compare_exchange_strong(none, pids[i])) {
        stored = true;
        break;
      }
    }
    if (!stored) {
      return fail(ACL_ERROR_RT_OVER_LIMIT,
                  "no more than %d processes can be allowed; export without the check.", Export::kPids);
    }
  }
  return ACL_SUCCESS;
}

bool withdraw_export(Device& device, uint64_t handle) {
  Shared shared = decode_shared(handle);
  Export& entry = device.store.header()->exports[shared.index % StoreHeader::kExports];
  if (fits(entry, shared)) entry.serial.fetch_add(1);
  bool used = false;
  for (auto& importer : entry.importers) {
    int32_t pid = importer.load();
    if (pid != 0 && !process_alive(pid)) importer.compare_exchange_strong(pid, 0);
    used = used || importer.load() != 0;
  }
  return used;
}

aclError import_range(uint64_t handle, Imported* imported) {
  Shared shared = decode_shared(handle);
  if (shared.pid == getpid()) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "the memory was exported by this very process; use it directly.");
  }
  int fd = in_use(shared.serial) ? Store::open_of(shared.pid, shared.logical) : -1;
  StoreHeader* header = fd < 0 ? nullptr : Store::map_header(fd);
  if (header == nullptr) {
    if (fd >= 0) close(fd);
    return fail(ACL_ERROR_RT_PARAM_INVALID,
                "process %d, which exported the memory, does not exist or belongs to "
                "another user.",
                shared.pid);
  }
  Export& entry = header->exports[shared.index % StoreHeader::kExports];
  auto refuse = [&](aclError code, const char* why) {
    Store::unmap_header(header);
    close(fd);
    return fail(code, "%s (exported by process %d).", why, shared.pid);
  };
  bool allowed = entry.check_pid.load() == 0;
  for (auto& pid : entry.allowed) allowed = allowed || pid.load() == getpid();
  if (!fits(entry, shared)) {
    return refuse(ACL_ERROR_RT_PARAM_INVALID, "the memory is not shared any more");
  }
  if (!allowed)
    return refuse(ACL_ERROR_RT_NO_PERMISSION, "this process is not among those that may import the memory");
  for (auto& importer : entry.importers) {
    int32_t pid = importer.load();
    if (pid != 0 && !process_alive(pid)) importer.compare_exchange_strong(pid, 0);
    int32_t none = 0;
    if (!importer.compare_exchange_strong(none, getpid())) continue;
    if (!fits(entry,
              shared)) {  // withdrawn, and perhaps given to other memory, before this importer was seen
      importer.store(0);
      return refuse(ACL_ERROR_RT_PARAM_INVALID, "the memory is not shared any more");
    }
    *imported = {fd, header, &entry, entry.offset.load(), entry.size.load(), shared.pid, shared.logical};
    return ACL_SUCCESS;
  }
  return refuse(ACL_ERROR_RT_OVER_LIMIT, "too many processes have imported the memory");
}

void end_import(const Imported& imported) {
  for (auto& importer : imported.entry->importers) {
    int32_t own = getpid();
    if (importer.compare_exchange_strong(own, 0)) break;
  }
  Store::unmap_header(imported.header);
  close(imported.fd);
}

}  // namespace softnpu
