// The environment, and the rules of ASCEND_RT_VISIBLE_DEVICES.
#include <sys/resource.h>

#include "aclnn/aclnn.h"
#include "tests/softnpu/soft_test.h"

namespace soft_test {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void expect_in_child(const std::string& test, const Child::Variables& variables) {
  Child child(test, variables);
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST(SettingTest, DevicesSocAndMemory) {
  expect_in_child("SettingTest.DISABLED_ThreeDevices", {{"SOFTNPU_DEVICES", "3"},
                                                        {"ASCEND_RT_VISIBLE_DEVICES", ""},
                                                        {"SOFTNPU_SOC", "Ascend910_9391"},
                                                        {"SOFTNPU_MEMORY", "640M"}});
}

TEST(SettingTest, DISABLED_ThreeDevices) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_EQ(count, 3u);
  EXPECT_STREQ(aclrtGetSocName(), "Ascend910_9391");
  ASSERT_TRUE(ok(aclrtSetDevice(2)));
  size_t free = 0, total = 0;
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total)));
  EXPECT_EQ(total, size_t{640} << 20);
  int64_t same = 0;
  EXPECT_TRUE(ok(aclrtGetDeviceInfo(2, ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE, &same)));
  EXPECT_EQ(size_t(same), total);
  EXPECT_TRUE(refused(aclrtSetDevice(3), ACL_ERROR_RT_INVALID_DEVICEID));
}

TEST(SettingTest, NoDeviceAtAll) {
  expect_in_child("SettingTest.DISABLED_NoDevice",
                  {{"SOFTNPU_DEVICES", "0"}, {"ASCEND_RT_VISIBLE_DEVICES", ""}});
}

TEST(SettingTest, DISABLED_NoDevice) {
  uint32_t count = 1;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_EQ(count, 0u);
  EXPECT_TRUE(refused(aclrtSetDevice(0)));
}

TEST(SettingTest, TheTableHasEveryVariable) {
  for (const char* name :
       {"SOFTNPU_DEVICES", "SOFTNPU_SOC", "SOFTNPU_MEMORY", "SOFTNPU_STRICT", "SOFTNPU_FAULT"}) {
    EXPECT_NE(softnpu_env(name), nullptr) << name;
  }
  EXPECT_EQ(softnpu_env("SOFTNPU_NO_SUCH_THING"), nullptr);
}

TEST(BadSettingTest, IsNamed) {
  expect_in_child("BadSettingTest.DISABLED_IsNamed", {{"SOFTNPU_DEVICES", "many"}, {"EXPECTED", "many"}});
  expect_in_child("BadSettingTest.DISABLED_IsNamed", {{"SOFTNPU_MEMORY", "8Q"}, {"EXPECTED", "8Q"}});
  expect_in_child("BadSettingTest.DISABLED_IsNamed", {{"SOFTNPU_STRICT", "yes"}, {"EXPECTED", "yes"}});
  expect_in_child("BadSettingTest.DISABLED_IsNamed", {{"SOFTNPU_SOC", "H100"}, {"EXPECTED", "H100"}});
  for (const char* name :
       {"LOCAL_WORLD_SIZE", "ASCEND_SLOG_PRINT_TO_STDOUT", "ASCEND_GLOBAL_LOG_LEVEL", "RANK"}) {
    const std::string problem = std::string(name) + "=2x";
    expect_in_child("BadSettingTest.DISABLED_IsNamed", {{name, "2x"}, {"EXPECTED", problem.c_str()}});
  }
}

TEST(BadSettingTest, DISABLED_IsNamed) {
  uint32_t count = 0;
  EXPECT_EQ(aclrtGetDeviceCount(&count), ACL_ERROR_RT_NO_DEVICE);
  EXPECT_TRUE(contains(message(), variable("EXPECTED")));
  EXPECT_EQ(aclrtSetDevice(0), ACL_ERROR_RT_NO_DEVICE);
  EXPECT_TRUE(contains(message(), variable("EXPECTED")));
}

// CANN's rules: the list ends at the first entry that is not a device, it ascends, and nothing is in it
// twice.
TEST(VisibleTest, TheListIsReadAsCannReadsIt) {
  struct Case {
    const char *list, *count;
  };
  for (const Case& one : {Case{"0", "1"}, Case{"1,3", "2"}, Case{"0,1,2,3,4,5,6,7", "8"}, Case{"1, 2,3", "1"},
                          Case{"1,3,8", "2"}, Case{"2,x,3", "1"}, Case{"3,-1", "1"}, Case{"4,", "1"}}) {
    expect_in_child(
        "VisibleTest.DISABLED_Counts",
        {{"ASCEND_RT_VISIBLE_DEVICES", one.list}, {"EXPECTED", one.count}, {"SOFTNPU_DEVICES", "8"}});
  }
}

