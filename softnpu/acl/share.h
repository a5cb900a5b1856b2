// Opening ranges of device memory for other processes, and opening theirs.
#pragma once

#include <cstdint>

#include "softnpu/acl/device.h"
#include "softnpu/acl/vmm.h"

namespace softnpu {

aclError export_range(Device& device, uint64_t offset, uint64_t size, bool check_pid, uint64_t* handle);
aclError allow_pids(uint64_t handle, const int32_t* pids, size_t count);
// Ends the export; true when a process still uses the range, which then stays allocated until it does not.
bool withdraw_export(Device& device, uint64_t handle);

struct Imported {
  int fd;
  StoreHeader* header;
  Export* entry;
  uint64_t offset, size;
  int pid, logical;
};
aclError import_range(uint64_t handle, Imported* imported);
void end_import(const Imported& imported);

}  // namespace softnpu
