// Every name of hccl/hccl.h, by the library that exports it. Those that libhccl implements are not listed
// here; each other one answers HCCL_E_NOT_SUPPORT and says so by its name.
#pragma once

// clang-format off
#define SOFT_HCCL_NAMES(X) \
  X(HcclAllGather) X(HcclAllGatherV) X(HcclAllReduce) X(HcclAlltoAll) X(HcclAlltoAllV) X(HcclAlltoAllVC) \
  X(HcclBarrier) X(HcclBatchSendRecv) X(HcclBroadcast) X(HcclCommActivateCommMemory) \
  X(HcclCommDeactivateCommMemory) X(HcclCommDeregister) X(HcclCommDestroy) X(HcclCommExchangeMem) \
  X(HcclCommInitAll) X(HcclCommInitClusterInfo) X(HcclCommInitClusterInfoConfig) X(HcclCommInitRootInfo) \
  X(HcclCommInitRootInfoConfig) X(HcclCommInitRootInfoScalable) X(HcclCommRegister) X(HcclCommResume) \
  X(HcclCommSetMemoryRange) X(HcclCommSuspend) X(HcclCommSymWinDeregister) X(HcclCommSymWinRegister) \
  X(HcclCommUnsetMemoryRange) X(HcclCommWorkingDevNicSet) X(HcclCreateSubCommConfig) \
  X(HcclGetCommAsyncError) X(HcclGetCommConfig) X(HcclGetCommName) X(HcclGetRankId) X(HcclGetRankSize) \
  X(HcclGetRootInfo) X(HcclGetRootInfoScalable) X(HcclRecv) X(HcclReduce) X(HcclReduceScatter) \
  X(HcclReduceScatterV) X(HcclScatter) X(HcclSend) X(HcclSetCommConfig)

// libhcomm
#define SOFT_HCOMM_NAMES(X) \
  X(HcclGroupEnd) X(HcclGroupStart) X(HcommMemAlloc) X(HcommMemFree)
// clang-format on
