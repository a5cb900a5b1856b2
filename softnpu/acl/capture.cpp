// Graph capture. No stream ever captures, and the queries say so; what would begin one, or use a graph, is
// refused.
#include <utility>

#include "acl/acl_graph.h"
#include "softnpu/acl/stream.h"

namespace {

aclError refuse(const char* call) {
  return softnpu::unsupported(call, "streams cannot be captured into a graph");
}
aclError refuse_dump(const char* call) {
  return softnpu::unsupported(call, "tensors of operators cannot be dumped");
}

}  // namespace

extern "C" {

aclError aclmdlRICaptureGetInfo(aclrtStream stream, aclmdlRICaptureStatus* status, aclmdlRI* modelRI) {
  return softnpu::with_stream(__func__, stream, [&](softnpu::Stream&) -> aclError {
    if (status != nullptr) *status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
    if (modelRI != nullptr) *modelRI = nullptr;
    return ACL_SUCCESS;
  });
}

// The mode of a thread matters to captures only, but it is there to be exchanged.
aclError aclmdlRICaptureThreadExchangeMode(aclmdlRICaptureMode* mode) {
  return softnpu::entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::require(mode, "mode"); result != ACL_SUCCESS) return result;
    if (*mode < ACL_MODEL_RI_CAPTURE_MODE_GLOBAL || *mode > ACL_MODEL_RI_CAPTURE_MODE_RELAXED) {
      return softnpu::fail(ACL_ERROR_INVALID_PARAM, "%d is not a capture mode.", int(*mode));
    }
    *mode = static_cast<aclmdlRICaptureMode>(std::exchange(softnpu::thread_state().capture_mode, int(*mode)));
    return ACL_SUCCESS;
  });
}

aclError aclmdlRICaptureBegin(aclrtStream, aclmdlRICaptureMode) {
  return refuse(__func__);
}
aclError aclmdlRICaptureEnd(aclrtStream, aclmdlRI*) {
  return refuse(__func__);
}
aclError aclmdlRICaptureTaskGrpBegin(aclrtStream) {
  return refuse(__func__);
}
aclError aclmdlRICaptureTaskGrpEnd(aclrtStream, aclrtTaskGrp*) {
  return refuse(__func__);
}
aclError aclmdlRICaptureTaskUpdateBegin(aclrtStream, aclrtTaskGrp) {
  return refuse(__func__);
}
aclError aclmdlRICaptureTaskUpdateEnd(aclrtStream) {
  return refuse(__func__);
}
aclError aclmdlRICaptureToModelRIBegin(aclrtStream, aclmdlRI, aclmdlRICaptureMode) {
  return refuse(__func__);
}
aclError aclmdlRIAddCondTask(aclmdlRICondTaskParams, aclrtStream, uint32_t) {
  return refuse(__func__);
}
aclError aclmdlRICondHandleCreate(aclmdlRI, uint32_t, aclmdlRICondHandleFlag, aclmdlRICondHandle*) {
  return refuse(__func__);
}
aclError aclmdlRICondHandleGetCondPtr(aclmdlRICondHandle, uint64_t**) {
  return refuse(__func__);
}
aclError aclmdlRIDebugJsonPrint(aclmdlRI, const char*, uint32_t) {
  return refuse(__func__);
}
aclError aclmdlRIDebugPrint(aclmdlRI) {
  return refuse(__func__);
}
aclError aclmdlRIDestroy(aclmdlRI) {
  return refuse(__func__);
}
aclError aclmdlRIExecuteAsync(aclmdlRI, aclrtStream) {
  return refuse(__func__);
}
aclError aclmdlRIGetId(aclmdlRI, uint32_t*) {
  return refuse(__func__);
}

aclError aclmdlInitDump(void) {
  return refuse_dump(__func__);
}
aclError aclmdlSetDump(const char*) {
  return refuse_dump(__func__);
}
aclError aclmdlFinalizeDump(void) {
  return refuse_dump(__func__);
}

}  // extern "C"
