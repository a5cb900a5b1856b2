// Who a process group is, in messages, and the failure that ended it.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include <torch/csrc/distributed/c10d/Backend.hpp>

namespace npu {

// Shared by the group, its works and its watchdog, so it outlives the group.
class GroupStatus {
 public:
  GroupStatus(int rank, int size, std::vector<uint64_t> global_ranks)
      : rank_(rank), size_(size), global_ranks_(std::move(global_ranks)) {}

  void set_name(const std::string& id, const std::string& description);
  std::string name() const;         // "group 'default_pg' (0)"
  std::string speaker() const;      // "[rank 1]"
  uint64_t global(int rank) const;  // of a rank of the group
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }

  // The first failure stays and is raised by every later call and wait. Returns whether this is the first.
  bool fail(c10d::ErrorType type, const std::string& sentence);
  bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  c10d::ErrorType error_type() const;
  std::exception_ptr failure() const;  // null where none
  void rethrow_failure() const;        // does nothing where none

 private:
  const int rank_;
  const int size_;
  const std::vector<uint64_t> global_ranks_;  // empty: the ranks of the group are the global ones

  mutable std::mutex mutex_;
  std::string name_ = "a group";
  std::atomic<bool> failed_{false};
  c10d::ErrorType type_ = c10d::ErrorType::SUCCESS;
  std::exception_ptr failure_;
};

}  // namespace npu
