#include "tests/cann/cann_test.h"

namespace cann_test {
namespace {

class EventTest : public OnDevice {
 protected:
  static bool complete(aclrtEvent event) {
    aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
    EXPECT_TRUE(ok(aclrtQueryEventStatus(event, &status)));
    return status == ACL_EVENT_RECORDED_STATUS_COMPLETE;
  }
};

void count_up(void* counter) {
  static_cast<std::atomic<int>*>(counter)->fetch_add(1);
}

TEST_F(EventTest, CompletesWhenTheTasksBeforeItHave) {
  aclrtStream on = stream();
  aclrtEvent mark = event();
  EXPECT_TRUE(complete(mark)) << "it has captured nothing yet";
  EXPECT_TRUE(ok(aclrtSynchronizeEvent(mark)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, on)));
  EXPECT_FALSE(complete(mark));
  EXPECT_TRUE(refused(aclrtSynchronizeEventWithTimeout(mark, 30), ACL_ERROR_RT_EVENT_SYNC_TIMEOUT));
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeEventWithTimeout(mark, 20000)));
  EXPECT_TRUE(complete(mark));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(EventTest, AStreamWaitsForAnother) {
  aclrtStream one = stream(), two = stream();
  aclrtEvent mark = event();
  std::atomic<int> done{0};
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(one)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, one)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(two, mark)));
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(two, count_up, &done)));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(done.load(), 0);
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(two)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(two)));
}

