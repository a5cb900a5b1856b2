// The process-group backend `hccl`: c10d's collectives of npu tensors, by HCCL.
//
// Life. A group connects nothing when it is made. The first collective makes the communicator of its device,
// which all ranks of the group do together; a message makes one of two ranks (P2PChannel.h). shutdown() waits
// for what is under way and destroys the communicators; abort() does not wait. Afterwards, and after a
// failure, every call raises.
//
// Collectives.cpp has the overrides, a few lines around one call of HCCL each, and Messages.cpp what goes
// between two ranks; ProcessGroupHCCL.cpp is the engine below them.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <c10/util/FunctionRef.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "csrc/hccl/Bridge.h"
#include "csrc/hccl/Checks.h"
#include "csrc/hccl/Communicators.h"
#include "csrc/hccl/GroupStatus.h"
#include "csrc/hccl/HcclComm.h"
#include "csrc/hccl/HcclConfig.h"
#include "csrc/hccl/P2PChannel.h"
#include "csrc/hccl/Watchdog.h"
#include "csrc/hccl/WorkHCCL.h"

namespace npu {

class ProcessGroupHCCL final : public c10d::Backend {
 public:
  static constexpr const char* kName = "hccl";

  struct Options final : c10d::Backend::Options {
    explicit Options(bool high_priority = false);

    bool is_high_priority_stream;
    HcclConfigValues hccl_config;
  };

  using Tensors = std::vector<at::Tensor>;
  using TensorLists = std::vector<Tensors>;
  using WorkPtr = c10::intrusive_ptr<c10d::Work>;

  ProcessGroupHCCL(c10::intrusive_ptr<c10d::Store> store, int rank, int size,
                   c10::intrusive_ptr<Options> options);
  ~ProcessGroupHCCL() override;

  // Ends every group of this process that is still there: for the exit of the interpreter. What is under way
  // is waited for, up to `limit` in all.
  static void shutdown_all(std::chrono::milliseconds limit) noexcept;

  const std::string getBackendName() const override { return kName; }
  c10::intrusive_ptr<c10d::Backend::Options> getBackendOptions() override { return options_; }
  bool supportsSplitting() const override { return true; }
  bool supportsCoalescing() const override { return true; }

  WorkPtr allreduce(Tensors& tensors, const c10d::AllreduceOptions& opts) override;
  WorkPtr allreduce_sparse(Tensors& tensors, const c10d::AllreduceOptions& opts) override;
  WorkPtr allreduce_coalesced(Tensors& tensors, const c10d::AllreduceCoalescedOptions& opts) override;
  WorkPtr broadcast(Tensors& tensors, const c10d::BroadcastOptions& opts) override;
  WorkPtr reduce(Tensors& tensors, const c10d::ReduceOptions& opts) override;
  WorkPtr allgather(TensorLists& outputs, Tensors& inputs, const c10d::AllgatherOptions& opts) override;
  WorkPtr _allgather_base(at::Tensor& output, at::Tensor& input, const c10d::AllgatherOptions& opts) override;
  WorkPtr allgather_coalesced(TensorLists& outputs, Tensors& inputs,
                              const c10d::AllgatherOptions& opts) override;
  WorkPtr allgather_into_tensor_coalesced(Tensors& outputs, Tensors& inputs,
                                          const c10d::AllgatherOptions& opts) override;
  WorkPtr gather(TensorLists& outputs, Tensors& inputs, const c10d::GatherOptions& opts) override;
  WorkPtr scatter(Tensors& outputs, TensorLists& inputs, const c10d::ScatterOptions& opts) override;
  WorkPtr reduce_scatter(Tensors& outputs, TensorLists& inputs,
                         const c10d::ReduceScatterOptions& opts) override;
  WorkPtr _reduce_scatter_base(at::Tensor& output, at::Tensor& input,
                               const c10d::ReduceScatterOptions& opts) override;
  WorkPtr reduce_scatter_tensor_coalesced(Tensors& outputs, Tensors& inputs,
                                          const c10d::ReduceScatterOptions& opts) override;
  WorkPtr alltoall_base(at::Tensor& output, at::Tensor& input, std::vector<int64_t>& output_splits,
                        std::vector<int64_t>& input_splits, const c10d::AllToAllOptions& opts) override;
  WorkPtr alltoall(Tensors& outputs, Tensors& inputs, const c10d::AllToAllOptions& opts) override;
  WorkPtr barrier(const c10d::BarrierOptions& opts) override;

  // Tags are not looked at: messages between two ranks arrive in the order in which they are sent.
  WorkPtr send(Tensors& tensors, int destination, int tag) override;
  WorkPtr recv(Tensors& tensors, int source, int tag) override;
  WorkPtr recvAnysource(Tensors& tensors, int tag) override;

