#include "csrc/hccl/Communicators.h"

#include <c10/util/Exception.h>

namespace npu {

void Communicators::add(const std::shared_ptr<HcclComm>& comm) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!aborted_) return comms_.push_back(comm);
  comm->abort();
  TORCH_CHECK_WITH(DistBackendError, false,
                   "The process group was aborted or destroyed while it made a communicator.");
}

void Communicators::add_of_device(const std::shared_ptr<HcclComm>& comm) {
  add(comm);
  std::lock_guard<std::mutex> lock(mutex_);
  by_device_[comm->device()] = comm;
}

std::shared_ptr<HcclComm> Communicators::of_device(c10::DeviceIndex device) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_device_.find(device);
  return found != by_device_.end() ? found->second : nullptr;
}

std::vector<c10::DeviceIndex> Communicators::devices() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<c10::DeviceIndex> devices;
  for (const auto& entry : by_device_) devices.push_back(entry.first);
  return devices;
}

std::vector<std::shared_ptr<HcclComm>> Communicators::all() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return comms_;
}

void Communicators::abort() noexcept {
  std::lock_guard<std::mutex> lock(mutex_);
  aborted_ = true;
  for (auto comm = comms_.rbegin(); comm != comms_.rend(); ++comm) (*comm)->abort();
}

bool Communicators::is_aborted() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return aborted_;
}

}  // namespace npu
