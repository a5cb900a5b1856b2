// Sends and receives. A send is posted with its address, the receiver copies and says so: both are done then,
// so a send waits for its receive as on hardware. The messages of a batch wait for nothing but their own
// peers, and those between the same two ranks keep their order.
#include <cstring>
#include <string>
#include <vector>

#include "softnpu/hccl/operation.h"
#include "softnpu/hccl/reduce.h"

namespace softnpu::hccl {
namespace {

class Batch {
 public:
  explicit Batch(const Operation& operation)
      : op_(operation), comm_(*operation.comm), state_(operation.items.size()) {}

  aclError run() {
    RankArea& own = comm_.mine();
    auto done = [this] {
      while (error_ == ACL_SUCCESS && advance()) {
      }
      return error_ != ACL_SUCCESS || left_ == 0;
    };
    auto awaits = [this](uint32_t rank) {
      for (size_t i = 0; i < state_.size(); ++i) {
        if (state_[i].stage != kDone && op_.items[i].remoteRank == rank && !ready(i)) return true;
      }
      return false;
    };
    left_ = state_.size();
    if (!done()) {
      own.waits_for.store(first_awaited() + 1, std::memory_order_release);
      const aclError result = comm_.wait_for_bell(op_, done, awaits);
      own.waits_for.store(0, std::memory_order_release);
      if (result != ACL_SUCCESS) return result;
    }
    return error_;
  }

 private:
  enum Stage { kWaiting, kPosted, kDone };
  struct Item {
    Stage stage = kWaiting;
    uint32_t number = 0;
  };

  Mail& mail(size_t i) const {
    const HcclSendRecvItem& item = op_.items[i];
    return item.sendRecvType == HCCL_SEND ? comm_.area().mail_of(comm_.rank(), item.remoteRank)
                                          : comm_.area().mail_of(item.remoteRank, comm_.rank());
  }

  // Whether the peer has done its part.
  bool ready(size_t i) const {
    const Mail& m = mail(i);
    if (op_.items[i].sendRecvType == HCCL_RECV) {
      return m.posted.load(std::memory_order_acquire) != m.taken.load(std::memory_order_relaxed);
    }
    return state_[i].stage == kWaiting ||
           int32_t(m.taken.load(std::memory_order_acquire) - state_[i].number) >= 0;
  }

  bool first_of_its_kind(size_t i) const {
    for (size_t k = 0; k < i; ++k) {
      if (state_[k].stage != kDone && op_.items[k].remoteRank == op_.items[i].remoteRank &&
          op_.items[k].sendRecvType == op_.items[i].sendRecvType) {
        return false;
      }
    }
    return true;
  }

  uint32_t first_awaited() const {
    for (size_t i = 0; i < state_.size(); ++i) {
      if (state_[i].stage != kDone) return op_.items[i].remoteRank;
    }
    return 0;
  }

  // Does what can be done now; true where something was.
  bool advance() {
    bool moved = false;
    for (size_t i = 0; i < state_.size() && error_ == ACL_SUCCESS; ++i) {
      Item& item = state_[i];
      if (item.stage == kDone || !first_of_its_kind(i) || !ready(i)) continue;
      if (op_.items[i].sendRecvType == HCCL_RECV) {
        error_ = take(i);
      } else if (item.stage == kWaiting) {
        post(i);
        moved = true;
        continue;
      }
      item.stage = kDone;
      --left_;
      moved = true;
    }
    return moved && left_ != 0;
  }

  void post(size_t i) {
    const HcclSendRecvItem& item = op_.items[i];
    Mail& m = mail(i);
    m.header = Header{};
    m.header.op = HCCL_CMD_SEND;
    m.header.dtype = item.dataType;
    m.header.count = item.count;
    m.header.send = reinterpret_cast<uint64_t>(item.buf);
    state_[i].number = m.posted.fetch_add(1, std::memory_order_acq_rel) + 1;
    state_[i].stage = kPosted;
    comm_.ring(item.remoteRank);
  }

  aclError take(size_t i) {
    const HcclSendRecvItem& item = op_.items[i];
    Mail& m = mail(i);
    if (m.header.dtype != item.dataType || m.header.count != item.count) {
      return comm_.fail(op_, HCCL_E_PARA, ACL_ERROR_RT_PARAM_INVALID,
                        "EI0005: " + comm_.describe(item.remoteRank) + " sends " +
                            std::to_string(m.header.count) + " " + dtype_name(m.header.dtype) + ", but " +
                            comm_.describe(comm_.rank()) + " receives " + std::to_string(item.count) + " " +
                            dtype_name(item.dataType));
    }
    const uint64_t total = item.count * element_size(item.dataType);
    auto* to = static_cast<char*>(host_address(item.buf));
    for (uint64_t at = 0; at < total;) {
      uint64_t length = 0;
      const char* from = comm_.bytes(item.remoteRank, m.header.send + at, total - at, &length);
      if (from == nullptr) {
        return comm_.fail(op_, HCCL_E_REMOTE, ACL_ERROR_RT_SUSPECT_REMOTE_ERROR,
                          "the buffer of " + comm_.describe(item.remoteRank) +
                              " is not live device memory any more, or cannot be opened");
      }
      copy(to + at, from, length, exceeds_caches(2 * total));
      at += length;
    }
    m.taken.fetch_add(1, std::memory_order_acq_rel);
    comm_.ring(item.remoteRank);
    return ACL_SUCCESS;
  }

  const Operation& op_;
  Comm& comm_;
  std::vector<Item> state_;
  size_t left_ = 0;
  aclError error_ = ACL_SUCCESS;
};

}  // namespace

aclError perform_messages(const Operation& operation) {
  return Batch(operation).run();
}

}  // namespace softnpu::hccl
