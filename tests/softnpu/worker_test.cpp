// Time: workers, their number and their speed; forks; the end of a process.
#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/softnpu/soft_test.h"

namespace soft_test {
namespace {

int threads() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

aclError sleep_task(void* milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(reinterpret_cast<intptr_t>(milliseconds)));
  return ACL_SUCCESS;
}

class WorkerTest : public OnDevice {};

TEST_F(WorkerTest, TwoStreamsTakeTheTimeOfOne) {
  aclrtStream one = stream(), two = stream();
  auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ok(softnpu_enqueue(one, sleep_task, nullptr, reinterpret_cast<void*>(300))));
  ASSERT_TRUE(ok(softnpu_enqueue(two, sleep_task, nullptr, reinterpret_cast<void*>(300))));
  EXPECT_LT(seconds_since(begin), 0.1);
  ASSERT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_GE(seconds_since(begin), 0.3);
  EXPECT_LT(seconds_since(begin), 0.55);
  EXPECT_TRUE(ok(aclrtDestroyStream(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(two)));
}

aclError busy_task(void*) {
  auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::microseconds(50)) {
  }
  return ACL_SUCCESS;
}

// Counted in sleeps of the thread that waits: being woken for each task before the last would be one each.
TEST_F(WorkerTest, WhoWaitsIsNotWokenForEveryTask) {
  aclrtStream on = stream();
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(ok(softnpu_enqueue(on, busy_task, nullptr, nullptr)));
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    gate.open();
  });
  rusage before{}, after{};
  getrusage(RUSAGE_THREAD, &before);
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  getrusage(RUSAGE_THREAD, &after);
  opener.join();
  EXPECT_LT(after.ru_nvcsw - before.ru_nvcsw, 100);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

