// A CANN of a few functions, for the tests of the loader: FAKE_VERSION is what it says of itself, FAKE_MARK
// is printed when it is loaded, FAKE_OMIT_MEMORY leaves out the allocation functions.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "acl/acl.h"
#include "aclnn/aclnn_base.h"

namespace {

thread_local int32_t current = -1;

#ifdef FAKE_MARK
__attribute__((constructor)) void announce() {
  std::puts(FAKE_MARK);
  std::fflush(stdout);
}
#endif

}  // namespace

extern "C" {

aclError aclInit(const char*) {
  return ACL_SUCCESS;
}
aclError aclFinalize() {
  return ACL_SUCCESS;
}
const char* aclGetRecentErrMsg() {
  return nullptr;
}

#ifdef FAKE_VERSION
aclError aclsysGetCANNVersion(aclCANNPackageName, aclCANNPackageVersion* version) {
  std::strcpy(version->version, FAKE_VERSION);
  return ACL_SUCCESS;
}
#endif

aclError aclrtGetDeviceCount(uint32_t* count) {
  *count = 3;
  return ACL_SUCCESS;
}

aclError aclrtSetDevice(int32_t device) {
  current = device;
  return ACL_SUCCESS;
}

aclError aclrtGetDevice(int32_t* device) {
  *device = current;
  return current < 0 ? ACL_ERROR_RT_CONTEXT_NULL : ACL_SUCCESS;
}

aclError aclrtResetDevice(int32_t) {
  return ACL_SUCCESS;
}
aclError aclrtSynchronizeDevice() {
  return ACL_SUCCESS;
}
const char* aclrtGetSocName() {
  return "AscendFake";
}

aclTensor* aclCreateTensor(const int64_t*, uint64_t, aclDataType, const int64_t*, int64_t, aclFormat,
                           const int64_t*, uint64_t, void*) {
  return nullptr;
}

aclError aclrtGetMemInfo(aclrtMemAttr, size_t* free, size_t* total) {
  *free = *total = size_t{1} << 30;
  return ACL_SUCCESS;
}

#ifndef FAKE_OMIT_MEMORY
aclError aclrtMalloc(void** data, size_t size, aclrtMemMallocPolicy) {
  *data = std::aligned_alloc(size_t{1} << 21, (size + (size_t{1} << 21) - 1) >> 21 << 21);
  return *data != nullptr ? ACL_SUCCESS : ACL_ERROR_RT_MEMORY_ALLOCATION;
}

aclError aclrtFree(void* data) {
  std::free(data);
  return ACL_SUCCESS;
}
#endif

}  // extern "C"
