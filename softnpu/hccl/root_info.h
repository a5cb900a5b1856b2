// How the ranks of a communicator find each other.
//
// HcclGetRootInfo opens a socket in the abstract namespace, which leaves nothing behind, and puts its name
// and a secret into the root info. A thread of the root collects one connection from each rank, checks who it
// is (the same user, the secret, a rank that nobody else has), makes the shared area and passes it to all of
// them. Whatever goes wrong is told to every rank that is there.
#pragma once

#include <cstdint>
#include <string>

#include "hccl/hccl_types.h"
#include "softnpu/hccl/area.h"

namespace softnpu::hccl {

HcclResult make_root_info(HcclRootInfo* info);
// What a communicator is called whose configuration does not say.
std::string default_name(const HcclRootInfo& info);

// On each rank: waits until all have come. Returns the area, or null and the result.
Area* meet(const HcclRootInfo& info, uint32_t size, uint32_t rank, int32_t device, const char* name,
           HcclResult* result);

}  // namespace softnpu::hccl
