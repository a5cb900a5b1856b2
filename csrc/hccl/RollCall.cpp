#include "csrc/hccl/RollCall.h"

#include <cstdlib>
#include <exception>
#include <vector>

namespace npu {
namespace {

std::string key_of(int rank) {
  return "hccl/waits/" + std::to_string(rank);
}

}  // namespace

c10d::Store& RollCall::own_store() {
  if (clone_ == nullptr) clone_ = store_->clone();
  return *clone_;
}

void RollCall::arrive(uint64_t sequence) noexcept {
  if (store_ == nullptr || sequence == announced_) return;
  try {
    own_store().set(key_of(group_->rank()), std::to_string(sequence));
    announced_ = sequence;
  } catch (const std::exception&) {  // the host of the store may be the one that is gone
    store_ = nullptr;
  }
}

std::string RollCall::absent(uint64_t sequence) noexcept {
  if (store_ == nullptr) return "";
  try {
    c10d::Store& store = own_store();
    std::string ranks;
    int count = 0;
    for (int rank = 0; rank < group_->size(); ++rank) {
      if (rank == group_->rank()) continue;
      uint64_t seen = 0;
      const std::string key = key_of(rank);
      if (store.check({key})) seen = std::strtoull(store.get_to_str(key).c_str(), nullptr, 10);
      if (seen >= sequence) continue;
      ranks += (count++ == 0 ? "" : ", ") + std::to_string(group_->global(rank));
    }
    if (count == 0) return "; all ranks have called it";
    return std::string(count == 1 ? "; rank " : "; ranks ") + ranks + (count == 1 ? " has" : " have") +
           " not called it";
  } catch (const std::exception&) {
    store_ = nullptr;
    return "";
  }
}

}  // namespace npu
