// Messages between two ranks, in one direction.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "csrc/core/NPUEvent.h"
#include "csrc/hccl/HcclComm.h"
#include "csrc/hccl/Operation.h"

namespace npu {

// A communicator of the two ranks and a stream of its own, so that messages of one direction, or of one pair,
// wait for no others. Connecting waits for the other rank, which may be about to wait for a third one; so a
// thread does that, and until it is through messages are collected. It holds what it uses and is never
// joined.
class P2PChannel : public std::enable_shared_from_this<P2PChannel> {
 public:
  using Connect = std::function<std::shared_ptr<HcclComm>()>;

  explicit P2PChannel(Connect connect) : connect_(std::move(connect)) {}

  // The memory of `item` belongs to tensors that the operation keeps. Ordered behind the current stream.
  void post(const std::shared_ptr<Operation>& operation, const HcclSendRecvItem& item);

  // Of the communicator, which exists once an operation that was posted is enqueued; else null.
  std::shared_ptr<HcclComm> communicator() const;

 private:
  struct Message {
    std::shared_ptr<Operation> operation;
    HcclSendRecvItem item;
    NPUEvent ready;
  };

  void connect() noexcept;
  static void enqueue(HcclComm& comm, Operation& operation, const HcclSendRecvItem& item);

  const Connect connect_;
  mutable std::mutex mutex_;
  bool connecting_ = false;
  std::shared_ptr<HcclComm> comm_;
  std::exception_ptr failure_;
  std::vector<Message> waiting_;
};

}  // namespace npu
