// Device memory is not host memory, and it is counted to the byte.
#include <fcntl.h>

#include <fstream>
#include <memory>

#include "tests/softnpu/soft_test.h"

namespace soft_test {
namespace {

constexpr size_t kUnit = size_t{2} << 20;

size_t free_memory() {
  size_t free = 0, total = 0;
  EXPECT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total)));
  return free;
}

class IsolationTest : public OnDevice {};

TEST_F(IsolationTest, AHostTouchFaults) {
  for (const char* name : {"IsolationTest.DISABLED_Reads", "IsolationTest.DISABLED_Writes",
                           "IsolationTest.DISABLED_ReadsVirtualMemory"}) {
    Child child(name);
    EXPECT_EQ(child.wait(), 128 + SIGSEGV) << name << child.text();
  }
}

TEST_F(IsolationTest, DISABLED_Reads) {
  auto* pointer = static_cast<volatile char*>(device_memory(64));
  char byte = *pointer;
  (void)byte;
}

TEST_F(IsolationTest, DISABLED_Writes) {
  *static_cast<volatile char*>(device_memory(64)) = 1;
}

TEST_F(IsolationTest, DISABLED_ReadsVirtualMemory) {
  void* address = nullptr;
  aclrtDrvMemHandle handle = nullptr;
  aclrtPhysicalMemProp property{ACL_MEM_HANDLE_TYPE_NONE,
                                ACL_MEM_ALLOCATION_TYPE_PINNED,
                                ACL_HBM_MEM_HUGE,
                                {0, ACL_MEM_LOCATION_TYPE_DEVICE},
                                0};
  ASSERT_TRUE(ok(aclrtReserveMemAddress(&address, kUnit, 0, nullptr, 0)));
  ASSERT_TRUE(ok(aclrtMallocPhysical(&handle, kUnit, &property, 0)));
  ASSERT_TRUE(ok(aclrtMapMem(address, kUnit, 0, handle, 0)));
  char byte = *static_cast<volatile char*>(address);
  (void)byte;
}

