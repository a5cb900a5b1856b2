/* Profiling (aclprof, Msprof). */
#pragma once

#include "acl/acl_structs.h"

#ifdef __cplusplus
extern "C" {
#endif

uint64_t MsprofGetHashId(const char* hashInfo, size_t length);
int32_t MsprofRegisterCallback(uint32_t moduleId, int32_t (*handle)(uint32_t, void*, uint32_t));
int32_t MsprofReportAdditionalInfo(uint32_t nonPersistantFlag, const void* data, uint32_t length);
int32_t MsprofReportApi(uint32_t nonPersistantFlag, const struct MsprofApi* api);
int32_t MsprofReportCompactInfo(uint32_t nonPersistantFlag, const void* data, uint32_t length);
uint64_t MsprofSysCycleTime(void);
aclprofConfig* aclprofCreateConfig(uint32_t* deviceIdList, uint32_t deviceNums,
                                   aclprofAicoreMetrics aicoreMetrics,
                                   const aclprofAicoreEvents* aicoreEvents, uint64_t dataTypeConfig);
aclprofStepInfo* aclprofCreateStepInfo(void);
aclError aclprofDestroyConfig(const aclprofConfig* profilerConfig);
void aclprofDestroyStepInfo(aclprofStepInfo* stepinfo);
aclError aclprofFinalize(void);
aclError aclprofGetStepTimestamp(aclprofStepInfo* stepInfo, aclprofStepTag tag, aclrtStream stream);
aclError aclprofGetSupportedFeatures(size_t* featuresSize, void** featuresData);
aclError aclprofGetSupportedFeaturesV2(size_t* featuresSize, void** featuresData);
aclError aclprofInit(const char* profilerResultPath, size_t length);
aclError aclprofMarkEx(const char* msg, size_t msgLen, aclrtStream stream);
aclError aclprofRegisterDeviceCallback(void);
aclError aclprofSetConfig(aclprofConfigType configType, const char* config, size_t configLength);
aclError aclprofStart(const aclprofConfig* profilerConfig);
aclError aclprofStop(const aclprofConfig* profilerConfig);
aclError aclprofWarmup(const aclprofConfig* profilerConfig);

#ifdef __cplusplus
} /* extern "C" */
#endif
