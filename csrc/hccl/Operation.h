// One operation of a process group on its way.
//
// Note [Stream safety of collectives]
// An operation runs on the stream of its communicator. That stream first waits for what the caller's current
// stream has been given (the operation's origin), and the end of the operation is an event. The memory that
// the operation uses must not be handed out again before that event. So the operation keeps its tensors,
// until wait() makes the origin wait for the end, after which memory freed by the caller is reused in stream
// order; or, for an operation that nobody waits for or that another stream waits for, until the watchdog has
// seen the end. Temporaries are allocated and used with the communicator's stream current, which orders their
// reuse.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/Work.hpp>

#include "csrc/core/NPUEvent.h"
#include "csrc/core/NPUStream.h"
#include "csrc/hccl/GroupStatus.h"

namespace npu {

// Shared by the caller's WorkHCCL and the watchdog.
class Operation {
 public:
  using Clock = std::chrono::steady_clock;

  Operation(std::shared_ptr<GroupStatus> group, c10d::OpType type, std::string peer, uint64_t sequence,
            const NPUStream& origin, std::chrono::milliseconds timeout, bool timing);

  GroupStatus& group() const noexcept { return *group_; }
  c10d::OpType type() const noexcept { return type_; }
  const char* name() const noexcept { return name_.c_str(); }
  uint64_t sequence() const noexcept { return sequence_; }
  c10::DeviceIndex device() const noexcept { return origin_.device_index(); }
  std::chrono::milliseconds timeout() const noexcept { return timeout_; }
  Clock::time_point begun() const noexcept { return begun_; }
  bool is_message() const noexcept { return !peer_.empty(); }
  std::string title() const;  // "ALLREDUCE #17 of group 'default_pg' (0) on npu:1"
  std::string failure_text(const std::string& reason) const;  // "[rank 1] ALLREDUCE ... failed: <reason>"

  // The stages: keep, then begin and end around the enqueuing; abandon where that is not possible.
  void keep(const std::vector<at::Tensor>& tensors);
  void begin(const NPUStream& stream);
  void end(const NPUStream& stream);
  void abandon(std::exception_ptr error);
  void collect() noexcept { collected_ = true; }  // end() comes with the end of a batch of this thread

  bool is_enqueued() const noexcept { return stage_.load(std::memory_order_acquire) == Stage::kEnqueued; }
  // Waits for end() or abandon() of another thread. False where `limit` passes first; throws where it was
  // abandoned or the group fails.
  bool await_enqueued(Clock::time_point limit);
  // Whether the device is through with it. Throws the error of its stream.
  bool is_finished() const;
  // The stream waits for the end. Only where it is enqueued.
  void block(const NPUStream& stream) const;
  double milliseconds() const;
  NPUStream stream() const;  // where it runs

  bool has_origin(const NPUStream& stream) const noexcept { return stream == origin_; }
  void release() noexcept;  // lets go of the tensors

 private:
  enum class Stage { kWaiting, kEnqueued, kAbandoned };

  const std::shared_ptr<GroupStatus> group_;
  const c10d::OpType type_;
  const std::string name_;
  const std::string peer_;  // "to rank 3" of a message
  const uint64_t sequence_;
  const NPUStream origin_;
  const std::chrono::milliseconds timeout_;
  const Clock::time_point begun_ = Clock::now();
  bool collected_ = false;

  std::atomic<Stage> stage_{Stage::kWaiting};
  mutable std::atomic<bool> finished_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  NPUStream stream_;
  NPUEvent start_, end_;
  std::exception_ptr error_;
  std::vector<at::Tensor> kept_;
};

}  // namespace npu
