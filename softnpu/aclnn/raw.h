// Raw loops: small contiguous pointwise calls skip ATen on the worker, and the capture of arguments in phase
// one. Every loop gives the bits that ATen gives; a call that does not qualify, in any way, goes the general
// way, which also finds the words for what is wrong with it. SOFTNPU_STRICT=1 sends every call there.
#pragma once

#include <cstdint>

#include "aclnn/aclnn.h"
#include "softnpu/aclnn/base/executor.h"

namespace softnpu {

// The arguments of a call that may qualify, in order, and what a picker makes of them: the executor of the
// call, filled in place, because copies of what was just written are slow.
class RawCall {
 public:
  RawCall() : executor_(softnpu_executor_take()), failed_(executor_ == nullptr) {}
  ~RawCall() {
    if (executor_ != nullptr) softnpu_executor_give(executor_);
  }
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  void add(const aclTensor* tensor) {
    if (failed_ || tensor == nullptr || tensors_ == kMost) return fail();
    executor_->raw_tensors.argument[tensors_] = parameters_++;
    tensor_[tensors_++] = tensor;
  }
  void add(const aclScalar* number) {
    if (number == nullptr || numbers_ == kMost) return fail();
    ++parameters_;
    number_[numbers_++] = number;
  }

  unsigned tensors() const { return failed_ ? 0 : tensors_; }
  const aclTensor& tensor(unsigned i) const { return *tensor_[i]; }
  const aclScalar& number(unsigned i) const { return *number_[i]; }

  // The loop over `count` elements of these tensors. False where they are not in device memory.
  bool use(RawLoop loop, unsigned out, unsigned a, unsigned b, int64_t count, uint64_t number = 0);
  // After use().
  aclnnStatus finish(const Operator& op, uint64_t* workspaceSize, aclOpExecutor** executor);

 private:
  static constexpr unsigned kMost = 3;
  static constexpr uintptr_t kNear = uintptr_t{2} << 20;
  void fail() { failed_ = true; }

  const aclTensor* tensor_[kMost];
  const aclScalar* number_[kMost];
  aclOpExecutor* executor_;
  uint8_t parameters_ = 0;
  uint8_t tensors_ = 0;
  uint8_t numbers_ = 0;
  bool failed_;
};

}  // namespace softnpu

namespace softnpu::raw {

// (self, other[, alpha][, out]); with alpha only where it is 1.
bool add(RawCall& call);
bool sub(RawCall& call);
bool mul(RawCall& call);
bool div(RawCall& call);
bool maximum(RawCall& call);
bool minimum(RawCall& call);
bool eq(RawCall& call);
bool ne(RawCall& call);
bool lt(RawCall& call);
bool le(RawCall& call);
bool gt(RawCall& call);
bool ge(RawCall& call);

// (self, number[, alpha][, out])
bool adds(RawCall& call);
bool subs(RawCall& call);
bool muls(RawCall& call);
bool divs(RawCall& call);
bool eqs(RawCall& call);
bool nes(RawCall& call);
bool lts(RawCall& call);
bool les(RawCall& call);
bool gts(RawCall& call);
bool ges(RawCall& call);

// (self[, out])
bool neg(RawCall& call);
bool abs(RawCall& call);
bool relu(RawCall& call);
bool reciprocal(RawCall& call);

// (selfRef, value), (selfRef), (selfRef), (selfRef, src)
bool fill(RawCall& call);
bool zero(RawCall& call);
bool one(RawCall& call);
bool copy(RawCall& call);

}  // namespace softnpu::raw