  // Between these, messages of the calling thread are collected and become one batch; collectives are
  // enqueued at once. A call that fails in between drops the batch.
  void startCoalescing() override;
  WorkPtr endCoalescing() override;

  void setTimeout(std::chrono::milliseconds timeout) override;
  void setSequenceNumberForGroup() override {}  // all ranks start at 0
  uint64_t getSequenceNumberForGroup() override { return sequence_.load(); }
  void enableCollectivesTiming() override { timing_.store(true); }
  void waitForPendingWorks() override;
  void eagerConnectSingleDevice(at::Device device) override;
  c10::intrusive_ptr<c10d::Backend> split(const c10::intrusive_ptr<c10d::Store>& store,
                                          const std::vector<int>& ranks,
                                          const c10::intrusive_ptr<c10d::Backend::Options>& opts) override;
  c10d::ErrorType getError() override;
  void abort() override;
  void shutdown() override;

  // HCCL's name of the communicator of the current device; empty where there is none and `create` is false.
  std::string communicator_name(bool create);

 private:
  using Body = c10::function_ref<void(const HcclLink&)>;
  struct Call;  // what an override says about itself
  struct Batch;

  // Enqueues `body` on the stream of the communicator of `device`, which is current there.
  WorkPtr collective(const Call& call, c10::DeviceIndex device, const Tensors& inputs, const Tensors& outputs,
                     Body body);
  WorkPtr message(c10d::OpType type, const char* name, Tensors& tensors, int peer);
  WorkPtr collect(const HcclSendRecvItem& item, const at::Tensor& tensor);

  [[noreturn]] void raise(const std::exception_ptr& error, const Operation& operation, const HcclComm& comm);
  void check_usable() const;
  std::chrono::milliseconds timeout_of(std::chrono::milliseconds asked) const;
  std::shared_ptr<Operation> new_operation(c10d::OpType type, std::string peer, uint64_t sequence,
                                           c10::DeviceIndex device, std::chrono::milliseconds timeout);
  c10::intrusive_ptr<WorkHCCL> new_work(const std::shared_ptr<Operation>& operation, const Tensors& outputs,
                                        bool blocks, const char* title, const Tensors& inputs);
  Watchdog& watchdog();
  NPUStream new_stream(c10::DeviceIndex device) const;
  HcclCommConfig config(std::string suffix, int number, bool messages) const;
  int message_number_of(c10::DeviceIndex device);
  std::shared_ptr<HcclComm> communicator(c10::DeviceIndex device);
  std::shared_ptr<HcclComm> make_communicator(c10::DeviceIndex device);
  std::shared_ptr<P2PChannel> channel(c10::DeviceIndex device, int source, int destination);
  c10::DeviceIndex device_of_barrier(const c10d::BarrierOptions& opts) const;
  bool is_coalescing() const;
  void drop_batch() noexcept;
  Checks checks(const char* call);
  void finish(std::chrono::milliseconds limit, bool wait) noexcept;

  const c10::intrusive_ptr<c10d::Store> store_;
  const c10::intrusive_ptr<Options> options_;
  const std::shared_ptr<GroupStatus> status_;
  const std::shared_ptr<Communicators> communicators_;  // all of them
  std::atomic<uint64_t> sequence_{0};                   // of collectives
  std::atomic<uint64_t> message_sequence_{0};
  std::atomic<bool> timing_{false};
  std::atomic<bool> closed_{false};

  std::mutex creation_mutex_;  // held while the ranks meet
  int attempts_ = 0;
  std::shared_ptr<HcclComm> split_from_;  // where the first communicator is made from the parent's
  std::vector<uint32_t> split_ranks_;
  uint64_t split_id_ = 0;
  uint64_t splits_ = 0;

  mutable std::mutex mutex_;                       // never held while something waits
  std::vector<c10::DeviceIndex> message_devices_;  // in the order of their first use for messages
  std::map<std::tuple<c10::DeviceIndex, int, int>, std::shared_ptr<P2PChannel>> channels_;
  std::shared_ptr<Watchdog> watchdog_;
  std::unique_ptr<Batch> batch_;
};

// Messages that were collected since startCoalescing().
struct ProcessGroupHCCL::Batch {
  std::thread::id owner = std::this_thread::get_id();
  std::optional<c10::DeviceIndex> device;
  std::shared_ptr<Operation> operation;  // of the messages, where there are any
  std::vector<HcclSendRecvItem> items;
  Tensors tensors;
};

struct ProcessGroupHCCL::Call {
  c10d::OpType type;
  const char* title;                  // for the profiler: "hccl:all_reduce"
  std::chrono::milliseconds timeout;  // kUnsetTimeout: the group's
  bool blocks = false;                // wait() blocks the host
};

}  // namespace npu