// In a process of its own, where no worker of a test before ends while the threads are counted.
TEST_F(WorkerTest, AStreamWithoutWorkHasNoThread) {
  Child child("WorkerTest.DISABLED_TwoHundredUnused", {});
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(WorkerTest, DISABLED_TwoHundredUnused) {
  int before = threads();
  std::vector<aclrtStream> streams;
  for (int i = 0; i < 200; ++i) streams.push_back(stream());
  EXPECT_EQ(threads(), before);
  for (aclrtStream on : streams) EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(WorkerTest, IdleStreamsCostNothing) {
  Child child("WorkerTest.DISABLED_ThousandIdle", {{"SOFTNPU_IDLE_SECONDS", "1"}});
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(WorkerTest, DISABLED_ThousandIdle) {
  int before = threads();
  std::vector<aclrtStream> streams;
  Tally tally;
  for (int i = 0; i < 1000; ++i) streams.push_back(stream());
  for (aclrtStream on : streams) ASSERT_TRUE(ok(tally.enqueue(on)));
  ASSERT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_EQ(tally.ran.load(), 1000);
  double cpu = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_LT(cpu_seconds() - cpu, 0.2) << "parked workers do not run";
  for (int i = 0; i < 60 && threads() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(threads(), before) << "and they end";
  for (aclrtStream on : streams) ASSERT_TRUE(ok(tally.enqueue(on)));
  ASSERT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_EQ(tally.ran.load(), 2000) << "and come back";
}

// Workers end exactly while tasks come, which is where a task could be forgotten.
TEST_F(WorkerTest, NoTaskIsForgottenWhenWorkersEnd) {
  Child child("WorkerTest.DISABLED_EndsAllTheTime", {{"SOFTNPU_IDLE_SECONDS", "0"}});
  EXPECT_EQ(child.wait(120), 0) << child.text();
}

TEST_F(WorkerTest, DISABLED_EndsAllTheTime) {
  std::vector<std::thread> feeders;
  std::atomic<int> lost{0};
  for (int t = 0; t < 4; ++t) {
    feeders.emplace_back([&] {
      ASSERT_TRUE(ok(aclrtSetDevice(0)));
      aclrtStream on = nullptr;
      ASSERT_TRUE(ok(aclrtCreateStream(&on)));
      Tally tally;
      for (int i = 0; i < 1500; ++i) {
        ASSERT_TRUE(ok(tally.enqueue(on)));
        if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(i % 200));
        if (i % 10 == 0 && aclrtSynchronizeStreamWithTimeout(on, 10000) != ACL_SUCCESS) lost.fetch_add(1);
      }
      ASSERT_TRUE(ok(aclrtDestroyStream(on)));
      if (tally.ran.load() != 1500) lost.fetch_add(1);
    });
  }
  for (std::thread& feeder : feeders) feeder.join();
  EXPECT_EQ(lost.load(), 0);
}

TEST_F(WorkerTest, EnqueueingIsCheap) {
  aclrtStream on = stream();
  Tally tally;
  ASSERT_TRUE(ok(tally.enqueue(on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  constexpr int kBatch = 2000;
  std::vector<double> rounds;
  for (int round = 0; round < 50; ++round) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kBatch; ++i) ASSERT_TRUE(tally.enqueue(on) == ACL_SUCCESS);
    rounds.push_back(seconds_since(begin) / kBatch);
    ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  }
  std::sort(rounds.begin(), rounds.end());
  RecordProperty("nanoseconds", int(rounds[rounds.size() / 4] * 1e9));
  std::printf("enqueue: %.0f ns\n", rounds[rounds.size() / 4] * 1e9);
  EXPECT_LT(rounds[rounds.size() / 4], 5e-6);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(WorkerTest, ARoundTripIsShort) {
  aclrtStream on = stream();
  Tally tally;
  std::vector<double> rounds;
  for (int round = 0; round < 400; ++round) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // the worker parks
    auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(ok(tally.enqueue(on)));
    ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
    rounds.push_back(seconds_since(begin));
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("round trip, parked worker: %.1f us\n", rounds[rounds.size() / 4] * 1e6);
  EXPECT_LT(rounds[rounds.size() / 4], 2e-3);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

// Exits while tasks run, wait for an event that never comes, and are queued.
TEST_F(WorkerTest, AProcessCanEndAtAnyTime) {
  for (const char* name :
       {"WorkerTest.DISABLED_ExitsWhileWaiting", "WorkerTest.DISABLED_ExitsWhileRunning"}) {
    Child child(name);
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(child.wait(30), 7) << name << child.text();
    EXPECT_LT(seconds_since(begin), 10) << name;
  }
}

TEST_F(WorkerTest, DISABLED_ExitsWhileWaiting) {
  aclrtStream one = stream(), two = stream();
  aclrtEvent mark = event();
  static Gate* gate = new Gate;
  ASSERT_TRUE(ok(gate->enqueue(one)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, one)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(two, mark)));
  ASSERT_TRUE(gate->reached());
  std::exit(7);
}

TEST_F(WorkerTest, DISABLED_ExitsWhileRunning) {
  aclrtStream on = stream();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(ok(softnpu_enqueue(on, sleep_task, nullptr, reinterpret_cast<void*>(50))));
  }
  std::exit(7);
}

TEST_F(WorkerTest, AThreadsShareOfTheCores) {
  EXPECT_GE(softnpu_compute_threads(), 1);
  Child child("WorkerTest.DISABLED_ThreeThreads", {{"SOFTNPU_THREADS", "3"}});
  EXPECT_EQ(child.wait(), 0) << child.text();
}

TEST_F(WorkerTest, DISABLED_ThreeThreads) {
  EXPECT_EQ(softnpu_compute_threads(), 3);
}

// A forked child is refused at its first call, and only where the parent had used the NPU. Each test has a
// process of its own, and the result comes as an exit code: a child that hangs would keep pipes open.
class ForkTest : public testing::Test {
 protected:
  static int exit_code_of_fork(int (*body)()) {
    pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    for (int i = 0; i < 2000; ++i) {
      if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      usleep(5000);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -2;
  }
};

TEST(ForkParentTest, RefusesAfterUseOnly) {
  Child used("ForkTest.DISABLED_AfterUse"), unused("ForkTest.DISABLED_BeforeUse");
  EXPECT_EQ(used.wait(), 0) << used.text();
  EXPECT_EQ(unused.wait(), 0) << unused.text();
}

TEST_F(ForkTest, DISABLED_AfterUse) {
  ASSERT_TRUE(ok(aclrtSetDevice(0)));
  static void* pointer = nullptr;
  static aclrtStream on = nullptr;
  ASSERT_TRUE(ok(aclrtMalloc(&pointer, 4096, ACL_MEM_MALLOC_HUGE_FIRST)));
  ASSERT_TRUE(ok(aclrtCreateStream(&on)));
  ASSERT_TRUE(ok(aclrtMemsetAsync(pointer, 4096, 1, 4096, on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(exit_code_of_fork([]() -> int {
              char byte = 0;
              uint32_t count = 0;
              void* other = nullptr;
              if (aclrtGetDeviceCount(&count) == ACL_SUCCESS) return 1;
              if (!contains(message(), "forked")) return 2;
              if (aclrtMemcpy(&byte, 1, pointer, 1, ACL_MEMCPY_DEVICE_TO_HOST) == ACL_SUCCESS) return 3;
              if (aclrtSynchronizeStream(on) == ACL_SUCCESS) return 4;
              if (aclrtMalloc(&other, 64, ACL_MEM_MALLOC_HUGE_FIRST) == ACL_SUCCESS) return 5;
              if (softnpu_enqueue(on, sleep_task, nullptr, nullptr) == ACL_SUCCESS) return 6;
              if (softnpu_require_device(nullptr) == ACL_SUCCESS || !contains(message(), "forked")) return 7;
              return 0;
            }),
            0);
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on))) << "the parent goes on";
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(ForkTest, DISABLED_BeforeUse) {
  uint32_t count = 0;
  ASSERT_TRUE(ok(aclrtGetDeviceCount(&count)));
  EXPECT_EQ(exit_code_of_fork([]() -> int {
              uint32_t here = 0;
              void* pointer = nullptr;
              if (aclrtGetDeviceCount(&here) != ACL_SUCCESS || here == 0) return 1;
              if (aclrtSetDevice(0) != ACL_SUCCESS) return 2;
              if (aclrtMalloc(&pointer, 64, ACL_MEM_MALLOC_HUGE_FIRST) != ACL_SUCCESS) return 3;
              return aclrtMemset(pointer, 64, 1, 64) == ACL_SUCCESS ? 0 : 4;
            }),
            0);
  EXPECT_TRUE(ok(aclrtSetDevice(0))) << "the parent may still begin";
}

}  // namespace
}  // namespace soft_test
