#include "tests/cann/cann_test.h"

namespace cann_test {
namespace {

class DeviceTest : public OnDevice {};

template <class Body>
void on_new_thread(Body body) {
  std::thread thread(body);
  thread.join();
}

TEST_F(DeviceTest, CountIsThereBeforeAnyDeviceIsSet) {
  uint32_t count = 0;
  EXPECT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_GT(count, 0u);
}

TEST_F(DeviceTest, CurrentDeviceBelongsToTheThread) {
  int32_t device = -1;
  EXPECT_TRUE(ok(aclrtGetDevice(&device)));
  EXPECT_EQ(device, 0);
  on_new_thread([] {
    int32_t other = -1;
    EXPECT_TRUE(refused(aclrtGetDevice(&other), ACL_ERROR_RT_CONTEXT_NULL));
    EXPECT_EQ(aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL), ACL_ERROR_RT_CONTEXT_NULL);
    EXPECT_EQ(aclrtGetLastError(ACL_RT_THREAD_LEVEL), ACL_ERROR_RT_CONTEXT_NULL);
    EXPECT_EQ(aclrtGetLastError(ACL_RT_THREAD_LEVEL), ACL_SUCCESS);
    void* pointer = nullptr;
    EXPECT_TRUE(refused(aclrtMalloc(&pointer, 64, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_RT_CONTEXT_NULL));
    EXPECT_TRUE(ok(aclrtSetDevice(0)));
    EXPECT_TRUE(ok(aclrtGetDevice(&other)));
    EXPECT_EQ(other, 0);
  });
}

TEST_F(DeviceTest, AnIdOutOfRangeIsRefused) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_TRUE(refused(aclrtSetDevice(int32_t(count)), ACL_ERROR_RT_INVALID_DEVICEID));
  EXPECT_TRUE(refused(aclrtSetDevice(-1), ACL_ERROR_RT_INVALID_DEVICEID));
  int32_t device = -1;
  EXPECT_TRUE(ok(aclrtGetDevice(&device)));
  EXPECT_EQ(device, 0) << "a refused call changes nothing";
}

TEST_F(DeviceTest, AMessageIsGivenOnceAndToItsThreadOnly) {
  EXPECT_NE(aclrtSetDevice(-1), ACL_SUCCESS);
  on_new_thread([] { EXPECT_EQ(aclGetRecentErrMsg(), nullptr); });
  EXPECT_NE(aclGetRecentErrMsg(), nullptr);
  EXPECT_EQ(aclGetRecentErrMsg(), nullptr);
}

TEST_F(DeviceTest, ResetIsCountedAndReleasesAtTheEnd) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  if (count < 2) GTEST_SKIP() << "needs two devices";
  on_new_thread([] {
    int32_t active = -1;
    EXPECT_TRUE(ok(aclrtGetPrimaryCtxState(1, nullptr, &active)));
    if (active == 1) {
      EXPECT_TRUE(ok(aclrtResetDeviceForce(1)));  // another test has used it
    }
    EXPECT_TRUE(ok(aclrtSetDevice(1)));
    EXPECT_TRUE(ok(aclrtSetDevice(1)));
    EXPECT_TRUE(ok(aclrtResetDevice(1)));
    EXPECT_TRUE(ok(aclrtGetPrimaryCtxState(1, nullptr, &active)));
    EXPECT_EQ(active, 1);
    EXPECT_TRUE(ok(aclrtResetDevice(1)));
    EXPECT_TRUE(ok(aclrtGetPrimaryCtxState(1, nullptr, &active)));
    EXPECT_EQ(active, 0);
    EXPECT_TRUE(refused(aclrtResetDevice(1)));
    int32_t device = -1;
    EXPECT_TRUE(refused(aclrtGetDevice(&device), ACL_ERROR_RT_CONTEXT_NULL));
  });
}

TEST_F(DeviceTest, AContextIsCurrentWhereItWasMadeOrSet) {
  aclrtContext first = nullptr, made = nullptr, now = nullptr;
  ASSERT_TRUE(ok(aclrtGetCurrentContext(&first)));
  ASSERT_TRUE(ok(aclrtCreateContext(&made, 0)));
  EXPECT_TRUE(ok(aclrtGetCurrentContext(&now)));
  EXPECT_EQ(now, made);
  on_new_thread([made] {
    EXPECT_TRUE(ok(aclrtSetCurrentContext(made)));
    int32_t device = -1;
    EXPECT_TRUE(ok(aclrtGetDevice(&device)));
    EXPECT_EQ(device, 0);
  });
  EXPECT_TRUE(ok(aclrtSetCurrentContext(first)));
  EXPECT_TRUE(ok(aclrtDestroyContext(made)));
  EXPECT_TRUE(refused(aclrtDestroyContext(first))) << "the default context is the device's";
}

TEST_F(DeviceTest, ThreadsOfOneDeviceShareItsDefaultContext) {
  aclrtContext here = nullptr, there = nullptr;
  ASSERT_TRUE(ok(aclrtGetCurrentContext(&here)));
  on_new_thread([&] {
    ASSERT_TRUE(ok(aclrtSetDevice(0)));
    ASSERT_TRUE(ok(aclrtGetCurrentContext(&there)));
  });
  EXPECT_EQ(here, there);
}

