// libhcomm: groups of calls, and memory for communicators.
#include "acl/acl_rt_memory.h"
#include "hccl/hccl_types.h"
#include "softnpu.h"

extern "C" {

// libhccl's, which this library links: it owns what a group keeps.
int32_t softnpu_hccl_group_start(void);
int32_t softnpu_hccl_group_end(void);

HcclResult HcclGroupStart(void) {
  return HcclResult(softnpu_hccl_group_start());
}

HcclResult HcclGroupEnd(void) {
  return HcclResult(softnpu_hccl_group_end());
}

// Memory of the current device, which a communicator can use without copying; here all memory is so.
HcclResult HcommMemAlloc(void** ptr, uint64_t size) {
  return aclrtMalloc(ptr, size, ACL_MEM_MALLOC_HUGE_FIRST) == ACL_SUCCESS ? HCCL_SUCCESS : HCCL_E_MEMORY;
}

HcclResult HcommMemFree(void* ptr) {
  return aclrtFree(ptr) == ACL_SUCCESS ? HCCL_SUCCESS : HCCL_E_PARA;
}

}  // extern "C"