TEST_F(IsolationTest, TheSystemRefusesItToo) {
  void* pointer = device_memory(64);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  EXPECT_EQ(write(pipe_ends[1], pointer, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(IsolationTest, AKernelReachesItByOneAdd) {
  void* pointer = device_memory(64);
  fill(pointer, 64, 5);
  auto* bytes = static_cast<uint8_t*>(softnpu::host_address(pointer));
  EXPECT_EQ(bytes[3], uint8_t(3 * 7 + 5));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(IsolationTest, WrongSidesOfACopyAreRefused) {
  void* pointer = device_memory(64);
  char host[64] = {}, other[64] = {};
  EXPECT_TRUE(refused(aclrtMemcpy(pointer, 64, host, 64, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 64, pointer, 64, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 64, other, 64, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 64, other, 64, ACL_MEMCPY_DEVICE_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 64, softnpu::host_address(pointer), 64, ACL_MEMCPY_DEFAULT)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 65, pointer, 65, ACL_MEMCPY_DEVICE_TO_HOST)))
      << "beyond the end of the block";
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_TRUE(refused(aclrtMemcpy(host, 64, pointer, 64, ACL_MEMCPY_DEVICE_TO_HOST))) << "it is freed";
}

TEST_F(IsolationTest, WhichDeviceAnAddressBelongsTo) {
  char* pointer = static_cast<char*>(device_memory(3 * kUnit + 100));
  EXPECT_EQ(softnpu_device_of(pointer, 3 * kUnit + 100), 0);
  EXPECT_EQ(softnpu_device_of(pointer + kUnit, 1), 0);
  EXPECT_EQ(softnpu_device_of(pointer, 4 * kUnit), -1) << "the last unit is not live to its end";
  EXPECT_EQ(softnpu_device_of(&pointer, 8), -1);
  EXPECT_EQ(softnpu_device_of(nullptr, 8), -1);
  EXPECT_EQ(softnpu_device_of(pointer, SIZE_MAX), -1);
  void* second = nullptr;
  std::thread([&] {
    ASSERT_TRUE(ok(aclrtSetDevice(1)));
    ASSERT_TRUE(ok(aclrtMalloc(&second, 64, ACL_MEM_MALLOC_HUGE_FIRST)));
  }).join();
  EXPECT_EQ(softnpu_device_of(second, 64), 1);
  EXPECT_TRUE(ok(aclrtFree(second)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_EQ(softnpu_device_of(pointer, 8), -1);
}

class AccountTest : public OnDevice {};

TEST_F(AccountTest, UnitsAreCountedExactly) {
  Child child("AccountTest.DISABLED_CountsUnits", private_device("256M"));
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(AccountTest, DISABLED_CountsUnits) {
  size_t before = free_memory();
  void* large = device_memory(5 * kUnit + 1);
  EXPECT_EQ(before - free_memory(), 6 * kUnit);
  void* small = device_memory(1000);
  EXPECT_EQ(before - free_memory(), 7 * kUnit);
  void* another = device_memory(1000);
  EXPECT_EQ(before - free_memory(), 7 * kUnit) << "small blocks share a unit";
  EXPECT_TRUE(ok(aclrtFree(small)));
  EXPECT_EQ(before - free_memory(), 7 * kUnit);
  EXPECT_TRUE(ok(aclrtFree(another)));
  EXPECT_EQ(before - free_memory(), 6 * kUnit);
  EXPECT_TRUE(ok(aclrtFree(large)));
  EXPECT_EQ(free_memory(), before);
}

TEST_F(AccountTest, FreeingReturnsTheMemoryToTheSystem) {
  auto shared_kib = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("RssShmem:", 0) == 0) return std::atol(line.c_str() + 9);
    }
    return -1l;
  };
  long before = shared_kib();
  void* pointer = device_memory(64 * kUnit);
  ASSERT_TRUE(ok(aclrtMemset(pointer, 64 * kUnit, 1, 64 * kUnit)));
  EXPECT_GE(shared_kib(), before + 120 * 1024);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_LE(shared_kib(), before + 4 * 1024);
  pointer = device_memory(64 * kUnit);
  uint8_t byte = 1;
  ASSERT_TRUE(ok(aclrtMemcpy(&byte, 1, pointer, 1, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_EQ(byte, 0);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(AccountTest, OutOfMemoryComesExactlyAtTheEnd) {
  Child child("AccountTest.DISABLED_FillsTheDevice", private_device("64M"));
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(AccountTest, DISABLED_FillsTheDevice) {
  std::vector<void*> blocks;
  for (int i = 0; i < 32; ++i) blocks.push_back(device_memory(kUnit));
  EXPECT_EQ(free_memory(), 0u);
  void* more = nullptr;
  EXPECT_EQ(aclrtMalloc(&more, kUnit, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_RT_MEMORY_ALLOCATION);
  std::string text = message();
  for (const char* part : {"device 0", "2.00 MiB were asked for", "0 bytes of 64.00 MiB are free",
                           "this process holds 64.00 MiB"}) {
    EXPECT_TRUE(contains(text, part)) << text;
  }
  // Every second block goes; what remains free is scattered, but a device has virtual memory.
  for (int i = 0; i < 32; i += 2) ASSERT_TRUE(ok(aclrtFree(blocks[i])));
  EXPECT_EQ(free_memory(), 16 * kUnit);
  more = device_memory(16 * kUnit);
  EXPECT_EQ(free_memory(), 0u);
  fill(more, 16 * kUnit, 1);
  EXPECT_TRUE(holds(more, 16 * kUnit, 1));
}

// The budget is the device's, not the process's.
class BudgetTest : public OnDevice {};

TEST_F(BudgetTest, ProcessesShareADevice) {
  Child::Variables variables = private_device("128M");
  Child holder("BudgetTest.DISABLED_Holds", variables);
  ASSERT_TRUE(holder.says("holding")) << holder.text();
  variables["HOLDER"] = std::to_string(holder.pid());
  Child second("BudgetTest.DISABLED_SeesTheRest", variables);
  EXPECT_EQ(second.wait(), 0) << second.text();
  holder.kill_and_wait();  // nothing of it is left
  Child third("BudgetTest.DISABLED_SeesAll", variables);
  EXPECT_EQ(third.wait(), 0) << third.text();
}

TEST_F(BudgetTest, DISABLED_Holds) {
  void* pointer = device_memory(size_t{96} << 20);
  ASSERT_NE(pointer, nullptr);
  std::puts("holding");
  std::fflush(stdout);
  cann_test::hear();
}

TEST_F(BudgetTest, DISABLED_SeesTheRest) {
  EXPECT_EQ(free_memory(), size_t{32} << 20);
  void* pointer = nullptr;
  EXPECT_EQ(aclrtMalloc(&pointer, size_t{34} << 20, ACL_MEM_MALLOC_HUGE_FIRST),
            ACL_ERROR_RT_MEMORY_ALLOCATION);
  std::string text = message();
  EXPECT_TRUE(contains(text, std::string("process ") + std::getenv("HOLDER") + " holds 96.00 MiB")) << text;
  pointer = device_memory(size_t{32} << 20);
  EXPECT_EQ(free_memory(), 0u);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(BudgetTest, DISABLED_SeesAll) {
  EXPECT_EQ(free_memory(), size_t{128} << 20);
  void* pointer = device_memory(size_t{128} << 20);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

// Many processes take what they can at once: together never more than there is.
TEST_F(BudgetTest, ARaceDoesNotOverdraw) {
  Child::Variables variables = private_device("64M");
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 4; ++i)
    children.push_back(std::make_unique<Child>("BudgetTest.DISABLED_Grabs", variables));
  for (auto& child : children) ASSERT_TRUE(child->says("ready")) << child->text();
  for (auto& child : children) child->tell("go");
  int sum = 0;
  for (auto& child : children) {
    ASSERT_TRUE(child->says("end")) << child->text();
    size_t at = child->text().find("units=");
    ASSERT_NE(at, std::string::npos) << child->text();
    sum += std::atoi(child->text().c_str() + at + 6);
  }
  EXPECT_EQ(sum, 32);
  for (auto& child : children) child->tell("bye");
  for (auto& child : children) EXPECT_EQ(child->wait(), 0) << child->text();
}

TEST_F(BudgetTest, DISABLED_Grabs) {
  std::puts("ready");
  std::fflush(stdout);
  cann_test::hear();
  int units = 0;
  void* pointer = nullptr;
  while (aclrtMalloc(&pointer, kUnit, ACL_MEM_MALLOC_HUGE_FIRST) == ACL_SUCCESS) ++units;
  std::printf("units=%d end\n", units);
  std::fflush(stdout);
  cann_test::hear();
}

TEST_F(BudgetTest, NoFileIsLeftAnywhere) {
  auto listing = [] {
    std::string all;
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("ls -A /dev/shm; ls -A /tmp | grep -i softnpu", "r"),
                                               pclose);
    char text[256];
    while (std::fgets(text, sizeof(text), pipe.get()) != nullptr) all += text;
    return all;
  };
  std::string before = listing();
  Child child("BudgetTest.DISABLED_Holds");
  ASSERT_TRUE(child.says("holding")) << child.text();
  EXPECT_EQ(listing(), before);
  child.kill_and_wait();
  EXPECT_EQ(listing(), before);
}

TEST_F(AccountTest, ResettingADeviceReleasesItsMemory) {
  Child child("AccountTest.DISABLED_Resets", private_device("256M"));
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(AccountTest, DISABLED_Resets) {
  size_t before = free_memory();
  void* pointer = device_memory(4 * kUnit);
  ASSERT_TRUE(ok(aclrtResetDeviceForce(0)));
  ASSERT_TRUE(ok(aclrtSetDevice(0)));
  EXPECT_EQ(free_memory(), before);
  EXPECT_TRUE(refused(aclrtFree(pointer)));
}

}  // namespace
}  // namespace soft_test