TEST_F(DeviceTest, ParametersOfProcessAndContext) {
  int64_t value = -1;
  EXPECT_TRUE(ok(aclrtSetSysParamOpt(ACL_OPT_DETERMINISTIC, 1)));
  EXPECT_TRUE(ok(aclrtGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value)));
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(ok(aclrtSetSysParamOpt(ACL_OPT_DETERMINISTIC, 0)));
  EXPECT_TRUE(
      refused(aclrtCtxGetSysParamOpt(ACL_OPT_ENABLE_DEBUG_KERNEL, &value), ACL_ERROR_RT_SYSPARAMOPT_NOT_SET));
  EXPECT_TRUE(ok(aclrtCtxSetSysParamOpt(ACL_OPT_STRONG_CONSISTENCY, 1)));
  EXPECT_TRUE(ok(aclrtCtxGetSysParamOpt(ACL_OPT_STRONG_CONSISTENCY, &value)));
  EXPECT_EQ(value, 1);
}

TEST_F(DeviceTest, InitialisingTwiceIsToldApart) {
  EXPECT_EQ(aclInit(nullptr), ACL_ERROR_REPEAT_INITIALIZE);
  EXPECT_TRUE(ok(aclFinalize()));
  EXPECT_TRUE(refused(aclFinalize(), ACL_ERROR_REPEAT_FINALIZE));
  EXPECT_TRUE(ok(aclInit(nullptr)));
  EXPECT_EQ(aclInit(nullptr), ACL_ERROR_REPEAT_INITIALIZE);
  uint64_t references = 0;
  EXPECT_TRUE(ok(aclFinalizeReference(&references)));
  EXPECT_EQ(references, 1u);
  EXPECT_TRUE(
      refused(aclFinalize() == ACL_SUCCESS ? aclInit("/nonexistent/acl.json") : -1, ACL_ERROR_INVALID_FILE));
  EXPECT_TRUE(ok(aclInit(nullptr)));
}

TEST_F(DeviceTest, NamesAndVersions) {
  const char* soc = aclrtGetSocName();
  ASSERT_NE(soc, nullptr);
  EXPECT_EQ(std::string(soc).rfind("Ascend", 0), 0u) << soc;
  aclCANNPackageVersion version;
  std::memset(&version, 0x55, sizeof(version));
  EXPECT_TRUE(ok(aclsysGetCANNVersion(ACL_PKG_NAME_CANN, &version)));
  EXPECT_GE(std::atoi(version.version), 8) << version.version;
  EXPECT_GE(std::atoi(version.majorVersion), 8);
  int32_t major = 0, minor = 0, patch = -1;
  EXPECT_TRUE(ok(aclrtGetVersion(&major, &minor, &patch)));
  EXPECT_EQ(major, ACL_MAJOR_VERSION);
  int64_t cores = 0;
  EXPECT_TRUE(ok(aclrtGetDeviceInfo(0, ACL_DEV_ATTR_AICORE_CORE_NUM, &cores)));
  EXPECT_GT(cores, 0);
  int64_t same = 0;
  EXPECT_TRUE(ok(aclGetDeviceCapability(0, ACL_DEVICE_INFO_AI_CORE_NUM, &same)));
  EXPECT_EQ(cores, same);
}

TEST_F(DeviceTest, PeersOpenAccessOneWay) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  if (count < 2) GTEST_SKIP() << "needs two devices";
  int32_t can = 0, status = -1;
  EXPECT_TRUE(ok(aclrtDeviceCanAccessPeer(&can, 0, 1)));
  EXPECT_EQ(can, 1);
  EXPECT_TRUE(refused(aclrtDeviceCanAccessPeer(&can, 0, int32_t(count))));
  EXPECT_TRUE(ok(aclrtDeviceEnablePeerAccess(1, 0)));
  EXPECT_TRUE(ok(aclrtDevicePeerAccessStatus(0, 1, &status)));
  EXPECT_EQ(status, 1);
  EXPECT_TRUE(ok(aclrtDevicePeerAccessStatus(1, 0, &status)));
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(ok(aclrtDeviceDisablePeerAccess(1)));
  EXPECT_TRUE(ok(aclrtDevicePeerAccessStatus(0, 1, &status)));
  EXPECT_EQ(status, 0);
}

TEST_F(DeviceTest, NoStreamIsBeingCaptured) {
  aclrtStream on = stream();
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_INVALIDATED;
  aclmdlRI model = &status;
  EXPECT_TRUE(ok(aclmdlRICaptureGetInfo(on, &status, &model)));
  EXPECT_EQ(status, ACL_MODEL_RI_CAPTURE_STATUS_NONE);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(DeviceTest, ManyThreadsSetAndUseDevicesAtOnce) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        int32_t device = int32_t((i + round) % count), now = -1;
        ASSERT_TRUE(ok(aclrtSetDevice(device)));
        ASSERT_TRUE(ok(aclrtGetDevice(&now)));
        ASSERT_EQ(now, device);
        void* pointer = nullptr;
        ASSERT_TRUE(ok(aclrtMalloc(&pointer, 4096, ACL_MEM_MALLOC_NORMAL_ONLY)));
        ASSERT_TRUE(ok(aclrtMemset(pointer, 4096, round, 4096)));
        ASSERT_TRUE(ok(aclrtFree(pointer)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cann_test
