// The arguments of a call, looked at before anything is enqueued, so that a wrong one leaves the group
// usable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/util/StringUtil.h>
#include <torch/csrc/distributed/c10d/Types.hpp>

#include "csrc/hccl/Bridge.h"

namespace npu {

// Throws c10::ValueError, or c10::TypeError for a dtype: "[rank 1] all_reduce: <sentence>". Before it throws
// it calls `on_failure`.
class Checks {
 public:
  using Tensors = std::vector<at::Tensor>;

  Checks(std::string speaker, const char* call, int size, std::function<void()> on_failure)
      : speaker_(std::move(speaker)), call_(call), size_(size), on_failure_(std::move(on_failure)) {}

  template <typename... Parts>
  void require(bool holds, const Parts&... parts) const {
    if (!holds) fail(c10::str(parts...));
  }

  // Dense, contiguous, of npu, all on one device, which is returned. At least one.
  c10::DeviceIndex device_of(const Tensors& tensors) const;
  void same_dtype(const Tensors& tensors) const;
  // Lists of one tensor: c10d has lists where a backend could have several devices.
  const at::Tensor& only(const Tensors& tensors) const;
  const Tensors& only(const std::vector<Tensors>& lists) const;
  void root(int64_t root) const;
  void one_for_each_rank(const Tensors& tensors, const char* what) const;
  // The counts of elements by which a tensor is cut along its first dimension; empty splits cut it evenly.
  std::vector<uint64_t> splits(const at::Tensor& tensor, const std::vector<int64_t>& sizes,
                               const char* what) const;
  Reduction reduction(const c10d::ReduceOp& op, c10::ScalarType dtype) const;

  [[noreturn]] void fail(const std::string& sentence) const;

 private:
  void tensor(const at::Tensor& tensor) const;

  const std::string speaker_;
  const char* const call_;
  const int size_;
  const std::function<void()> on_failure_;
};

}  // namespace npu