TEST(VisibleTest, DISABLED_Counts) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_EQ(std::to_string(count), variable("EXPECTED")) << variable("ASCEND_RT_VISIBLE_DEVICES");
  EXPECT_TRUE(ok(aclrtSetDevice(int32_t(count) - 1)));
  EXPECT_TRUE(refused(aclrtSetDevice(int32_t(count)), ACL_ERROR_RT_INVALID_DEVICEID));
}

TEST(VisibleTest, ABrokenListIsAnErrorThatNamesTheEntry) {
  struct Case {
    const char *list, *culprit;
  };
  for (const Case& one : {Case{"3,1", "'1'"}, Case{"1,1", "'1'"}, Case{"9", "'9'"}, Case{"abc", "'abc'"},
                          Case{" 0", "' 0'"}, Case{"99999999999999999999", "'99999999999999999999'"}}) {
    expect_in_child(
        "VisibleTest.DISABLED_Broken",
        {{"ASCEND_RT_VISIBLE_DEVICES", one.list}, {"EXPECTED", one.culprit}, {"SOFTNPU_DEVICES", "8"}});
  }
}

TEST(VisibleTest, DISABLED_Broken) {
  uint32_t count = 0;
  EXPECT_EQ(aclrtGetDeviceCount(&count), ACL_ERROR_RT_NO_DEVICE);
  std::string text = message();
  EXPECT_TRUE(contains(text, variable("EXPECTED"))) << text;
  EXPECT_TRUE(contains(text, "ASCEND_RT_VISIBLE_DEVICES=" + variable("ASCEND_RT_VISIBLE_DEVICES"))) << text;
  EXPECT_EQ(aclrtSetDevice(0), ACL_ERROR_RT_NO_DEVICE);
}

TEST(VisibleTest, NumbersAreTranslated) {
  expect_in_child("VisibleTest.DISABLED_Translated",
                  {{"ASCEND_RT_VISIBLE_DEVICES", "2,5"}, {"SOFTNPU_DEVICES", "8"}});
}

TEST(VisibleTest, DISABLED_Translated) {
  int32_t number = -1;
  EXPECT_TRUE(ok(aclrtGetLogicDevIdByUserDevId(1, &number)));
  EXPECT_EQ(number, 5);
  EXPECT_TRUE(ok(aclrtGetUserDevIdByLogicDevId(2, &number)));
  EXPECT_EQ(number, 0);
  EXPECT_TRUE(refused(aclrtGetUserDevIdByLogicDevId(3, &number)));
}

TEST(SettingTest, ARefusedReservationNamesTheLimit) {
  expect_in_child("SettingTest.DISABLED_LimitedAddresses", {{"SOFTNPU_MEMORY", "64G"}});
}

