// HcclGroupStart and HcclGroupEnd: the calls between them are enqueued together at the end. Messages of one
// communicator and stream become one batch, so that they cannot wait for each other.
#include <memory>
#include <utility>
#include <vector>

#include "softnpu/hccl/operation.h"

namespace softnpu::hccl {
namespace {

struct Kept {
  std::unique_ptr<Operation> operation;
  Comm* comm;  // a reference
  aclrtStream stream;
};

struct Group {
  int depth = 0;
  std::vector<Kept> kept;
  void clear() {
    for (Kept& one : kept) one.comm->drop();
    kept.clear();
  }
  ~Group() { clear(); }
};

Group& group() {
  static thread_local Group instance;
  return instance;
}

HcclResult end_group(Group& open) {
  bool messages = false, collectives = false;
  for (const Kept& one : open.kept) {
    (one.operation->is_collective() ? collectives : messages) = true;
  }
  if (messages && collectives) {
    return HcclResult(
        softnpu_error(HCCL_E_NOT_SUPPORT, "HcclGroupEnd: a group holds collectives or messages, not both."));
  }
  for (size_t i = 0; messages && i < open.kept.size(); ++i) {
    Kept& first = open.kept[i];
    if (first.operation == nullptr) continue;
    for (size_t k = i + 1; k < open.kept.size(); ++k) {
      Kept& other = open.kept[k];
      if (other.operation == nullptr || other.comm != first.comm || other.stream != first.stream) continue;
      auto& items = first.operation->items;
      items.insert(items.end(), other.operation->items.begin(), other.operation->items.end());
      other.operation.reset();
    }
  }
  for (Kept& one : open.kept) {
    if (one.operation == nullptr) continue;
    if (HcclResult code = one.comm->submit(one.operation, one.stream); code != HCCL_SUCCESS) return code;
  }
  return HCCL_SUCCESS;
}

}  // namespace

bool keep_for_group(std::unique_ptr<Operation>& operation, aclrtStream stream) {
  Group& open = group();
  if (open.depth == 0) return false;
  Comm* comm = operation->comm;
  comm->share();
  open.kept.push_back({std::move(operation), comm, stream});
  return true;
}

}  // namespace softnpu::hccl

extern "C" {

// For libhcomm, which exports the two names of the ABI.
int32_t softnpu_hccl_group_start(void) {
  ++softnpu::hccl::group().depth;
  return HCCL_SUCCESS;
}

int32_t softnpu_hccl_group_end(void) {
  softnpu::hccl::Group& open = softnpu::hccl::group();
  if (open.depth == 0) {
    return softnpu_error(HCCL_E_PARA, "HcclGroupEnd: no group is open on this thread.");
  }
  if (--open.depth > 0) return HCCL_SUCCESS;
  const HcclResult result = softnpu::hccl::end_group(open);
  open.clear();
  return result;
}

}  // extern "C"
