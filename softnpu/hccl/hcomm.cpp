// libhcomm: groups of calls, and memory for communicators.
#include "hccl/hccl_types.h"
#include "softnpu.h"
#include "softnpu/hccl/names.h"

extern "C" {

#define REFUSE(name)                                                                               \
  HcclResult name(void) {                                                                          \
    return HcclResult(                                                                             \
        softnpu_error(HCCL_E_NOT_SUPPORT, "%s is not supported by the software NPU yet.", #name)); \
  }
SOFT_HCOMM_NAMES(REFUSE)
#undef REFUSE

}  // extern "C"
