// What the control groups of this process leave it of the machine (v1 and v2).
#pragma once

#include <cstdint>

namespace softnpu {

// The least memory limit on the way to the root, in bytes; the largest number where there is none.
uint64_t cgroup_memory();
// The least CPU quota, in whole cores, at least 1; the largest int where there is none.
int cgroup_cores();

}  // namespace softnpu
