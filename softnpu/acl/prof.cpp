// Profiling. Without a profiler the reports of a program go nowhere, as on a machine where none is attached;
// starting one is refused.
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "acl/acl_prof.h"
#include "futex.h"
#include "softnpu/acl/error.h"

namespace {

aclError refuse(const char* call) {
  return softnpu::unsupported(call,
                              "there is no profiler of the device; torch.profiler shows the host's side");
}

}  // namespace

extern "C" {

// Names become numbers, the same number for the same name in this process.
uint64_t MsprofGetHashId(const char* hashInfo, size_t length) {
  if (hashInfo == nullptr) return 0;
  uint64_t hash = 14695981039346656037ull;
  for (size_t i = 0; i < length; ++i)
    hash = (hash ^ static_cast<unsigned char>(hashInfo[i])) * 1099511628211ull;
  return hash;
}

// The callback would be told when a profiler starts, which never happens.
int32_t MsprofRegisterCallback(uint32_t, int32_t (*)(uint32_t, void*, uint32_t)) {
  return 0;
}
int32_t MsprofReportAdditionalInfo(uint32_t, const void*, uint32_t) {
  return 0;
}
int32_t MsprofReportApi(uint32_t, const struct MsprofApi*) {
  return 0;
}
int32_t MsprofReportCompactInfo(uint32_t, const void*, uint32_t) {
  return 0;
}
uint64_t MsprofSysCycleTime(void) {
  return static_cast<uint64_t>(softnpu::now_ns());
}

aclprofConfig* aclprofCreateConfig(uint32_t*, uint32_t, aclprofAicoreMetrics, const aclprofAicoreEvents*,
                                   uint64_t) {
  refuse(__func__);
  return nullptr;
}
aclprofStepInfo* aclprofCreateStepInfo(void) {
  refuse(__func__);
  return nullptr;
}
void aclprofDestroyStepInfo(aclprofStepInfo*) {}
aclError aclprofDestroyConfig(const aclprofConfig*) {
  return refuse(__func__);
}
aclError aclprofInit(const char*, size_t) {
  return refuse(__func__);
}
aclError aclprofFinalize(void) {
  return refuse(__func__);
}
aclError aclprofStart(const aclprofConfig*) {
  return refuse(__func__);
}
aclError aclprofStop(const aclprofConfig*) {
  return refuse(__func__);
}
aclError aclprofWarmup(const aclprofConfig*) {
  return refuse(__func__);
}
aclError aclprofSetConfig(aclprofConfigType, const char*, size_t) {
  return refuse(__func__);
}
aclError aclprofGetStepTimestamp(aclprofStepInfo*, aclprofStepTag, aclrtStream) {
  return refuse(__func__);
}
aclError aclprofGetSupportedFeatures(size_t*, void**) {
  return refuse(__func__);
}
aclError aclprofGetSupportedFeaturesV2(size_t*, void**) {
  return refuse(__func__);
}
aclError aclprofRegisterDeviceCallback(void) {
  return ACL_SUCCESS;
}
// A mark is only seen by a profiler.
aclError aclprofMarkEx(const char*, size_t, aclrtStream) {
  return ACL_SUCCESS;
}

}  // extern "C"
