#include "tests/cann/cann_test.h"

namespace cann_test {
namespace {

class MemoryTest : public OnDevice {};

TEST_F(MemoryTest, BlocksAreAlignedAndApart) {
  std::vector<char*> blocks;
  for (size_t size : {size_t{1}, size_t{31}, size_t{512}, size_t{4097}, size_t{1} << 20, size_t{3} << 20}) {
    blocks.push_back(static_cast<char*>(device_memory(size)));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(blocks.back()) % 64, 0u);
    fill(blocks.back(), size, int(blocks.size()));
  }
  size_t index = 0;
  for (size_t size : {size_t{1}, size_t{31}, size_t{512}, size_t{4097}, size_t{1} << 20, size_t{3} << 20}) {
    EXPECT_TRUE(holds(blocks[index], size, int(index + 1))) << size;
    ++index;
  }
  for (char* block : blocks) EXPECT_TRUE(ok(aclrtFree(block)));
}

TEST_F(MemoryTest, EveryPolicyGivesMemory) {
  for (int policy : {ACL_MEM_MALLOC_HUGE_FIRST, ACL_MEM_MALLOC_HUGE_ONLY, ACL_MEM_MALLOC_NORMAL_ONLY}) {
    for (auto* allocate : {&aclrtMalloc, &aclrtMallocAlign32, &aclrtMallocCached}) {
      void* pointer = nullptr;
      ASSERT_TRUE(ok(allocate(&pointer, 2 << 20, aclrtMemMallocPolicy(policy))));
      fill(pointer, 2 << 20, policy);
      EXPECT_TRUE(holds(pointer, 2 << 20, policy));
      EXPECT_TRUE(ok(aclrtFree(pointer)));
    }
  }
  void* pointer = nullptr;
  ASSERT_TRUE(ok(aclrtMallocWithCfg(&pointer, 4096, ACL_MEM_MALLOC_HUGE_FIRST, nullptr)));
  EXPECT_TRUE(ok(aclrtFreeWithDevSync(pointer)));
}

TEST_F(MemoryTest, WhatIsNoBlockIsRefused) {
  void* pointer = nullptr;
  EXPECT_TRUE(refused(aclrtMalloc(&pointer, 0, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_INVALID_PARAM));
  EXPECT_TRUE(refused(aclrtMalloc(nullptr, 64, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_INVALID_PARAM));
  EXPECT_TRUE(refused(aclrtFree(nullptr), ACL_ERROR_INVALID_PARAM));
  int on_stack = 0;
  EXPECT_TRUE(refused(aclrtFree(&on_stack)));
  pointer = device_memory(1 << 20);
  EXPECT_TRUE(refused(aclrtFree(static_cast<char*>(pointer) + 64)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_TRUE(refused(aclrtFree(pointer)));
}

TEST_F(MemoryTest, FreeMemoryGoesDownAndComesBack) {
  size_t before = 0, during = 0, after = 0, total = 0;
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &before, &total)));
  EXPECT_LE(before, total);
  void* pointer = device_memory(size_t{64} << 20);
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &during, &total)));
  EXPECT_LE(during + (size_t{64} << 20), before);
  ASSERT_TRUE(ok(aclrtFree(pointer)));
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &after, &total)));
  EXPECT_GE(after, before);
}

