// Kernel binaries. They hold instructions of an AI core, which nothing here can execute.
#include "acl/acl_kernel.h"
#include "softnpu/acl/error.h"

namespace {

constexpr const char* kReason = "a kernel binary holds instructions of an AI core";

aclError refuse(const char* call) {
  return softnpu::unsupported(call, kReason);
}

}  // namespace

extern "C" {

aclError aclrtBinaryGetFunction(const aclrtBinHandle, const char*, aclrtFuncHandle*) {
  return refuse(__func__);
}
aclError aclrtBinaryLoadFromData(const void*, size_t, const aclrtBinaryLoadOptions*, aclrtBinHandle*) {
  return refuse(__func__);
}
aclError aclrtBinaryLoadFromFile(const char*, aclrtBinaryLoadOptions*, aclrtBinHandle*) {
  return refuse(__func__);
}
aclError aclrtBinaryUnLoad(aclrtBinHandle) {
  return refuse(__func__);
}
aclError aclrtGetFunctionAddr(aclrtFuncHandle, void**, void**) {
  return refuse(__func__);
}
aclError aclrtLaunchKernelWithHostArgs(aclrtFuncHandle, uint32_t, aclrtStream, aclrtLaunchKernelCfg*, void*,
                                       size_t, aclrtPlaceHolderInfo*, size_t) {
  return refuse(__func__);
}
int32_t rtDevBinaryRegister(const rtDevBinary_t*, void**) {
  return refuse(__func__);
}
int32_t rtFunctionRegister(void*, const void*, const char*, const void*, uint32_t) {
  return refuse(__func__);
}
int32_t rtGetC2cCtrlAddr(uint64_t*, uint32_t*) {
  return refuse(__func__);
}
int32_t rtKernelLaunch(const void*, uint32_t, void*, uint32_t, rtSmDesc_t*, void*) {
  return refuse(__func__);
}

}  // extern "C"
