// Which ranks have arrived at a collective that others wait in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "csrc/hccl/GroupStatus.h"

namespace npu {

// A rank that has waited for a while in a collective says so in the store; a rank that says nothing has not
// called it. So a job without stuck collectives does not touch the store. Only the watchdog uses this.
class RollCall {
 public:
  RollCall(std::shared_ptr<GroupStatus> group, c10::intrusive_ptr<c10d::Store> store)
      : group_(std::move(group)), store_(std::move(store)) {}

  void arrive(uint64_t sequence) noexcept;
  // A clause for a message, such as "; ranks 1, 3 have not called it". Empty where the store does not answer.
  std::string absent(uint64_t sequence) noexcept;

 private:
  c10d::Store& own_store();

  const std::shared_ptr<GroupStatus> group_;
  c10::intrusive_ptr<c10d::Store> store_;  // the group's; null once it has failed
  c10::intrusive_ptr<c10d::Store> clone_;  // so that nobody waits for calls of other threads
  uint64_t announced_ = 0;
};

}  // namespace npu
