#include "csrc/hccl/GroupStatus.h"

#include <c10/util/Exception.h>

namespace npu {

void GroupStatus::set_name(const std::string& id, const std::string& description) {
  std::lock_guard<std::mutex> lock(mutex_);
  const bool described = !description.empty() && description != "undefined";
  if (described) {
    name_ = "group '" + description + "'" + (id.empty() ? "" : " (" + id + ")");
  } else if (!id.empty()) {
    name_ = "group '" + id + "'";
  }
}

std::string GroupStatus::name() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return name_;
}

std::string GroupStatus::speaker() const {
  return "[rank " + std::to_string(global(rank_)) + "]";
}

uint64_t GroupStatus::global(int rank) const {
  const auto index = static_cast<size_t>(rank);
  return index < global_ranks_.size() ? global_ranks_[index] : index;
}

bool GroupStatus::fail(c10d::ErrorType type, const std::string& sentence) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failure_ != nullptr) return false;
  type_ = type;
  failure_ = std::make_exception_ptr(c10::DistBackendError({__func__, __FILE__, __LINE__}, sentence));
  failed_.store(true, std::memory_order_release);
  return true;
}

c10d::ErrorType GroupStatus::error_type() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return type_;
}

std::exception_ptr GroupStatus::failure() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void GroupStatus::rethrow_failure() const {
  if (failed()) std::rethrow_exception(failure());
}

}  // namespace npu