TEST(SettingTest, DISABLED_LimitedAddresses) {
  rlimit limit{size_t{32} << 30, size_t{32} << 30};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  ASSERT_TRUE(ok(aclrtSetDevice(0)));
  void* pointer = nullptr;
  EXPECT_EQ(aclrtMalloc(&pointer, 4096, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_RT_MEMORY_ALLOCATION);
  EXPECT_TRUE(contains(message(), "RLIMIT_AS is 32768 MiB"));
}

// What hardware refuses.
class StrictTest : public OnDevice {};

TEST(StrictParentTest, RefusesWhatHardwareRefuses) {
  expect_in_child("StrictTest.DISABLED_InStrictMode", {{"SOFTNPU_STRICT", "1"}});
  expect_in_child("StrictTest.DISABLED_InLenientMode", {{"SOFTNPU_STRICT", "0"}});
}

TEST(StrictParentTest, RefusesOperatorsThatHardwareRefuses) {
  for (const char* test : {"DescriptorsLiveUntilPhaseTwo", "NineDimensions", "AnotherDevicesMemory"}) {
    expect_in_child(std::string("StrictTest.DISABLED_") + test, {{"SOFTNPU_STRICT", "1"}});
  }
}

// What phase two says when the only tensor of the call is gone.
aclnnStatus fill_through_destroyed_descriptor(void* memory, aclrtStream on) {
  const int64_t size = 4;
  aclTensor* tensor = aclCreateTensor(&size, 1, ACL_FLOAT, nullptr, 0, ACL_FORMAT_ND, &size, 1, memory);
  uint64_t workspace = 0;
  aclOpExecutor* executor = nullptr;
  EXPECT_EQ(aclnnInplaceZeroGetWorkspaceSize(tensor, &workspace, &executor), ACLNN_SUCCESS);
  EXPECT_TRUE(ok(aclDestroyTensor(tensor)));
  return aclnnInplaceZero(nullptr, 0, executor, on);
}

TEST_F(StrictTest, DISABLED_InStrictMode) {
  EXPECT_TRUE(softnpu_strict());
  aclrtStream on = stream();
  void *here = device_memory(64), *there = nullptr;
  std::thread([&] {
    EXPECT_TRUE(refused(aclrtSynchronizeStream(on), ACL_ERROR_RT_CONTEXT_NULL));
    char host[64];
    EXPECT_TRUE(
        refused(aclrtMemcpy(host, 64, here, 64, ACL_MEMCPY_DEVICE_TO_HOST), ACL_ERROR_RT_CONTEXT_NULL));
    ASSERT_TRUE(ok(aclrtSetDevice(1)));
    EXPECT_TRUE(refused(aclrtSynchronizeStream(on), ACL_ERROR_RT_STREAM_CONTEXT));
    ASSERT_TRUE(ok(aclrtMalloc(&there, 64, ACL_MEM_MALLOC_HUGE_FIRST)));
  }).join();
  EXPECT_TRUE(refused(aclrtMemcpy(there, 64, here, 64, ACL_MEMCPY_DEVICE_TO_DEVICE)));
  ASSERT_TRUE(ok(aclrtDeviceEnablePeerAccess(1, 0)));
  EXPECT_TRUE(ok(aclrtMemcpy(there, 64, here, 64, ACL_MEMCPY_DEVICE_TO_DEVICE)));
  aclrtContext before = nullptr, made = nullptr;
  ASSERT_TRUE(ok(aclrtGetCurrentContext(&before)));
  ASSERT_TRUE(ok(aclrtCreateContext(&made, 0)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(nullptr)));
  EXPECT_TRUE(refused(aclrtDestroyContext(made), ACL_ERROR_RT_CONTEXT_RELEASE_ERROR));
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(nullptr)));
  EXPECT_TRUE(ok(aclrtDestroyContext(made)));
  int32_t device = -1;
  EXPECT_TRUE(refused(aclrtGetDevice(&device), ACL_ERROR_RT_CONTEXT_NULL)) << "its context is gone";
  ASSERT_TRUE(ok(aclrtSetCurrentContext(before)));
}

TEST_F(StrictTest, DISABLED_InLenientMode) {
  EXPECT_FALSE(softnpu_strict());
  aclrtStream on = stream();
  std::thread([&] { EXPECT_TRUE(ok(aclrtSynchronizeStream(on))); }).join();
  EXPECT_EQ(fill_through_destroyed_descriptor(device_memory(64), on), ACLNN_SUCCESS);
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
}

TEST_F(StrictTest, DISABLED_DescriptorsLiveUntilPhaseTwo) {
  aclrtStream on = stream();
  EXPECT_EQ(fill_through_destroyed_descriptor(device_memory(64), on), ACLNN_ERR_PARAM_INVALID);
  EXPECT_TRUE(
      contains(message(), "aclnnInplaceZero: a tensor was destroyed between phase one and phase two"));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
}

TEST_F(StrictTest, DISABLED_NineDimensions) {
  const int64_t ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(aclCreateTensor(ones, 9, ACL_FLOAT, ones, 0, ACL_FORMAT_ND, ones, 9, device_memory(64)), nullptr);
  EXPECT_TRUE(contains(message(), "a tensor of 9 dimensions is not supported"));
}

TEST_F(StrictTest, DISABLED_AnotherDevicesMemory) {
  void* here = device_memory(64);
  std::thread([&] {
    ASSERT_TRUE(ok(aclrtSetDevice(1)));
    const int64_t size = 4;
    aclTensor* tensor = aclCreateTensor(&size, 1, ACL_FLOAT, nullptr, 0, ACL_FORMAT_ND, &size, 1, here);
    uint64_t workspace = 0;
    aclOpExecutor* executor = nullptr;
    EXPECT_EQ(aclnnInplaceZeroGetWorkspaceSize(tensor, &workspace, &executor), ACLNN_ERR_PARAM_INVALID);
    EXPECT_TRUE(contains(message(), "is on device 0 but the current device is 1"));
    EXPECT_TRUE(ok(aclDestroyTensor(tensor)));
  }).join();
}

}  // namespace
}  // namespace soft_test
