#include "csrc/hccl/WorkHCCL.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <c10/util/Exception.h>

#include "csrc/core/NPUGuard.h"

namespace npu {

using std::chrono::milliseconds;
using Clock = Operation::Clock;

WorkHCCL::WorkHCCL(std::shared_ptr<Operation> operation, std::vector<at::Tensor> outputs, bool blocks,
                   int rank, const char* profiling_title, const std::vector<at::Tensor>& inputs)
    : Work(rank, operation->type(), profiling_title, inputs),
      operation_(std::move(operation)),
      outputs_(std::move(outputs)),
      blocks_(blocks) {}

bool WorkHCCL::isCompleted() {
  try {
    return operation_->group().failed() || operation_->is_finished();
  } catch (const c10::Error& error) {
    operation_->group().fail(c10d::ErrorType::COMM_ERROR,
                             operation_->failure_text(error.what_without_backtrace()));
    return true;
  }
}

bool WorkHCCL::isSuccess() const {
  try {
    return operation_->is_finished();
  } catch (const c10::Error&) {  // exception() tells
    return false;
  }
}

std::exception_ptr WorkHCCL::exception() const {
  return isSuccess() ? nullptr : operation_->group().failure();
}

std::vector<at::Tensor> WorkHCCL::result() {
  return outputs_;
}

void WorkHCCL::synchronize() {
  operation_->group().rethrow_failure();
  if (!operation_->await_enqueued(Clock::time_point::max())) return;
  const NPUStream current = getCurrentNPUStream(operation_->device());
  operation_->block(current);
  // See Note [Stream safety of collectives]
  if (operation_->has_origin(current)) operation_->release();
}

void WorkHCCL::blockCurrentStream() {
  synchronize();
}

bool WorkHCCL::wait(milliseconds timeout) {
  operation_->group().rethrow_failure();
  const bool limited = timeout > kNoTimeout;
  constexpr milliseconds kForever = std::chrono::hours(24 * 365);
  const auto limit = limited ? Clock::now() + std::min(timeout, kForever) : Clock::time_point::max();
  if (!operation_->await_enqueued(limit)) raise_late(timeout);
  if (blocks_ || limited) wait_on_host(limit, timeout);
  synchronize();
  return true;
}

// Ends with the group's failure too, so an operation without a limit here is ended by the watchdog.
void WorkHCCL::wait_on_host(Clock::time_point limit, milliseconds timeout) {
  std::chrono::microseconds pause(5);
  while (true) {
    try {
      if (operation_->is_finished()) break;
    } catch (const c10::Error& error) {
      operation_->group().fail(c10d::ErrorType::COMM_ERROR,
                               operation_->failure_text(error.what_without_backtrace()));
    }
    operation_->group().rethrow_failure();
    if (Clock::now() >= limit) raise_late(timeout);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(1000));
  }
  operation_->release();
}

void WorkHCCL::raise_late(milliseconds timeout) const {
  TORCH_CHECK_WITH(DistBackendError, false, operation_->group().speaker(), " ", operation_->title(),
                   " has not finished within the ", timeout.count(),
                   " ms that wait() was given; it is still on its way.");
}

void WorkHCCL::abort() {
  if (std::shared_ptr<HcclComm> comm = comm_.lock()) comm->abort();
}

c10::intrusive_ptr<c10::ivalue::Future> WorkHCCL::getFuture() {
  operation_->await_enqueued(Clock::time_point::max());
  std::lock_guard<std::mutex> lock(mutex_);
  if (future_ != nullptr) return future_;
  const c10::Device device(c10::DeviceType::PrivateUse1, operation_->device());
  future_ = c10::make_intrusive<c10::ivalue::Future>(c10::ListType::create(c10::TensorType::get()),
                                                     std::vector<c10::Device>{device});
  const NPUStreamGuard guard(operation_->stream());  // completion is an event of the current stream
  future_->markCompleted(at::IValue(outputs_));
  return future_;
}

float WorkHCCL::getDuration() const {
  return static_cast<float>(operation_->milliseconds());
}

uint64_t WorkHCCL::getSequencenumber() const {
  return operation_->sequence();
}

void WorkHCCL::end_profiling() {
  if (recordFunctionEndCallback_) {
    recordFunctionEndCallback_();
    recordFunctionEndCallback_ = nullptr;
  }
}

}  // namespace npu
