// A stream's error is sticky and travels.
#include "tests/softnpu/soft_test.h"

namespace soft_test {
namespace {

class FailureTest : public OnDevice {};

TEST_F(FailureTest, StaysUntilItIsAborted) {
  aclrtStream on = stream();
  Tally tally;
  ASSERT_TRUE(ok(enqueue_failure(on)));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ok(tally.enqueue(on)));
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_AICORE_EXCEPTION);
  std::string text = message();
  EXPECT_TRUE(contains(text, "the kernel met a bad index")) << text;
  EXPECT_TRUE(contains(text, "device 0")) << text;
  EXPECT_EQ(tally.ran.load(), 0);
  EXPECT_EQ(tally.discarded.load(), 10) << "each task is run or discarded, never both, never neither";
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_AICORE_EXCEPTION) << "it is sticky";
  aclrtStreamStatus status;
  EXPECT_EQ(aclrtStreamQuery(on, &status), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_EQ(aclrtSynchronizeDevice(), ACL_ERROR_RT_AICORE_EXCEPTION);
  ASSERT_TRUE(ok(aclrtStreamAbort(on)));
  ASSERT_TRUE(ok(tally.enqueue(on)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(tally.ran.load(), 1);
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(FailureTest, IsToldWhenTheStreamIsDestroyed) {
  aclrtStream on = stream(), forced = stream();
  for (aclrtStream failing : {on, forced}) ASSERT_TRUE(ok(enqueue_failure(failing)));
  EXPECT_EQ(aclrtDestroyStream(on), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_TRUE(contains(message(), "the kernel met a bad index"));
  EXPECT_TRUE(refused(aclrtSynchronizeStream(on), ACL_ERROR_RT_INVALID_HANDLE)) << "it is gone all the same";
  EXPECT_TRUE(ok(aclrtDestroyStreamForce(forced))) << "who forces does not ask";
}

TEST_F(FailureTest, AnAbortCutsASleepShort) {
  aclrtStream on = stream();
  std::atomic<bool> sleeps{false};
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ok(softnpu_enqueue(
      on,
      [](void* started) -> aclError {
        static_cast<std::atomic<bool>*>(started)->store(true);
        softnpu_sleep(int64_t{600} * 1000000000);
        return ACL_SUCCESS;
      },
      nullptr, &sleeps)));
  while (!sleeps.load()) std::this_thread::yield();
  ASSERT_TRUE(ok(aclrtStreamAbort(on)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(FailureTest, TravelsWithEvents) {
  aclrtStream first = stream(), second = stream(), third = stream(), apart = stream();
  aclrtEvent one = event(), two = event(), before = event();
  Tally tally;
  ASSERT_TRUE(ok(aclrtRecordEvent(before, first)));
  ASSERT_TRUE(ok(enqueue_failure(first)));
  ASSERT_TRUE(ok(aclrtRecordEvent(one, first)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(second, one)));
  ASSERT_TRUE(ok(tally.enqueue(second)));
  ASSERT_TRUE(ok(aclrtRecordEvent(two, second)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(third, two)));
  ASSERT_TRUE(ok(tally.enqueue(apart)));
  EXPECT_EQ(aclrtSynchronizeStream(third), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_TRUE(contains(message(), "the kernel met a bad index")) << "the cause is named at the far end";
  EXPECT_EQ(aclrtSynchronizeEvent(one), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_EQ(aclrtSynchronizeEvent(two), ACL_ERROR_RT_AICORE_EXCEPTION);
  aclrtEventRecordedStatus status;
  EXPECT_EQ(aclrtQueryEventStatus(one, &status), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_TRUE(ok(aclrtSynchronizeEvent(before))) << "it was recorded before the failure";
  EXPECT_TRUE(ok(aclrtSynchronizeStream(apart))) << "it has nothing to do with the failure";
  EXPECT_EQ(tally.ran.load(), 1);
  EXPECT_EQ(tally.discarded.load(), 1);
  for (aclrtEvent mark : {one, two, before}) EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  for (aclrtStream on : {third, apart}) EXPECT_TRUE(ok(aclrtDestroyStream(on)));
  for (aclrtStream on : {first, second})  // which nobody has asked
    EXPECT_EQ(aclrtDestroyStream(on), ACL_ERROR_RT_AICORE_EXCEPTION);
}

TEST_F(FailureTest, ACopyOnAFailedStreamSaysSo) {
  aclrtStream on = stream();
  void* pointer = device_memory(64);
  char host[64] = {};
  ASSERT_TRUE(ok(enqueue_failure(on)));
  EXPECT_EQ(aclrtMemcpyAsync(host, 64, pointer, 64, ACL_MEMCPY_DEVICE_TO_HOST, on),
            ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_TRUE(ok(aclrtFree(pointer)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(FailureTest, AnEventOfAStreamThatWasForcedAwayDoesNotHang) {
  aclrtStream first = stream(), second = stream();
  aclrtEvent mark = event();
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(first)));
  ASSERT_TRUE(gate.reached());
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, first)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(second, mark)));
  ASSERT_TRUE(ok(aclrtDestroyStreamForce(first)));
  gate.open();
  EXPECT_EQ(aclrtSynchronizeStreamWithTimeout(second, 20000), ACL_ERROR_RT_STREAM_ABORT);
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(second)));
}

TEST_F(FailureTest, AWaitForAnEventHasATimeOut) {
  aclrtStream first = stream(), second = stream();
  aclrtEvent mark = event();
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(first)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, first)));
  ASSERT_TRUE(ok(aclrtStreamWaitEventWithTimeout(second, mark, 1)));
  EXPECT_EQ(aclrtSynchronizeStreamWithTimeout(second, 20000), ACL_ERROR_RT_WAIT_TIMEOUT);
  gate.open();
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(first)));
  EXPECT_TRUE(ok(aclrtDestroyStream(second)));
}

TEST_F(FailureTest, TheProgramIsToldOfIt) {
  static std::atomic<int> told{0};
  ASSERT_TRUE(ok(aclrtSetExceptionInfoCallback([](aclrtExceptionInfo*) { told.fetch_add(1); })));
  aclrtStream on = stream();
  ASSERT_TRUE(ok(enqueue_failure(on)));
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_EQ(told.load(), 1);
  ASSERT_TRUE(ok(aclrtSetExceptionInfoCallback(nullptr)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(FailureTest, AnExceptionOfATaskIsItsFailure) {
  aclrtStream on = stream();
  ASSERT_TRUE(ok(softnpu_enqueue(
      on, [](void*) -> aclError { throw std::runtime_error("thrown in a task"); }, nullptr, nullptr)));
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_INTERNAL_ERROR);
  EXPECT_TRUE(contains(message(), "thrown in a task"));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(FailureTest, AStreamThatDoesNotExistTakesNoTask) {
  aclrtStream on = stream();
  Tally tally;
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
  EXPECT_TRUE(refused(tally.enqueue(on), ACL_ERROR_RT_INVALID_HANDLE));
  int on_stack = 0;
  EXPECT_TRUE(refused(tally.enqueue(&on_stack), ACL_ERROR_RT_INVALID_HANDLE));
  EXPECT_EQ(tally.ran.load() + tally.discarded.load(), 0);
}

TEST_F(FailureTest, MemoryThatIsFreedTooEarlyIsFoundByTheCopy) {
  aclrtStream on = stream();
  void *pointer = device_memory(4 << 20), *pinned = nullptr;
  ASSERT_TRUE(ok(aclrtMallocHost(&pinned, 4 << 20)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(ok(aclrtMemcpyAsync(pinned, 4 << 20, pointer, 4 << 20, ACL_MEMCPY_DEVICE_TO_HOST, on)));
  ASSERT_TRUE(ok(aclrtFree(pointer)));
  gate.open();
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_DEVICE_MEM_ERROR);
  EXPECT_TRUE(ok(aclrtFreeHost(pinned)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

class InjectionTest : public OnDevice {};

TEST(InjectionParentTest, ErrorDelayAndMemory) {
  Child error("InjectionTest.DISABLED_Error", {{"SOFTNPU_FAULT", "error=507015,device=0,nth=3"}});
  Child delay("InjectionTest.DISABLED_Delay", {{"SOFTNPU_FAULT", "delay=60,nth=1"}});
  Child memory("InjectionTest.DISABLED_Memory", {{"SOFTNPU_FAULT", "oom,nth=2"}});
  Child elsewhere("InjectionTest.DISABLED_Nothing",
                  {{"SOFTNPU_FAULT", "error=507015,rank=1"}, {"RANK", "0"}});
  Child killed("InjectionTest.DISABLED_Nothing", {{"SOFTNPU_FAULT", "kill,rank=0"}, {"RANK", "0"}});
  Child nonsense("BadSettingTest.DISABLED_IsNamed",
                 {{"SOFTNPU_FAULT", "explode,device=0"}, {"EXPECTED", "explode"}});
  EXPECT_EQ(error.wait(), 0) << error.text();
  EXPECT_EQ(delay.wait(), 0) << delay.text();
  EXPECT_EQ(memory.wait(), 0) << memory.text();
  EXPECT_EQ(elsewhere.wait(), 0) << elsewhere.text();
  EXPECT_EQ(killed.wait(), 128 + SIGKILL) << killed.text();
  EXPECT_EQ(nonsense.wait(), 0) << nonsense.text();
}

TEST_F(InjectionTest, DISABLED_Error) {
  aclrtStream on = stream();
  Tally tally;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ok(tally.enqueue(on)));
  EXPECT_EQ(aclrtSynchronizeStream(on), ACL_ERROR_RT_AICORE_EXCEPTION);
  EXPECT_TRUE(contains(message(), "SOFTNPU_FAULT"));
  EXPECT_EQ(tally.ran.load(), 2);
  EXPECT_EQ(tally.discarded.load(), 3);
}

TEST_F(InjectionTest, DISABLED_Delay) {
  aclrtStream on = stream();
  Tally tally;
  auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ok(tally.enqueue(on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_GE(seconds_since(begin), 0.06);
}

TEST_F(InjectionTest, DISABLED_Memory) {
  void* pointer = device_memory(64);
  void* second = nullptr;
  EXPECT_TRUE(refused(aclrtMalloc(&second, 64, ACL_MEM_MALLOC_HUGE_FIRST), ACL_ERROR_RT_MEMORY_ALLOCATION));
  EXPECT_TRUE(ok(aclrtMalloc(&second, 64, ACL_MEM_MALLOC_HUGE_FIRST)));
  EXPECT_TRUE(ok(aclrtFree(pointer)));
}

TEST_F(InjectionTest, DISABLED_Nothing) {
  aclrtStream on = stream();
  Tally tally;
  ASSERT_TRUE(ok(tally.enqueue(on)));
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(tally.ran.load(), 1);
}

}  // namespace
}  // namespace soft_test
