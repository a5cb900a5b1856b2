// The communicators of a process group.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "csrc/hccl/HcclComm.h"

namespace npu {

// Shared with the watchdog, which aborts them. Communicators that were made from others are destroyed first.
class Communicators {
 public:
  // Refused, with the communicator aborted, once abort() was called.
  void add(const std::shared_ptr<HcclComm>& comm);
  void add_of_device(const std::shared_ptr<HcclComm>& comm);
  // The one of all ranks for collectives of this device; null where there is none yet.
  std::shared_ptr<HcclComm> of_device(c10::DeviceIndex device) const;
  std::vector<c10::DeviceIndex> devices() const;
  std::vector<std::shared_ptr<HcclComm>> all() const;
  void abort() noexcept;
  bool is_aborted() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<HcclComm>> comms_;
  std::map<c10::DeviceIndex, std::shared_ptr<HcclComm>> by_device_;
  bool aborted_ = false;
};

}  // namespace npu
