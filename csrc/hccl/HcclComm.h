// A communicator of HCCL: this rank's end of it, with the stream on which its operations run.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "csrc/core/NPUEvent.h"
#include "csrc/core/NPUStream.h"
#include "csrc/hccl/HcclConfig.h"
#include "hccl/hccl.h"

namespace npu {

// How the ranks of a communicator meet: rank 0 makes the root info and leaves it in the store under `key`.
struct Meeting {
  c10d::Store& store;
  std::string key;
  std::chrono::milliseconds timeout;
  std::string purpose;                // for messages: "[rank 1] group 'default_pg' (0)"
  std::function<bool()> is_given_up;  // looked at while waiting for rank 0
};

// Operations are enqueued with mutex() held, in the order in which all ranks call them. abort() takes no
// lock, for an operation may be stuck in its enqueuing.
class HcclComm {
 public:
  // Blocks until all ranks are there. The calling thread uses the device of `stream`.
  static std::shared_ptr<HcclComm> meet(const Meeting& meeting, int rank, int size, HcclCommConfig config,
                                        const NPUStream& stream);
  // From `parent`, which meet() made. `ranks` are its ranks; this one is ranks[rank]. Blocks nobody.
  static std::shared_ptr<HcclComm> split(const std::shared_ptr<HcclComm>& parent, std::vector<uint32_t> ranks,
                                         uint64_t id, int rank, HcclCommConfig config,
                                         const NPUStream& stream);

  HcclComm(::HcclComm handle, int rank, int size, const NPUStream& stream, std::shared_ptr<HcclComm> parent);
  ~HcclComm();
  HcclComm(const HcclComm&) = delete;
  HcclComm& operator=(const HcclComm&) = delete;

  ::HcclComm handle() const;  // throws once it is destroyed
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }
  const NPUStream& stream() const noexcept { return stream_; }
  c10::DeviceIndex device() const noexcept { return stream_.device_index(); }
  bool can_split() const noexcept { return parent_ == nullptr; }
  std::string name() const;
  std::mutex& mutex() noexcept { return mutex_; }

  // The stream waits for what `other` has been given so far. With mutex() held.
  void wait_for(const NPUStream& other);

  // HCCL_SUCCESS, or what made the communicator fail; `text` is then HCCL's.
  HcclResult async_error(std::string* text) const noexcept;

  // Takes this rank out; an operation that waits for others ends with an error. From any thread, idempotent.
  void abort() noexcept;

 private:
  std::atomic<::HcclComm> handle_;
  const int rank_;
  const int size_;
  const NPUStream stream_;
  const std::shared_ptr<HcclComm> parent_;
  std::mutex mutex_;
  NPUEvent begin_;
};

}  // namespace npu
