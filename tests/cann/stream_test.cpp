#include <algorithm>

#include "tests/cann/cann_test.h"

namespace cann_test {
namespace {

class StreamTest : public OnDevice {};

void wait_20ms(void*) {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}
void count_up(void* counter) {
  static_cast<std::atomic<int>*>(counter)->fetch_add(1);
}

TEST_F(StreamTest, TasksRunInOrder) {
  aclrtStream on = stream();
  struct Step {
    std::vector<int>* order;
    int number;
  };
  std::vector<int> order;
  std::vector<Step> steps;
  for (int i = 0; i < 1000; ++i) steps.push_back({&order, i});
  for (Step& step : steps) {
    ASSERT_TRUE(ok(aclrtLaunchHostFunc(
        on, [](void* s) { static_cast<Step*>(s)->order->push_back(static_cast<Step*>(s)->number); }, &step)));
  }
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, TwoStreamsOverlap) {
  aclrtStream one = stream(), two = stream();
  Gate first, second;
  ASSERT_TRUE(ok(first.enqueue(one)));
  ASSERT_TRUE(ok(second.enqueue(two)));
  EXPECT_TRUE(first.reached());
  EXPECT_TRUE(second.reached()) << "the second stream waits for the first";
  first.open();
  second.open();
  EXPECT_TRUE(ok(aclrtDestroyStream(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(two)));
}

TEST_F(StreamTest, EnqueueingDoesNotWaitForALongTask) {
  aclrtStream on = stream();
  void* pointer = device_memory(4096);
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(gate.reached());
  constexpr int kTasks = 5000;
  double slowest_of_most = 0;
  std::vector<double> times;
  for (int i = 0; i < kTasks; ++i) {
    auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(ok(aclrtMemsetAsync(pointer, 4096, i, 4096, on)));
    times.push_back(seconds_since(begin));
  }
  std::sort(times.begin(), times.end());
  slowest_of_most = times[kTasks * 99 / 100];
  EXPECT_LT(slowest_of_most, 1e-3);
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, IdleMeansFinished) {
  aclrtStream on = stream();
  aclrtStreamStatus status = ACL_STREAM_STATUS_RESERVED;
  EXPECT_TRUE(ok(aclrtStreamQuery(on, &status)));
  EXPECT_EQ(status, ACL_STREAM_STATUS_COMPLETE);
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(gate.reached()) << "the task has left the queue";
  EXPECT_TRUE(ok(aclrtStreamQuery(on, &status)));
  EXPECT_EQ(status, ACL_STREAM_STATUS_NOT_READY);
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(ok(aclrtStreamQuery(on, &status)));
  EXPECT_EQ(status, ACL_STREAM_STATUS_COMPLETE);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, SynchronisingHasATimeOut) {
  aclrtStream on = stream();
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(refused(aclrtSynchronizeStreamWithTimeout(on, 50), ACL_ERROR_RT_STREAM_SYNC_TIMEOUT));
  EXPECT_GE(seconds_since(begin), 0.045);
  EXPECT_TRUE(refused(aclrtSynchronizeDeviceWithTimeout(50), ACL_ERROR_RT_STREAM_SYNC_TIMEOUT));
  EXPECT_TRUE(refused(aclrtSynchronizeStreamWithTimeout(on, -2)));
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStreamWithTimeout(on, 20000)));
  EXPECT_TRUE(ok(aclrtSynchronizeStreamWithTimeout(on, -1)));
  EXPECT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, DestroyingWaitsForTheTasks) {
  aclrtStream on = stream();
  std::atomic<int> done{0};
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, wait_20ms, nullptr)));
    ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  }
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
  EXPECT_EQ(done.load(), 5);
  EXPECT_TRUE(refused(aclrtSynchronizeStream(on))) << "the handle is gone";
  EXPECT_TRUE(refused(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, DestroyingByForceDropsTheTasks) {
  aclrtStream on = stream();
  static Gate gate;
  static std::atomic<int> done{0};
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(gate.reached());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(ok(aclrtDestroyStreamForce(on)));
  EXPECT_LT(seconds_since(begin), 5) << "it does not wait for the running task";
  gate.open();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(done.load(), 0);
}

TEST_F(StreamTest, AbortingDropsTheTasksAndKeepsTheStream) {
  aclrtStream on = stream(), other = stream();
  Gate gate;
  aclrtEvent never = event();
  ASSERT_TRUE(ok(gate.enqueue(other)));
  ASSERT_TRUE(ok(aclrtRecordEvent(never, other)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(on, never)));
  std::atomic<int> done{0};
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  std::atomic<int> of_waiter{0};
  std::thread waiter([&] {
    ASSERT_TRUE(ok(aclrtSetDevice(0)));
    of_waiter = aclrtSynchronizeStreamWithTimeout(on, 20000);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(ok(aclrtStreamAbort(on)));
  waiter.join();
  EXPECT_EQ(of_waiter.load(), ACL_ERROR_RT_STREAM_ABORT);
  EXPECT_EQ(done.load(), 0);
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(done.load(), 1);
  gate.open();
  EXPECT_TRUE(ok(aclrtDestroyStream(other)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(never)));
}

TEST_F(StreamTest, TheNullStreamIsTheDefaultOfTheContext) {
  aclrtStream on = nullptr;
  ASSERT_TRUE(ok(aclrtCtxGetCurrentDefaultStream(&on)));
  ASSERT_NE(on, nullptr);
  int32_t by_null = -1, by_handle = -2;
  EXPECT_TRUE(ok(aclrtStreamGetId(nullptr, &by_null)));
  EXPECT_TRUE(ok(aclrtStreamGetId(on, &by_handle)));
  EXPECT_EQ(by_null, by_handle);
  std::atomic<int> done{0};
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(nullptr, count_up, &done)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(nullptr)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(refused(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, PrioritiesAndFlags) {
  int32_t least = -1, greatest = -1;
  ASSERT_TRUE(ok(aclrtDeviceGetStreamPriorityRange(&least, &greatest)));
  EXPECT_GE(least, greatest) << "a smaller number is a higher priority";
  aclrtStream on = nullptr;
  ASSERT_TRUE(
      ok(aclrtCreateStreamWithConfig(&on, uint32_t(least), ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC)));
  uint32_t priority = 99, flags = 0;
  EXPECT_TRUE(ok(aclrtStreamGetPriority(on, &priority)));
  EXPECT_EQ(int32_t(priority), least);
  EXPECT_TRUE(ok(aclrtStreamGetFlags(on, &flags)));
  EXPECT_EQ(flags, uint32_t(ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC));
  EXPECT_TRUE(ok(aclrtSetStreamFailureMode(on, ACL_STOP_ON_FAILURE)));
  std::atomic<int> done{0};
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
  EXPECT_EQ(done.load(), 1);
}

TEST_F(StreamTest, AThousandStreams) {
  constexpr int kStreams = 1000;
  std::vector<aclrtStream> streams;
  std::atomic<int> done{0};
  for (int i = 0; i < kStreams; ++i) streams.push_back(stream());
  for (aclrtStream on : streams) ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  EXPECT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_EQ(done.load(), kStreams);
  for (aclrtStream on : streams) EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, ManyThreadsFeedOneStream) {
  aclrtStream on = stream();
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      ASSERT_TRUE(ok(aclrtSetDevice(0)));
      for (int n = 0; n < 2000; ++n) {
        ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
        if (n % 500 == 0) {
          ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(done.load(), 16000);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, StreamsAreMadeUsedAndDestroyedByManyThreads) {
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      ASSERT_TRUE(ok(aclrtSetDevice(0)));
      for (int n = 0; n < 60; ++n) {
        aclrtStream on = nullptr;
        ASSERT_TRUE(ok(aclrtCreateStream(&on)));
        for (int task = 0; task < 10; ++task) ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
        ASSERT_TRUE(ok(aclrtDestroyStream(on)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done.load(), 6 * 60 * 10);
}

TEST_F(StreamTest, CopiesAreOrderedWithTheOtherTasks) {
  constexpr size_t kSize = 1 << 16;
  aclrtStream on = stream();
  void *first = device_memory(kSize), *second = device_memory(kSize), *pinned = nullptr;
  ASSERT_TRUE(ok(aclrtMallocHost(&pinned, kSize)));
  Gate gate;
  ASSERT_TRUE(ok(aclrtMemset(first, kSize, 0, kSize)));
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(ok(aclrtMemsetAsync(first, kSize, 0x5a, kSize, on)));
  ASSERT_TRUE(ok(aclrtMemcpyAsync(second, kSize, first, kSize, ACL_MEMCPY_DEVICE_TO_DEVICE, on)));
  std::memset(pinned, 0, kSize);
  ASSERT_TRUE(ok(aclrtMemcpyAsync(pinned, kSize, second, kSize, ACL_MEMCPY_DEVICE_TO_HOST, on)));
  EXPECT_EQ(static_cast<uint8_t*>(pinned)[17], 0) << "a copy to pinned memory does not wait";
  uint8_t now = 1;
  ASSERT_TRUE(ok(aclrtMemcpy(&now, 1, first, 1, ACL_MEMCPY_DEVICE_TO_HOST)));
  EXPECT_EQ(now, 0) << "a synchronous copy waits for no stream";
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(static_cast<uint8_t*>(pinned)[0], 0x5a);
  EXPECT_EQ(static_cast<uint8_t*>(pinned)[kSize - 1], 0x5a);
  EXPECT_TRUE(ok(aclrtFree(first)));
  EXPECT_TRUE(ok(aclrtFree(second)));
  EXPECT_TRUE(ok(aclrtFreeHost(pinned)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, ACopyOfPageableMemoryIsDoneWhenTheCallReturns) {
  constexpr size_t kSize = 3 << 20;
  aclrtStream on = stream();
  void* pointer = device_memory(kSize);
  std::vector<uint8_t> from(kSize, 0x77), to(kSize);
  ASSERT_TRUE(ok(aclrtMemcpyAsync(pointer, kSize, from.data(), kSize, ACL_MEMCPY_HOST_TO_DEVICE, on)));
  std::fill(from.begin(), from.end(), 0);
  ASSERT_TRUE(ok(aclrtMemcpyAsync(to.data(), kSize, pointer, kSize, ACL_MEMCPY_DEVICE_TO_HOST, on)));
  EXPECT_EQ(to[0], 0x77);
  EXPECT_EQ(to[kSize - 1], 0x77);
  EXPECT_TRUE(refused(aclrtMemcpyAsync(to.data(), 8, from.data(), 8, ACL_MEMCPY_HOST_TO_HOST, on),
                      ACL_ERROR_RT_FEATURE_NOT_SUPPORT));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(StreamTest, ValuesAreWrittenAndWaitedFor) {
  aclrtStream writer = stream(), waiter = stream();
  void* word = device_memory(8);
  ASSERT_TRUE(ok(aclrtMemset(word, 8, 0, 8)));
  std::atomic<int> done{0};
  ASSERT_TRUE(ok(aclrtValueWait(word, 42, 1, waiter)));  // until equal
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(waiter, count_up, &done)));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(done.load(), 0);
  ASSERT_TRUE(ok(aclrtValueWrite(word, 42, 0, writer)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(waiter)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(ok(aclrtDestroyStream(writer)));
  EXPECT_TRUE(ok(aclrtDestroyStream(waiter)));
  EXPECT_TRUE(ok(aclrtFree(word)));
}

}  // namespace
}  // namespace cann_test
