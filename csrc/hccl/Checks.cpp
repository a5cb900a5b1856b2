#include "csrc/hccl/Checks.h"

#include <c10/util/Exception.h>

namespace npu {

void Checks::fail(const std::string& sentence) const {
  on_failure_();
  TORCH_CHECK_VALUE(false, speaker_, " ", call_, ": ", sentence);
}

void Checks::tensor(const at::Tensor& tensor) const {
  require(tensor.defined(), "a tensor is undefined.");
  require(tensor.is_privateuseone(), "a tensor is on ", tensor.device(),
          ", but hccl takes tensors of npu; move it with .npu().");
  require(tensor.layout() == at::kStrided, "a tensor is ", tensor.layout(),
          ", but hccl takes dense ones; call .to_dense().");
  require(!tensor.is_quantized(), "a tensor is quantized (", tensor.scalar_type(),
          "), which hccl does not take; send its integers and its parameters.");
  require(tensor.is_contiguous(tensor.suggest_memory_format()), "a tensor of shape ", tensor.sizes(),
          " is not contiguous (its strides are ", tensor.strides(), "); call .contiguous().");
  require(!tensor.is_conj() && !tensor.is_neg(),
          "a tensor is conjugated or negated lazily; call .resolve_conj() or .resolve_neg().");
}

c10::DeviceIndex Checks::device_of(const Tensors& tensors) const {
  require(!tensors.empty(), "it needs at least one tensor.");
  for (const at::Tensor& one : tensors) tensor(one);
  const at::Device device = tensors[0].device();
  for (const at::Tensor& one : tensors) {
    require(one.device() == device, "tensors are on ", device, " and ", one.device(),
            ", but those of one call must be on one device.");
  }
  return device.index();
}

void Checks::same_dtype(const Tensors& tensors) const {
  for (const at::Tensor& one : tensors) {
    if (one.scalar_type() == tensors[0].scalar_type()) continue;
    on_failure_();
    TORCH_CHECK_TYPE(false, speaker_, " ", call_, ": tensors are of ", tensors[0].scalar_type(), " and ",
                     one.scalar_type(), ", but those of one call must be of one dtype.");
  }
}

const at::Tensor& Checks::only(const Tensors& tensors) const {
  require(tensors.size() == 1, "it takes one tensor, but got ", tensors.size(), ".");
  return tensors[0];
}

const Checks::Tensors& Checks::only(const std::vector<Tensors>& lists) const {
  require(lists.size() == 1, "it takes one list of tensors, but got ", lists.size(), ".");
  return lists[0];
}

void Checks::root(int64_t root) const {
  require(root >= 0 && root < size_, "there is no rank ", root, " in a group of ", size_, " ranks.");
}

void Checks::one_for_each_rank(const Tensors& tensors, const char* what) const {
  require(tensors.size() == static_cast<size_t>(size_), "the list of ", what, " has ", tensors.size(),
          " tensors, but the group has ", size_, " ranks.");
}

std::vector<uint64_t> Checks::splits(const at::Tensor& tensor, const std::vector<int64_t>& sizes,
                                     const char* what) const {
  const auto size = static_cast<size_t>(size_);
  const int64_t length = tensor.dim() == 0 ? 1 : tensor.size(0);
  if (sizes.empty()) {
    require(length % size_ == 0, "the first dimension of the ", what, " is ", length,
            ", which cannot be divided evenly among ", size_, " ranks.");
    return std::vector<uint64_t>(size, static_cast<uint64_t>(tensor.numel() / size_));
  }
  require(sizes.size() == size, "there are ", sizes.size(), " split sizes of the ", what,
          ", but the group has ", size_, " ranks.");
  const int64_t row = length == 0 ? 0 : tensor.numel() / length;
  std::vector<uint64_t> counts;
  int64_t sum = 0;
  for (const int64_t one : sizes) {
    require(one >= 0, "a split size of the ", what, " is ", one, ".");
    sum += one;
    counts.push_back(static_cast<uint64_t>(one * row));
  }
  require(sum == length, "the split sizes of the ", what, " add up to ", sum, ", but its first dimension is ",
          length, ".");
  return counts;
}

Reduction Checks::reduction(const c10d::ReduceOp& op, c10::ScalarType dtype) const {
  try {
    return Reduction(op, dtype);
  } catch (const c10::Error& error) {
    fail(error.what_without_backtrace());
  }
}

}  // namespace npu
