// Virtual memory, and memory and events that a second process uses.
#include "tests/cann/cann_test.h"
#include "tests/cann/child.h"

namespace cann_test {
namespace {

constexpr size_t kUnits = 3;

aclrtPhysicalMemProp property_of(uint32_t device) {
  return {ACL_MEM_HANDLE_TYPE_NONE,
          ACL_MEM_ALLOCATION_TYPE_PINNED,
          ACL_HBM_MEM_HUGE,
          {device, ACL_MEM_LOCATION_TYPE_DEVICE},
          0};
}

class VirtualMemoryTest : public OnDevice {
 protected:
  void SetUp() override {
    OnDevice::SetUp();
    aclrtPhysicalMemProp property = property_of(0);
    ASSERT_TRUE(ok(aclrtMemGetAllocationGranularity(&property, ACL_RT_MEM_ALLOC_GRANULARITY_MINIMUM, &unit)));
    ASSERT_GT(unit, 0u);
  }
  void* reserve(size_t size) {
    void* address = nullptr;
    EXPECT_TRUE(ok(aclrtReserveMemAddress(&address, size, 0, nullptr, 0)));
    return address;
  }
  aclrtDrvMemHandle physical(size_t size) {
    aclrtPhysicalMemProp property = property_of(0);
    aclrtDrvMemHandle handle = nullptr;
    EXPECT_TRUE(ok(aclrtMallocPhysical(&handle, size, &property, 0)));
    return handle;
  }
  size_t unit = 0;
};

TEST_F(VirtualMemoryTest, ASegmentGrowsAndShrinks) {
  char* segment = static_cast<char*>(reserve(kUnits * unit));
  std::vector<aclrtDrvMemHandle> handles;
  for (size_t i = 0; i < kUnits; ++i) {
    handles.push_back(physical(unit));
    ASSERT_TRUE(ok(aclrtMapMem(segment + i * unit, unit, 0, handles.back(), 0)));
    fill(segment + i * unit, unit, int(i));
  }
  // One copy across all of them.
  std::vector<uint8_t> all(kUnits * unit);
  ASSERT_TRUE(ok(aclrtMemcpy(all.data(), all.size(), segment, all.size(), ACL_MEMCPY_DEVICE_TO_HOST)));
  for (size_t i = 0; i < kUnits; ++i) EXPECT_EQ(all[i * unit + 5], uint8_t(5 * 7 + i));
  ASSERT_TRUE(ok(aclrtUnmapMem(segment + unit)));
  EXPECT_TRUE(refused(aclrtMemset(segment + unit, unit, 0, unit))) << "nothing is mapped there";
  EXPECT_TRUE(holds(segment + 2 * unit, unit, 2));
  ASSERT_TRUE(ok(aclrtMapMem(segment + unit, unit, 0, handles[1], 0)));
  EXPECT_TRUE(holds(segment + unit, unit, 1)) << "the bytes belong to the physical memory";
  EXPECT_TRUE(refused(aclrtReleaseMemAddress(segment))) << "memory is mapped";
  for (size_t i = 0; i < kUnits; ++i) {
    EXPECT_TRUE(ok(aclrtUnmapMem(segment + i * unit)));
    EXPECT_TRUE(ok(aclrtFreePhysical(handles[i])));
  }
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(segment)));
}

TEST_F(VirtualMemoryTest, PhysicalMemoryIsCountedWhileSomethingHoldsIt) {
  size_t before = 0, now = 0, total = 0;
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &before, &total)));
  void* segment = reserve(unit);
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &now, &total)));
  EXPECT_EQ(now, before) << "addresses are not memory";
  aclrtDrvMemHandle handle = physical(unit);
  ASSERT_TRUE(ok(aclrtMapMem(segment, unit, 0, handle, 0)));
  ASSERT_TRUE(ok(aclrtFreePhysical(handle)));
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &now, &total)));
  EXPECT_LE(now + unit, before) << "the mapping holds it";
  fill(segment, unit, 3);
  EXPECT_TRUE(holds(segment, unit, 3));
  ASSERT_TRUE(ok(aclrtUnmapMem(segment)));
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &now, &total)));
  EXPECT_GE(now, before);
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(segment)));
}