TEST_F(EventTest, RecordingAgainDoesNotSatisfyAnEarlierWait) {
  aclrtStream slow = stream(), quick = stream(), waiter = stream();
  aclrtEvent mark = event();
  std::atomic<int> done{0};
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(slow)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, slow)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(waiter, mark)));
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(waiter, count_up, &done)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, quick)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(quick)));
  EXPECT_TRUE(complete(mark)) << "the latest recording counts";
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(done.load(), 0) << "the stream waits for the recording that it saw";
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(waiter)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  for (aclrtStream on : {slow, quick, waiter}) EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(EventTest, MeasuresTime) {
  aclrtStream on = stream();
  aclrtEvent begin = event(ACL_EVENT_TIME_LINE | ACL_EVENT_SYNC), end = nullptr;
  ASSERT_TRUE(ok(aclrtCreateEvent(&end)));
  float ms = -1;
  EXPECT_TRUE(refused(aclrtEventElapsedTime(&ms, begin, end))) << "nothing is recorded";
  ASSERT_TRUE(ok(aclrtRecordEvent(begin, on)));
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(
      on, [](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }, nullptr)));
  ASSERT_TRUE(ok(aclrtRecordEvent(end, on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  ASSERT_TRUE(ok(aclrtEventElapsedTime(&ms, begin, end)));
  EXPECT_GE(ms, 45);
  EXPECT_LT(ms, 5000);
  uint64_t first = 0, second = 0;
  EXPECT_TRUE(ok(aclrtEventGetTimestamp(begin, &first)));
  EXPECT_TRUE(ok(aclrtEventGetTimestamp(end, &second)));
  EXPECT_GE(second, first + 45000);
  aclrtEvent without = event(ACL_EVENT_SYNC);
  ASSERT_TRUE(ok(aclrtRecordEvent(without, on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(refused(aclrtEventElapsedTime(&ms, begin, without), ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID));
  for (aclrtEvent one : {begin, end, without}) EXPECT_TRUE(ok(aclrtDestroyEvent(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(EventTest, AnEventThatIsDestroyedEarlyStillHolds) {
  aclrtStream one = stream(), two = stream();
  aclrtEvent mark = event();
  std::atomic<int> done{0};
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(one)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, one)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(two, mark)));
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(two, count_up, &done)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(done.load(), 0);
  gate.open();
  EXPECT_TRUE(ok(aclrtSynchronizeStream(two)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(ok(aclrtDestroyStream(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(two)));
}

TEST_F(EventTest, WaitingBeforeTheFirstRecording) {
  aclrtStream on = stream();
  aclrtEvent extended = event(), plain = nullptr;
  ASSERT_TRUE(ok(aclrtCreateEvent(&plain)));
  EXPECT_TRUE(ok(aclrtStreamWaitEvent(on, extended))) << "there is nothing to wait for";
  EXPECT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(refused(aclrtStreamWaitEvent(on, plain)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(extended)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(plain)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(EventTest, ResettingMakesItAsNew) {
  aclrtStream on = stream();
  aclrtEvent mark = nullptr, extended = event();
  ASSERT_TRUE(ok(aclrtCreateEventWithFlag(&mark, ACL_EVENT_SYNC)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, on)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(on, mark)));
  ASSERT_TRUE(ok(aclrtResetEvent(mark, on)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_TRUE(complete(mark));
  EXPECT_TRUE(refused(aclrtResetEvent(extended, on)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(extended)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(EventTest, TheStateOfWaits) {
  aclrtStream one = stream(), two = stream();
  aclrtEvent mark = nullptr;
  ASSERT_TRUE(ok(aclrtCreateEventWithFlag(&mark, ACL_EVENT_SYNC)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(one)));
  ASSERT_TRUE(ok(aclrtRecordEvent(mark, one)));
  ASSERT_TRUE(ok(aclrtStreamWaitEvent(two, mark)));
  aclrtEventWaitStatus status = ACL_EVENT_WAIT_STATUS_RESERVED;
  EXPECT_TRUE(ok(aclrtQueryEventWaitStatus(mark, &status)));
  EXPECT_EQ(status, ACL_EVENT_WAIT_STATUS_NOT_READY);
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(two)));
  EXPECT_TRUE(ok(aclrtQueryEventWaitStatus(mark, &status)));
  EXPECT_EQ(status, ACL_EVENT_WAIT_STATUS_COMPLETE);
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclrtDestroyStream(one)));
  EXPECT_TRUE(ok(aclrtDestroyStream(two)));
}

TEST_F(EventTest, AHandleThatIsNoEventIsRefused) {
  int on_stack = 0;
  aclrtEventRecordedStatus status;
  EXPECT_TRUE(refused(aclrtQueryEventStatus(nullptr, &status)));
  EXPECT_TRUE(refused(aclrtQueryEventStatus(&on_stack, &status)));
  aclrtEvent mark = event();
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(refused(aclrtSynchronizeEvent(mark)));
  EXPECT_TRUE(refused(aclrtDestroyEvent(mark)));
}

TEST_F(EventTest, IdsAreUnique) {
  aclrtEvent one = event(), two = event();
  uint32_t first = 0, second = 0;
  EXPECT_TRUE(ok(aclrtGetEventId(one, &first)));
  EXPECT_TRUE(ok(aclrtGetEventId(two, &second)));
  EXPECT_NE(first, second);
  EXPECT_TRUE(ok(aclrtDestroyEvent(one)));
  EXPECT_TRUE(ok(aclrtDestroyEvent(two)));
}

TEST_F(EventTest, EventsCanBeDestroyedAfterTheEnd) {
  aclrtEvent mark = event();
  EXPECT_TRUE(ok(aclFinalize()));
  EXPECT_TRUE(ok(aclrtDestroyEvent(mark)));
  EXPECT_TRUE(ok(aclInit(nullptr)));
}

// A ring of streams, each waiting for the one before: every hand-over is an event that is recorded again and
// again.
TEST_F(EventTest, ARingOfStreamsKeepsItsOrder) {
  constexpr int kStreams = 6, kRounds = 200;
  std::vector<aclrtStream> streams;
  std::vector<aclrtEvent> events;
  for (int i = 0; i < kStreams; ++i) {
    streams.push_back(stream());
    events.push_back(event());
  }
  struct Step {
    int* counter;
    int expected;
    std::atomic<int>* wrong;
  };
  int counter = 0;
  std::atomic<int> wrong{0};
  std::vector<Step> steps(kStreams * kRounds);
  for (int i = 0; i < kStreams * kRounds; ++i) {
    int now = i % kStreams;
    steps[i] = {&counter, i, &wrong};
    if (i > 0) {
      ASSERT_TRUE(ok(aclrtStreamWaitEvent(streams[now], events[(i - 1) % kStreams])));
    }
    ASSERT_TRUE(ok(aclrtLaunchHostFunc(
        streams[now],
        [](void* argument) {
          auto* step = static_cast<Step*>(argument);
          if ((*step->counter)++ != step->expected) step->wrong->fetch_add(1);
        },
        &steps[i])));
    ASSERT_TRUE(ok(aclrtRecordEvent(events[now], streams[now])));
  }
  EXPECT_TRUE(ok(aclrtSynchronizeDevice()));
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(counter, kStreams * kRounds);
  for (aclrtEvent one : events) EXPECT_TRUE(ok(aclrtDestroyEvent(one)));
  for (aclrtStream on : streams) EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

class CallbackTest : public OnDevice {};

TEST_F(CallbackTest, RunOnTheThreadThatProcessesReports) {
  aclrtStream on = stream();
  std::atomic<bool> stop{false};
  std::atomic<std::thread::id> ran_on{};
  std::atomic<int> done{0};
  std::thread processor([&] {
    while (!stop) {
      int code = aclrtProcessReport(100);
      EXPECT_TRUE(code == ACL_SUCCESS || code == ACL_ERROR_RT_REPORT_TIMEOUT ||
                  code == ACL_ERROR_RT_THREAD_SUBSCRIBE)
          << code;
      if (code == ACL_ERROR_RT_THREAD_SUBSCRIBE) std::this_thread::yield();
    }
  });
  auto handle = uint64_t(processor.native_handle());
  struct Job {
    std::atomic<std::thread::id>* ran_on;
    std::atomic<int>* done;
  } job{&ran_on, &done};
  auto function = [](void* argument) {
    auto* j = static_cast<Job*>(argument);
    *j->ran_on = std::this_thread::get_id();
    j->done->fetch_add(1);
  };
  EXPECT_TRUE(
      refused(aclrtLaunchCallback(function, &job, ACL_CALLBACK_BLOCK, on), ACL_ERROR_RT_STREAM_NO_CB_REG));
  ASSERT_TRUE(ok(aclrtSubscribeReport(handle, on)));
  EXPECT_TRUE(refused(aclrtSubscribeReport(handle, on), ACL_ERROR_RT_STREAM_SUBSCRIBE));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(
        ok(aclrtLaunchCallback(function, &job, i % 2 == 0 ? ACL_CALLBACK_BLOCK : ACL_CALLBACK_NO_BLOCK, on)));
  }
  ASSERT_TRUE(ok(aclrtLaunchCallback(function, &job, ACL_CALLBACK_BLOCK, on)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(done.load(), 21) << "the stream waits for a blocking callback, and so for those before it";
  EXPECT_EQ(ran_on.load(), processor.get_id());
  EXPECT_TRUE(ok(aclrtUnSubscribeReport(handle, on)));
  stop = true;
  processor.join();
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

TEST_F(CallbackTest, AThreadWithoutSubscriptionIsRefused) {
  EXPECT_TRUE(refused(aclrtProcessReport(10), ACL_ERROR_RT_THREAD_SUBSCRIBE));
  EXPECT_TRUE(refused(aclrtProcessReport(0), ACL_ERROR_INVALID_PARAM));
}

TEST_F(CallbackTest, AHostFunctionHoldsItsStream) {
  aclrtStream on = stream();
  std::atomic<int> done{0};
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(on)));
  ASSERT_TRUE(ok(aclrtLaunchHostFunc(on, count_up, &done)));
  ASSERT_TRUE(gate.reached());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(done.load(), 0);
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(on)));
  EXPECT_EQ(done.load(), 1);
  EXPECT_TRUE(refused(aclrtLaunchHostFunc(on, nullptr, nullptr)));
  EXPECT_TRUE(ok(aclrtDestroyStream(on)));
}

}  // namespace
}  // namespace cann_test
