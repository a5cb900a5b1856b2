#include "csrc/hccl/Operation.h"

#include <utility>

#include <c10/util/Exception.h>

namespace npu {

Operation::Operation(std::shared_ptr<GroupStatus> group, c10d::OpType type, std::string peer,
                     uint64_t sequence, const NPUStream& origin, std::chrono::milliseconds timeout,
                     bool timing)
    : group_(std::move(group)),
      type_(type),
      name_(c10d::opTypeToString(type)),
      peer_(std::move(peer)),
      sequence_(sequence),
      origin_(origin),
      timeout_(timeout),
      stream_(origin),
      start_(timing),
      end_(timing) {}

std::string Operation::title() const {
  return name_ + " #" + std::to_string(sequence_) + (peer_.empty() ? "" : " " + peer_) + " of " +
         group_->name() + " on npu:" + std::to_string(static_cast<int>(device()));
}

std::string Operation::failure_text(const std::string& reason) const {
  return group_->speaker() + " " + title() + " failed: " + reason;
}

void Operation::keep(const std::vector<at::Tensor>& tensors) {
  std::lock_guard<std::mutex> lock(mutex_);
  kept_.insert(kept_.end(), tensors.begin(), tensors.end());
}

void Operation::begin(const NPUStream& stream) {
  if (start_.timing()) start_.record(stream);
}

void Operation::end(const NPUStream& stream) {
  std::lock_guard<std::mutex> lock(mutex_);
  stream_ = stream;
  end_.record(stream);
  stage_.store(Stage::kEnqueued, std::memory_order_release);
  changed_.notify_all();
}

void Operation::abandon(std::exception_ptr error) {
  std::lock_guard<std::mutex> lock(mutex_);
  error_ = std::move(error);
  stage_.store(Stage::kAbandoned, std::memory_order_release);
  changed_.notify_all();
}

bool Operation::await_enqueued(Clock::time_point limit) {
  if (is_enqueued()) return true;
  constexpr std::chrono::milliseconds kSlice(20);  // after which a failure of the group is noticed
  std::unique_lock<std::mutex> lock(mutex_);
  while (stage_.load(std::memory_order_acquire) == Stage::kWaiting) {
    TORCH_CHECK_WITH(DistBackendError, !collected_, group_->speaker(), " ", title(),
                     " is waited for inside its batch; end the batch first.");
    group_->rethrow_failure();
    if (Clock::now() >= limit) return false;
    changed_.wait_for(lock, kSlice);
  }
  if (error_ != nullptr) std::rethrow_exception(error_);
  return true;
}

bool Operation::is_finished() const {
  if (finished_.load(std::memory_order_acquire)) return true;
  const Stage stage = stage_.load(std::memory_order_acquire);
  if (stage == Stage::kWaiting) return false;
  if (stage == Stage::kAbandoned) std::rethrow_exception(error_);
  if (!end_.query()) return false;
  finished_.store(true, std::memory_order_release);
  return true;
}

void Operation::block(const NPUStream& stream) const {
  end_.block(stream);
}

double Operation::milliseconds() const {
  TORCH_CHECK(start_.timing(), "The duration of ", title(),
              " was not measured; call enable_collectives_timing() of the process group before it.");
  return start_.elapsed_time(end_);
}

NPUStream Operation::stream() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return stream_;
}

void Operation::release() noexcept {
  std::vector<at::Tensor> dropped;  // outside the lock: the last reference may belong to Python
  std::lock_guard<std::mutex> lock(mutex_);
  dropped.swap(kept_);
}

}  // namespace npu