TEST_F(VirtualMemoryTest, WhatDoesNotFitIsRefused) {
  void* address = nullptr;
  EXPECT_TRUE(refused(aclrtReserveMemAddress(&address, 0, 0, nullptr, 0)));
  void* segment = reserve(2 * unit);
  aclrtDrvMemHandle handle = physical(unit);
  EXPECT_TRUE(refused(aclrtMapMem(segment, 2 * unit, 0, handle, 0))) << "another size";
  EXPECT_TRUE(refused(aclrtMapMem(segment, unit, 64, handle, 0))) << "an offset";
  EXPECT_TRUE(refused(aclrtUnmapMem(segment))) << "not mapped";
  ASSERT_TRUE(ok(aclrtMapMem(segment, unit, 0, handle, 0)));
  aclrtDrvMemHandle other = physical(unit);
  EXPECT_TRUE(refused(aclrtMapMem(segment, unit, 0, other, 0))) << "taken";
  EXPECT_TRUE(ok(aclrtUnmapMem(segment)));
  EXPECT_TRUE(ok(aclrtFreePhysical(other)));
  EXPECT_TRUE(ok(aclrtFreePhysical(handle)));
  EXPECT_TRUE(refused(aclrtFreePhysical(handle)));
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(segment)));
  EXPECT_TRUE(refused(aclrtReleaseMemAddress(segment)));
}

TEST_F(VirtualMemoryTest, ASmallReservationIsPossible) {
  void* address = reserve(512);
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(address)));
}

class SecondProcessTest : public VirtualMemoryTest {};

std::string numbers(std::initializer_list<uint64_t> values) {
  std::string text;
  for (uint64_t value : values) text += std::to_string(value) + " ";
  return text;
}

TEST_F(SecondProcessTest, MapsAnExpandableSegmentAndReadsTheBytes) {
  char* segment = static_cast<char*>(reserve(kUnits * unit));
  std::vector<aclrtDrvMemHandle> handles;
  Child child("SecondProcessTest.DISABLED_MapsIt");
  ASSERT_TRUE(child.says("ready")) << child.text();
  child.tell(numbers({unit, kUnits}));
  for (size_t i = 0; i < kUnits; ++i) {
    handles.push_back(physical(unit));
    ASSERT_TRUE(ok(aclrtMapMem(segment + i * unit, unit, 0, handles.back(), 0)));
    fill(segment + i * unit, unit, 10 + int(i));
    uint64_t shared = 0;
    ASSERT_TRUE(ok(aclrtMemExportToShareableHandle(handles.back(), ACL_MEM_HANDLE_TYPE_NONE,
                                                   ACL_RT_VMM_EXPORT_FLAG_DEFAULT, &shared)));
    int32_t pid = child.pid();
    ASSERT_TRUE(ok(aclrtMemSetPidToShareableHandle(shared, &pid, 1)));
    child.tell(std::to_string(shared));
  }
  EXPECT_EQ(child.wait(), 0) << child.text();
  EXPECT_TRUE(holds(segment + unit, unit, 99)) << "what the other process wrote is here";
  for (size_t i = 0; i < kUnits; ++i) {
    EXPECT_TRUE(ok(aclrtUnmapMem(segment + i * unit)));
    EXPECT_TRUE(ok(aclrtFreePhysical(handles[i])));
  }
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(segment)));
}

TEST_F(SecondProcessTest, DISABLED_MapsIt) {
  std::puts("ready");
  std::fflush(stdout);
  size_t size = 0, count = 0;
  std::string sizes = hear();
  ASSERT_EQ(std::sscanf(sizes.c_str(), "%zu %zu", &size, &count), 2);
  char* segment = static_cast<char*>(reserve(count * size));
  for (size_t i = 0; i < count; ++i) {
    uint64_t shared = std::stoull(hear());
    aclrtDrvMemHandle handle = nullptr;
    ASSERT_TRUE(ok(aclrtMemImportFromShareableHandle(shared, 0, &handle)));
    ASSERT_TRUE(ok(aclrtMapMem(segment + i * size, size, 0, handle, 0)));
    EXPECT_TRUE(holds(segment + i * size, size, 10 + int(i)));
    if (i == 1) fill(segment + i * size, size, 99);
    EXPECT_TRUE(ok(aclrtFreePhysical(handle)));
  }
  for (size_t i = 0; i < count; ++i) EXPECT_TRUE(ok(aclrtUnmapMem(segment + i * size)));
  EXPECT_TRUE(ok(aclrtReleaseMemAddress(segment)));
}

