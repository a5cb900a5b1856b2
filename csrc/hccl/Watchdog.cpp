#include "csrc/hccl/Watchdog.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include <c10/util/Exception.h>

#include "csrc/acl/Env.h"
#include "csrc/acl/Log.h"
#include "csrc/core/NPUDevice.h"

namespace npu {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPeriod(50);
constexpr milliseconds kDrainPeriod(1);
constexpr milliseconds kLastLook(1000);
constexpr milliseconds kStuck(500);  // after which a rank says that it waits

}  // namespace

std::shared_ptr<Watchdog> Watchdog::start(std::shared_ptr<GroupStatus> group,
                                          std::shared_ptr<Communicators> communicators,
                                          c10::intrusive_ptr<c10d::Store> store) {
  std::shared_ptr<Watchdog> watchdog(
      new Watchdog(std::move(group), std::move(communicators), std::move(store)));
  std::thread thread([watchdog] { watchdog->run(); });
  pthread_setname_np(thread.native_handle(), "hccl_watchdog");
  thread.detach();
  return watchdog;
}

Watchdog::Watchdog(std::shared_ptr<GroupStatus> group, std::shared_ptr<Communicators> communicators,
                   c10::intrusive_ptr<c10d::Store> store)
    : group_(group),
      communicators_(std::move(communicators)),
      handling_(std::atoi(env::get_choice("TORCH_HCCL_ASYNC_ERROR_HANDLING").c_str())),
      patience_(env::get_integer("TORCH_HCCL_TEARDOWN_SECONDS")),
      roll_call_(std::move(group), std::move(store)) {}

void Watchdog::watch(std::shared_ptr<Operation> operation) {
  std::lock_guard<std::mutex> lock(mutex_);
  incoming_.push_back(std::move(operation));
  if (count_++ == 0) changed_.notify_all();
}

bool Watchdog::drain(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::unique_lock<std::mutex> lock(mutex_);
  draining_ = true;
  changed_.notify_all();
  while (count_ != 0 && !ended_ && !group_->failed() && Clock::now() < deadline) {
    changed_.wait_for(lock, kDrainPeriod);
  }
  draining_ = false;
  return count_ == 0 && !group_->failed();
}

void Watchdog::stop(milliseconds limit) noexcept {
  const auto deadline = Clock::now() + limit;
  std::unique_lock<std::mutex> lock(mutex_);
  draining_ = true;
  while (count_ != 0 && !ended_ && Clock::now() < deadline) changed_.wait_for(lock, kDrainPeriod);
  stopping_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, kLastLook, [this] { return ended_; });
}

void Watchdog::run() noexcept {
  while (take_incoming()) {
    try {
      look();
    } catch (const std::exception& error) {  // of the runtime or of memory: looked at again
      log(LogLevel::kError, group_->speaker() + " the watchdog of " + group_->name() + ": " + error.what());
    }
  }
  for (const std::shared_ptr<Operation>& operation : under_way_) operation->release();
  under_way_.clear();
  std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Watchdog::take_incoming() {
  std::unique_lock<std::mutex> lock(mutex_);
  const bool idle = count_ == 0 && !answered_;
  if (idle) {
    changed_.wait(lock, [this] { return stopping_ || count_ != 0; });
  } else if (!stopping_) {
    changed_.wait_for(lock, draining_ ? kDrainPeriod : kPeriod);
  }
  under_way_.splice(under_way_.end(), incoming_);
  return !stopping_;
}

void Watchdog::look() {
  if (!is_usable()) return;  // shut down, or a forked child
  drop_finished();
  if (!group_->failed()) look_at_communicators();
  if (!group_->failed()) look_at_time();
  if (group_->failed()) answer_failure();
}

// Operations of one stream end in their order, so only the first unfinished one of each is asked.
void Watchdog::drop_finished() {
  Operations finished;
  std::vector<c10::Stream> busy;
  for (auto it = under_way_.begin(); it != under_way_.end();) {
    Operation& operation = **it;
    const c10::Stream stream = operation.stream();
    bool done = false;
    if (operation.is_enqueued() && std::find(busy.begin(), busy.end(), stream) != busy.end()) {
      ++it;
      continue;
    }
    try {
      done = operation.is_finished();
      if (!done && operation.is_enqueued()) busy.push_back(stream);
    } catch (const c10::Error& error) {
      done = true;
      group_->fail(c10d::ErrorType::COMM_ERROR, operation.failure_text(error.what_without_backtrace()));
    }
    auto next = std::next(it);
    if (done) finished.splice(finished.end(), under_way_, it);
    it = next;
  }
  if (finished.empty()) return;
  for (const std::shared_ptr<Operation>& operation : finished) operation->release();
  std::lock_guard<std::mutex> lock(mutex_);
  count_ -= finished.size();
  changed_.notify_all();
}

void Watchdog::look_at_communicators() {
  if (under_way_.empty()) return;
  for (const std::shared_ptr<HcclComm>& comm : communicators_->all()) {
    std::string reason;
    const HcclResult error = comm->async_error(&reason);
    if (error == HCCL_SUCCESS) continue;
    const auto type = error == HCCL_E_REMOTE ? c10d::ErrorType::REMOTE_ERROR : c10d::ErrorType::COMM_ERROR;
    const auto runs_there = [&](const auto& operation) { return operation->stream() == comm->stream(); };
    auto victim = std::find_if(under_way_.begin(), under_way_.end(), runs_there);
    if (victim == under_way_.end()) victim = under_way_.begin();
    group_->fail(type, (*victim)->failure_text(reason));
    return;
  }
}

void Watchdog::look_at_time() {
  const auto now = Clock::now();
  const Operation* late = nullptr;
  const Operation* stuck = nullptr;
  for (const std::shared_ptr<Operation>& operation : under_way_) {
    const auto age = now - operation->begun();
    if (late == nullptr && age >= operation->timeout()) late = operation.get();
    if (stuck == nullptr && age >= kStuck && !operation->is_message()) stuck = operation.get();
  }
  if (stuck != nullptr) roll_call_.arrive(stuck->sequence());
  if (late != nullptr) fail_late(*late);
}

// Ranks that wait have said so within kStuck, so a rank that is a little later than this one is waited for.
void Watchdog::fail_late(const Operation& operation) {
  std::string absent;
  if (!operation.is_message()) {
    roll_call_.arrive(operation.sequence());
    std::this_thread::sleep_for(std::min(kStuck + kPeriod, operation.timeout() / 5));
    absent = roll_call_.absent(operation.sequence());
  }
  group_->fail(c10d::ErrorType::TIMEOUT,
               group_->speaker() + " " + operation.title() + " has not finished within " +
                   std::to_string(operation.timeout().count()) + " ms" + absent + ".");
}

void Watchdog::answer_failure() {
  if (answered_) return end_process_if_due();
  answered_ = true;
  answered_at_ = Clock::now();
  try {
    group_->rethrow_failure();
  } catch (const c10::Error& error) {
    log(LogLevel::kError, error.what_without_backtrace());
  }
  if (handling_ == 1 || handling_ == 2) communicators_->abort();
}

void Watchdog::end_process_if_due() {
  if (handling_ != 1 && handling_ != 3) return;
  if (Clock::now() - answered_at_ < patience_) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return;
  }
  log(LogLevel::kError, group_->speaker() + " the process is ended, because " + group_->name() + " failed " +
                            std::to_string(patience_.count()) +
                            " s ago and was not destroyed (TORCH_HCCL_ASYNC_ERROR_HANDLING=" +
                            std::to_string(handling_) + ").");
  std::fflush(nullptr);
  ::_exit(1);
}

}  // namespace npu
