/* Initialisation, versions, messages; includes the whole runtime ABI. */
#pragma once

#include "acl/acl_graph.h"
#include "acl/acl_kernel.h"
#include "acl/acl_op.h"
#include "acl/acl_prof.h"
#include "acl/acl_rt.h"
#include "acl/acl_rt_memory.h"
#include "acl/acl_rt_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

void aclAppLog(aclLogLevel logLevel, const char* func, const char* file, uint32_t line, const char* fmt, ...);
aclGraphDumpOption* aclCreateGraphDumpOpt(void);
size_t aclDataTypeSize(aclDataType dataType);
aclError aclDestroyGraphDumpOpt(const aclGraphDumpOption* graphDumpOpt);
aclError aclFinalize(void);
aclError aclFinalizeReference(uint64_t* refCount);
float aclFloat16ToFloat(aclFloat16 value);
aclFloat16 aclFloatToFloat16(float value);
aclError aclGenGraphAndDumpForOp(const char* opType, int numInputs, const aclTensorDesc* const inputDesc[],
                                 const aclDataBuffer* const inputs[], int numOutputs,
                                 const aclTensorDesc* const outputDesc[], aclDataBuffer* const outputs[],
                                 const aclopAttr* attr, aclopEngineType engineType, const char* graphDumpPath,
                                 const aclGraphDumpOption* graphDumpOpt);
aclError aclGetCannAttribute(aclCannAttr cannAttr, int32_t* value);
aclError aclGetCannAttributeList(const aclCannAttr** cannAttrList, size_t* num);
aclError aclGetDeviceCapability(uint32_t deviceId, aclDeviceInfo deviceInfo, int64_t* value);
const char* aclGetRecentErrMsg(void);
aclError aclInit(const char* configPath);
aclError aclsysGetCANNVersion(aclCANNPackageName name, aclCANNPackageVersion* version);
aclError aclsysGetVersionNum(char* pkgName, int32_t* versionNum);
aclError aclsysGetVersionStr(char* pkgName, char* versionStr);

#ifdef __cplusplus
} /* extern "C" */
#endif
