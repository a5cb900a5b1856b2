// Phase one: the arguments of a call become an executor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "aclnn/aclnn.h"
#include "softnpu/aclnn/base/executor.h"
#include "softnpu/aclnn/rule.h"

namespace softnpu {

struct NumberSlot {
  uint32_t cell;
  uint32_t kind;  // 0 absent, else NumberKind
};
enum NumberKind : uint32_t { kNone, kBool, kInt, kReal, kImaginary };

class Capture {
 public:
  Capture(const Operator& op, uint64_t* workspaceSize, aclOpExecutor** executor);
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // `as_made`: the shape it was created with, where an earlier operator has reported another.
  uint32_t tensor(const aclTensor* tensor, bool optional, bool as_made = false);
  uint32_t reported(const aclTensor* tensor, bool optional);
  uint32_t tensors(const aclTensorList* list, bool null_entries);
  uint32_t integers(const aclIntArray* array, bool optional);
  uint32_t booleans(const aclBoolArray* array);
  uint32_t floats(const aclFloatArray* array);
  uint32_t text(const char* string);
  NumberSlot number(const aclScalar* scalar, bool optional);
  uint32_t numbers(const aclScalarList* list);
  int8_t dtype(aclDataType dtype);

  aclnnStatus finish(const Rule& rule, void (*invoke)(aclOpExecutor&));

  // What workspace sizes look at: the first tensors of the call, in order.
  static constexpr unsigned kSeen = 6;
  unsigned view_count() const { return views_; }
  const View& view(unsigned i) const { return executor_->at<View>(view_[i]); }
  aclOpExecutor& executor() const { return *executor_; }

  uint32_t reserve(size_t bytes) {
    return executor_ == nullptr ? 0 : executor_->signature.reserve_zeroed(bytes);
  }
  unsigned argument = 0;  // being captured now
  bool failed() const { return status_ != ACLNN_SUCCESS; }

 private:
  friend struct Report;
  void refuse(aclnnStatus status, const char* format, ...) __attribute__((format(printf, 3, 4)));
  std::string argument_name(unsigned index) const;
  void remember_life(const aclTensor* tensor);
  bool check_dtypes(const Rule& rule);
  bool check_addresses();
  bool check_body(const Rule& rule);
  void size_up(const Rule& rule);
  aclnnStatus give_up();

  const Operator& op_;
  uint64_t* workspace_size_;
  aclOpExecutor** result_;
  aclOpExecutor* executor_ = nullptr;
  aclnnStatus status_ = ACLNN_SUCCESS;
  unsigned views_ = 0;
  uint64_t numbers_hash_ = 0;
  uint32_t view_[kSeen] = {};
};

}  // namespace softnpu
