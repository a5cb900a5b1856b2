// The C functions that the plugin calls, one row each: X(library, function). Include after defining X; it is
// undefined at the end. A function is callable once it has a row here and a prototype in cann/include.
// Operators (aclnn*) are not listed: their C names are the rows of csrc/aten.

// initialisation, versions, messages
X(kRuntime, aclFinalize)
X(kRuntime, aclGetCannAttribute)
X(kRuntime, aclGetRecentErrMsg)
X(kRuntime, aclInit)
X(kRuntime, aclsysGetCANNVersion)

// devices
X(kRuntime, aclrtDeviceCanAccessPeer)
X(kRuntime, aclrtDeviceEnablePeerAccess)
X(kRuntime, aclrtDeviceGetStreamPriorityRange)
X(kRuntime, aclrtDeviceGetUuid)
X(kRuntime, aclrtGetDevice)
X(kRuntime, aclrtGetDeviceCount)
X(kRuntime, aclrtGetDeviceInfo)
X(kRuntime, aclrtGetDeviceUtilizationRate)
X(kRuntime, aclrtGetMemInfo)
X(kRuntime, aclrtGetSocName)
X(kRuntime, aclrtResetDevice)
X(kRuntime, aclrtResetDeviceForce)
X(kRuntime, aclrtSetDevice)
X(kRuntime, aclrtSetDeviceSatMode)
X(kRuntime, aclrtSynchronizeDevice)
X(kRuntime, aclrtSynchronizeDeviceWithTimeout)

// memory
X(kRuntime, aclrtFree)
X(kRuntime, aclrtFreeHost)
X(kRuntime, aclrtFreePhysical)
X(kRuntime, aclrtMalloc)
X(kRuntime, aclrtMallocAlign32)
X(kRuntime, aclrtMallocHost)
X(kRuntime, aclrtMallocPhysical)
X(kRuntime, aclrtMapMem)
X(kRuntime, aclrtMemcpy)
X(kRuntime, aclrtMemcpyAsync)
X(kRuntime, aclrtPointerGetAttributes)
X(kRuntime, aclrtReleaseMemAddress)
X(kRuntime, aclrtReserveMemAddress)
X(kRuntime, aclrtUnmapMem)

// streams and events
X(kRuntime, aclrtCreateEventExWithFlag)
X(kRuntime, aclrtCreateEventWithFlag)
X(kRuntime, aclrtCreateStreamWithConfig)
X(kRuntime, aclrtDestroyEvent)
X(kRuntime, aclrtEventElapsedTime)
X(kRuntime, aclrtQueryEventStatus)
X(kRuntime, aclrtRecordEvent)
X(kRuntime, aclrtSetStreamFailureMode)
X(kRuntime, aclrtStreamQuery)
X(kRuntime, aclrtStreamWaitEvent)
X(kRuntime, aclrtSynchronizeEvent)
X(kRuntime, aclrtSynchronizeStream)
X(kRuntime, aclrtSynchronizeStreamWithTimeout)

// capture
X(kRuntime, aclmdlRICaptureGetInfo)

// descriptors of the two-phase operator interface; toolkits differ in which library defines them, and a
// lookup through the operator library follows its dependencies
X(kOps, aclCreateBoolArray)
X(kOps, aclCreateFloatArray)
X(kOps, aclCreateIntArray)
X(kOps, aclCreateScalar)
X(kOps, aclCreateScalarList)
X(kOps, aclCreateTensor)
X(kOps, aclCreateTensorList)
X(kOps, aclDestroyAclOpExecutor)
X(kOps, aclDestroyBoolArray)
X(kOps, aclDestroyFloatArray)
X(kOps, aclDestroyIntArray)
X(kOps, aclDestroyScalar)
X(kOps, aclDestroyScalarList)
X(kOps, aclDestroyTensor)
X(kOps, aclDestroyTensorList)
X(kOps, aclGetViewShape)

#undef X
