/* Loading and launching of kernel binaries. */
#pragma once

#include "acl/acl_structs.h"

#ifdef __cplusplus
extern "C" {
#endif

aclError aclrtBinaryGetFunction(const aclrtBinHandle binHandle, const char* kernelName,
                                aclrtFuncHandle* funcHandle);
aclError aclrtBinaryLoadFromData(const void* data, size_t length, const aclrtBinaryLoadOptions* options,
                                 aclrtBinHandle* binHandle);
aclError aclrtBinaryLoadFromFile(const char* binPath, aclrtBinaryLoadOptions* options,
                                 aclrtBinHandle* binHandle);
aclError aclrtBinaryUnLoad(aclrtBinHandle binHandle);
aclError aclrtGetFunctionAddr(aclrtFuncHandle funcHandle, void** aicAddr, void** aivAddr);
aclError aclrtLaunchKernelWithHostArgs(aclrtFuncHandle funcHandle, uint32_t numBlocks, aclrtStream stream,
                                       aclrtLaunchKernelCfg* cfg, void* hostArgs, size_t argsSize,
                                       aclrtPlaceHolderInfo* placeHolderArray, size_t placeHolderNum);
int32_t rtDevBinaryRegister(const rtDevBinary_t* bin, void** handle);
int32_t rtFunctionRegister(void* binHandle, const void* stubFunc, const char* stubName, const void* devFunc,
                           uint32_t funcMode);
int32_t rtGetC2cCtrlAddr(uint64_t* addr, uint32_t* len);
typedef struct rtSmDesc rtSmDesc_t;
int32_t rtKernelLaunch(const void* stubFunc, uint32_t blockDim, void* args, uint32_t argsSize,
                       rtSmDesc_t* smDesc, void* stream);

#ifdef __cplusplus
} /* extern "C" */
#endif
