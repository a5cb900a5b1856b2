// What a caller holds of an asynchronous operation.
#pragma once

#include <memory>
#include <vector>

#include <torch/csrc/distributed/c10d/Work.hpp>

#include "csrc/hccl/HcclComm.h"
#include "csrc/hccl/Operation.h"

namespace npu {

// wait() orders the current stream behind the operation and returns at once. It blocks the host where it is
// given a limit, where TORCH_HCCL_BLOCKING_WAIT=1, and for a barrier.
class WorkHCCL final : public c10d::Work {
 public:
  WorkHCCL(std::shared_ptr<Operation> operation, std::vector<at::Tensor> outputs, bool blocks, int rank,
           const char* profiling_title, const std::vector<at::Tensor>& inputs);

  bool isCompleted() override;
  bool isSuccess() const override;
  std::exception_ptr exception() const override;
  std::vector<at::Tensor> result() override;
  void synchronize() override;
  bool wait(std::chrono::milliseconds timeout = kNoTimeout) override;
  void blockCurrentStream() override;
  void abort() override;  // of the communicator: HCCL cannot take back one operation
  c10::intrusive_ptr<c10::ivalue::Future> getFuture() override;
  float getDuration() const override;
  uint64_t getSequencenumber() const override;

  void set_communicator(const std::shared_ptr<HcclComm>& comm) { comm_ = comm; }
  void end_profiling();

 private:
  void wait_on_host(Operation::Clock::time_point limit, std::chrono::milliseconds timeout);
  [[noreturn]] void raise_late(std::chrono::milliseconds timeout) const;

  const std::shared_ptr<Operation> operation_;
  const std::vector<at::Tensor> outputs_;
  const bool blocks_;
  std::weak_ptr<HcclComm> comm_;
  c10::intrusive_ptr<c10::ivalue::Future> future_;
};

}  // namespace npu