TEST_F(SecondProcessTest, OnlyAllowedProcessesImport) {
  aclrtDrvMemHandle handle = physical(unit);
  uint64_t shared = 0;
  ASSERT_TRUE(ok(aclrtMemExportToShareableHandle(handle, ACL_MEM_HANDLE_TYPE_NONE,
                                                 ACL_RT_VMM_EXPORT_FLAG_DEFAULT, &shared)));
  Child child("SecondProcessTest.DISABLED_IsRefused");
  child.tell(std::to_string(shared));
  EXPECT_EQ(child.wait(), 0) << child.text();
  EXPECT_TRUE(ok(aclrtFreePhysical(handle)));
}

TEST_F(SecondProcessTest, DISABLED_IsRefused) {
  aclrtDrvMemHandle handle = nullptr;
  EXPECT_TRUE(refused(aclrtMemImportFromShareableHandle(std::stoull(hear()), 0, &handle)));
}

TEST_F(SecondProcessTest, ReadsMemoryByKey) {
  char* pointer = static_cast<char*>(device_memory(100000));
  fill(pointer, 100000, 21);
  char key[65] = {};
  ASSERT_TRUE(ok(aclrtIpcMemGetExportKey(pointer, 100000, key, sizeof(key),
                                         ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION)));
  Child child("SecondProcessTest.DISABLED_ReadsByKey");
  child.tell(key);
  EXPECT_EQ(child.wait(), 0) << child.text();
  EXPECT_TRUE(holds(pointer, 50000, 22));
  EXPECT_TRUE(ok(aclrtIpcMemClose(key)));
  EXPECT_TRUE(refused(aclrtIpcMemClose(key)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(SecondProcessTest, DISABLED_ReadsByKey) {
  std::string key = hear();
  void* pointer = nullptr;
  EXPECT_TRUE(refused(aclrtIpcMemImportByKey(&pointer, "no key at all", 0)));
  ASSERT_TRUE(ok(aclrtIpcMemImportByKey(&pointer, key.c_str(), 0)));
  EXPECT_TRUE(holds(pointer, 100000, 21));
  fill(pointer, 50000, 22);
  EXPECT_TRUE(ok(aclrtIpcMemClose(key.c_str())));
  EXPECT_TRUE(refused(aclrtMemset(pointer, 8, 0, 8))) << "it is closed";
}

TEST_F(SecondProcessTest, WaitsForAnEventOfTheFirst) {
  aclrtStream on = stream();
  aclrtEvent mark = event(ACL_EVENT_IPC);
  aclrtIpcEventHandle handle{};
  ASSERT_TRUE(ok(aclrtIpcGetEventHandle(mark, &handle)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, on)));
  Child child("SecondProcessTest.DISABLED_Waits");
  std::string text;
  for (char byte : handle.reserved) text += std::to_string(int(static_cast<unsigned char>(byte))) + " ";
  child.tell(text);
  ASSERT_TRUE(child.says("waiting")) << child.text();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  gate.open();
  EXPECT_EQ(child.wait(), 0) << child.text();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(SecondProcessTest, DISABLED_Waits) {
  aclrtIpcEventHandle handle{};
  std::string text = hear();
  const char* at = text.c_str();
  for (char& byte : handle.reserved) byte = char(std::strtol(at, const_cast<char**>(&at), 10));
  aclrtEvent mark = nullptr;
  ASSERT_TRUE(ok(aclrtIpcOpenEventHandle(handle, &mark)));
  aclrtStream on = stream();
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(on, mark)));
  EXPECT_TRUE(refused(aclrtSynchronizeStreamWithTimeout(on, 30), ACL_ERROR_RT_STREAM_SYNC_TIMEOUT));
  std::puts("waiting");
  std::fflush(stdout);
  EXPECT_TRUE(ok(aclrtSynchronizeStreamWithTimeout(on, 20000)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

}  // namespace
}  // namespace cann_test
