// libhccl: what the software NPU does not offer. Each name answers HCCL_E_NOT_SUPPORT and says so.
//
// hccl/hccl.h is not included: the names are defined without their parameters, which a C caller passes in
// registers and on its own stack, so that one list is enough for all of them.
#include "hccl/hccl_types.h"
#include "softnpu.h"

extern "C" {

#define REFUSE(name)                                                                               \
  HcclResult name(void) {                                                                          \
    return HcclResult(                                                                             \
        softnpu_error(HCCL_E_NOT_SUPPORT, "%s is not supported by the software NPU yet.", #name)); \
  }
// communicators from a rank table
REFUSE(HcclCommInitClusterInfo)
REFUSE(HcclCommInitClusterInfoConfig)
// memory that peers know beforehand; nothing is gained by it where all memory can be reached
REFUSE(HcclCommActivateCommMemory)
REFUSE(HcclCommDeactivateCommMemory)
REFUSE(HcclCommDeregister)
REFUSE(HcclCommExchangeMem)
REFUSE(HcclCommRegister)
REFUSE(HcclCommSetMemoryRange)
REFUSE(HcclCommSymWinDeregister)
REFUSE(HcclCommSymWinRegister)
REFUSE(HcclCommUnsetMemoryRange)
// recovery of a job without starting it again, and other network cards
REFUSE(HcclCommResume)
REFUSE(HcclCommSuspend)
REFUSE(HcclCommWorkingDevNicSet)
#undef REFUSE

}  // extern "C"
