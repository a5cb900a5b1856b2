// The thread that sees operations end, or not.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "csrc/hccl/Communicators.h"
#include "csrc/hccl/GroupStatus.h"
#include "csrc/hccl/Operation.h"
#include "csrc/hccl/RollCall.h"

namespace npu {

// One per process group, started with its first operation. It lets go of the tensors of operations that have
// ended. Where one fails, lasts longer than its time-out, or its communicator reports an error, the group
// fails: one sentence is logged, communicators are aborted so that streams end with errors, and after a while
// the process is ended, all as TORCH_HCCL_ASYNC_ERROR_HANDLING says. The thread is never joined: it holds
// what it uses, and stop() waits for it only so long.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
 public:
  static std::shared_ptr<Watchdog> start(std::shared_ptr<GroupStatus> group,
                                         std::shared_ptr<Communicators> communicators,
                                         c10::intrusive_ptr<c10d::Store> store);

  void watch(std::shared_ptr<Operation> operation);
  // Waits until nothing is under way. False where `limit` passes first or the group fails.
  bool drain(std::chrono::milliseconds limit);
  // Ends the thread once nothing is under way, at the latest after `limit`; what is still under way then is
  // no longer watched, and its tensors are let go.
  void stop(std::chrono::milliseconds limit) noexcept;

 private:
  using Clock = Operation::Clock;
  using Operations = std::list<std::shared_ptr<Operation>>;

  Watchdog(std::shared_ptr<GroupStatus> group, std::shared_ptr<Communicators> communicators,
           c10::intrusive_ptr<c10d::Store> store);

  void run() noexcept;
  bool take_incoming();  // waits; false at the end
  void look();
  void drop_finished();
  void look_at_time();
  void look_at_communicators();
  void fail_late(const Operation& operation);
  void answer_failure();
  void end_process_if_due();

  const std::shared_ptr<GroupStatus> group_;
  const std::shared_ptr<Communicators> communicators_;
  const int handling_;
  const std::chrono::seconds patience_;

  RollCall roll_call_;  // these are of the thread alone
  Operations under_way_;
  bool answered_ = false;
  Clock::time_point answered_at_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Operations incoming_;
  size_t count_ = 0;  // of operations, in both lists
  bool draining_ = false;
  bool stopping_ = false;
  bool ended_ = false;
};

}  // namespace npu