TEST_F(MemoryTest, MoreThanThereIsIsAnErrorAndNotTheEnd) {
  size_t free = 0, total = 0;
  ASSERT_TRUE(ok(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total)));
  void* pointer = nullptr;
  EXPECT_TRUE(refused(aclrtMalloc(&pointer, total + (size_t{1} << 30), ACL_MEM_MALLOC_HUGE_FIRST),
                      ACL_ERROR_RT_MEMORY_ALLOCATION));
  pointer = device_memory(4096);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, CopiesOfEveryKind) {
  constexpr size_t kSize = (1 << 20) + 13;
  std::vector<uint8_t> from(kSize), to(kSize);
  for (size_t i = 0; i < kSize; ++i) from[i] = uint8_t(i * 31);
  void *first = device_memory(kSize), *second = device_memory(kSize);
  ASSERT_TRUE(ok(aclrtMemcpy(first, kSize, from.data(), kSize, ACL_MEMCPY_HOST_TO_DEVICE)));
  ASSERT_TRUE(ok(aclrtMemcpy(second, kSize, first, kSize, ACL_MEMCPY_DEVICE_TO_DEVICE)));
  ASSERT_TRUE(ok(aclrtMemcpy(to.data(), kSize, second, kSize, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_EQ(from, to);
  std::vector<uint8_t> third(kSize);
  ASSERT_TRUE(ok(aclrtMemcpy(third.data(), kSize, to.data(), kSize, ACL_MEMCPY_HOST_TO_HOST)));
  EXPECT_EQ(from, third);
  EXPECT_TRUE(ok(aclrtFree(first)));
  EXPECT_TRUE(ok(aclrtFree(second)));
}

TEST_F(MemoryTest, TheDefaultKindLooksAtTheAddresses) {
  std::vector<uint8_t> from(4096, 9), to(4096);
  void* pointer = device_memory(4096);
  ASSERT_TRUE(ok(aclrtMemcpy(pointer, 4096, from.data(), 4096, ACL_MEMCPY_DEFAULT)));
  ASSERT_TRUE(ok(aclrtMemcpy(to.data(), 4096, pointer, 4096, ACL_MEMCPY_DEFAULT)));
  EXPECT_EQ(from, to);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, CopiesOutOfBoundsAreRefused) {
  std::vector<uint8_t> host(8192);
  void* pointer = device_memory(4096);
  EXPECT_TRUE(refused(aclrtMemcpy(pointer, 4096, host.data(), 8192, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(nullptr, 4096, host.data(), 64, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(pointer, 4096, nullptr, 64, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(refused(aclrtMemcpy(pointer, 4096, host.data(), 64, aclrtMemcpyKind(99))));
  EXPECT_TRUE(refused(aclrtMemset(pointer, 16, 0, 17)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, RowsWithPitch) {
  constexpr size_t kWidth = 60, kHeight = 7, kHostPitch = 100, kDevicePitch = 64;
  std::vector<uint8_t> from(kHostPitch * kHeight), to(kHostPitch * kHeight, 0xee);
  for (size_t i = 0; i < from.size(); ++i) from[i] = uint8_t(i);
  void* pointer = device_memory(kDevicePitch * kHeight);
  ASSERT_TRUE(ok(aclrtMemcpy2d(pointer, kDevicePitch, from.data(), kHostPitch, kWidth, kHeight,
                               ACL_MEMCPY_HOST_TO_DEVICE)));
  ASSERT_TRUE(ok(aclrtMemcpy2d(to.data(), kHostPitch, pointer, kDevicePitch, kWidth, kHeight,
                               ACL_MEMCPY_DEVICE_TO_HOST)));
  for (size_t row = 0; row < kHeight; ++row) {
    for (size_t column = 0; column < kHostPitch; ++column) {
      size_t at = row * kHostPitch + column;
      EXPECT_EQ(to[at], column < kWidth ? from[at] : 0xee);
    }
  }
  EXPECT_TRUE(refused(
      aclrtMemcpy2d(pointer, 50, from.data(), kHostPitch, kWidth, kHeight, ACL_MEMCPY_HOST_TO_DEVICE)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, ABatchOfCopiesSaysWhichOneIsWrong) {
  constexpr size_t kCount = 3, kSize = 1000;
  std::vector<uint8_t> host[kCount];
  void *device[kCount], *from[kCount];
  size_t sizes[kCount] = {kSize, kSize, kSize}, first = 0, failed = 0;
  for (size_t i = 0; i < kCount; ++i) {
    host[i].assign(kSize, uint8_t(i + 1));
    device[i] = device_memory(kSize);
    from[i] = host[i].data();
  }
  aclrtMemcpyBatchAttr attribute{{0, ACL_MEM_LOCATION_TYPE_DEVICE}, {0, ACL_MEM_LOCATION_TYPE_HOST}, {}};
  ASSERT_TRUE(ok(aclrtMemcpyBatch(device, sizes, from, sizes, kCount, &attribute, &first, 1, &failed)));
  EXPECT_EQ(failed, SIZE_MAX);
  std::vector<uint8_t> back(kSize);
  ASSERT_TRUE(ok(aclrtMemcpy(back.data(), kSize, device[2], kSize, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_EQ(back, host[2]);
  std::swap(device[1], from[1]);
  EXPECT_TRUE(refused(aclrtMemcpyBatch(device, sizes, from, sizes, kCount, &attribute, &first, 1, &failed)));
  EXPECT_EQ(failed, 1u);
  std::swap(device[1], from[1]);
  for (void* pointer : device) EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, PinnedMemoryAndWhereAPointerPoints) {
  void* pinned = nullptr;
  EXPECT_TRUE(refused(aclrtMallocHost(&pinned, 0), ACL_ERROR_INVALID_PARAM));
  ASSERT_TRUE(ok(aclrtMallocHost(&pinned, 10000)));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(pinned) % 64, 0u);
  std::memset(pinned, 1, 10000);
  void* device = device_memory(10000);
  aclrtPtrAttributes attributes{};
  ASSERT_TRUE(ok(aclrtPointerGetAttributes(pinned, &attributes)));
  EXPECT_EQ(attributes.location.type, ACL_MEM_LOCATION_TYPE_HOST);
  ASSERT_TRUE(ok(aclrtPointerGetAttributes(device, &attributes)));
  EXPECT_EQ(attributes.location.type, ACL_MEM_LOCATION_TYPE_DEVICE);
  EXPECT_EQ(attributes.location.id, 0u);
  int on_stack = 0;
  ASSERT_TRUE(ok(aclrtPointerGetAttributes(&on_stack, &attributes)));
  EXPECT_EQ(attributes.location.type, ACL_MEM_LOCATION_TYPE_UNREGISTERED);
  EXPECT_TRUE(ok(aclrtFree(device)));
  EXPECT_TRUE(ok(aclrtFreeHost(pinned)));
  EXPECT_TRUE(refused(aclrtFreeHost(pinned)));
}

TEST_F(MemoryTest, FillsOfEveryByte) {
  void* pointer = device_memory(5000);
  ASSERT_TRUE(ok(aclrtMemset(pointer, 5000, 0xab, 4999)));
  ASSERT_TRUE(ok(aclrtMemset(static_cast<char*>(pointer) + 4999, 1, 0x12, 1)));
  std::vector<uint8_t> bytes(5000);
  ASSERT_TRUE(ok(aclrtMemcpy(bytes.data(), 5000, pointer, 5000, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_EQ(bytes[0], 0xab);
  EXPECT_EQ(bytes[4998], 0xab);
  EXPECT_EQ(bytes[4999], 0x12);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(MemoryTest, ThreadsAllocateAndFreeAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([i] {
      ASSERT_TRUE(ok(aclrtSetDevice(0)));
      std::vector<std::pair<void*, size_t>> blocks;
      for (int round = 0; round < 100; ++round) {
        size_t size = size_t(1) << (8 + (round * 7 + i) % 14);
        void* pointer = nullptr;
        ASSERT_TRUE(ok(aclrtMalloc(&pointer, size, ACL_MEM_MALLOC_HUGE_FIRST)));
        ASSERT_TRUE(ok(aclrtMemset(pointer, size, i + 1, size)));
        blocks.emplace_back(pointer, size);
        if (blocks.size() > 4) {
          auto [old, length] = blocks.front();
          blocks.erase(blocks.begin());
          uint8_t ends[2] = {};
          ASSERT_TRUE(ok(aclrtMemcpy(ends, 1, old, 1, ACL_MEMCPY_DEVICE_TO_HOST)));
          ASSERT_TRUE(ok(
              aclrtMemcpy(ends + 1, 1, static_cast<char*>(old) + length - 1, 1, ACL_MEMCPY_DEVICE_TO_HOST)));
          ASSERT_EQ(ends[0], i + 1);
          ASSERT_EQ(ends[1], i + 1);
          ASSERT_TRUE(ok(aclrtFree(old)));
        }
      }
      for (auto [pointer, size] : blocks) ASSERT_TRUE(ok(aclrtFree(pointer)));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cann_test
