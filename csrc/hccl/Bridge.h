// Reductions that HCCL lacks, made of those that it has. Never through the host.
//
// HCCL sums, multiplies and takes the greatest and least of int8, int32, int64, float16 and float32, all but
// products of int16 and bfloat16, and knows no average, no logic and no other dtype. The table in Bridge.cpp
// has one row for each way around; docs name them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/Types.hpp>

#include "csrc/core/NPUStream.h"
#include "hccl/hccl.h"

namespace npu {

// A communicator as the calls of HCCL take it. The stream is current while they are made.
struct HcclLink {
  ::HcclComm comm;
  aclrtStream stream;
  int rank;
  int size;
};

// The elements of a dense tensor as one row, in the order in which they lie in memory.
at::Tensor flat(const at::Tensor& tensor);
// Memory for a call of HCCL, which refuses null: a tensor without elements has none, so `spare` lends some.
void* address_of(const at::Tensor& tensor, at::Tensor& spare);

std::vector<uint64_t> running_sum(const std::vector<uint64_t>& counts);
// counts[r] elements of every rank r go to `root` alone; there `output` holds them one after another.
void gather_to(const HcclLink& link, const at::Tensor& input, const at::Tensor& output,
               const std::vector<uint64_t>& counts, int root);

class Reduction {
 public:
  // Throws where the operation is not defined for the dtype, naming both.
  Reduction(const c10d::ReduceOp& op, c10::ScalarType dtype);

  // All tensors are flat and of that dtype. `input` is changed only where `output` is the same.
  void all_reduce(const HcclLink& link, const at::Tensor& input, const at::Tensor& output) const;
  void reduce(const HcclLink& link, const at::Tensor& tensor, int root) const;
  // `input` has a part for every rank, in their order; the part of this rank is reduced to `output`.
  void reduce_scatter(const HcclLink& link, const at::Tensor& input, const at::Tensor& output) const;
  void reduce_scatter(const HcclLink& link, const at::Tensor& input, const std::vector<uint64_t>& counts,
                      const at::Tensor& output) const;

  struct Row;

 private:
  at::Tensor enter(const at::Tensor& input) const;  // as it is reduced; may be the same memory
  at::Tensor same_memory(const at::Tensor& tensor) const;
  at::Tensor place_for(const at::Tensor& output) const;
  void leave(const at::Tensor& reduced, const at::Tensor& output, int size) const;
  at::Tensor combine(const at::Tensor& parts) const;
  bool gathers() const;

  const Row& row_;
  const c10d::ReduceOp::RedOpType op_;
  const c10::ScalarType dtype_;
  std::optional<double> factor_;  // of PREMUL_SUM
  at::Tensor tensor_factor_;
};

}  // namespace npu
