#include "softnpu/aclnn/base/executor.h"

#include <algorithm>
#include <string_view>

#include "softnpu.h"
#include "softnpu/aclnn/base/pool.h"

namespace {

using softnpu::ExecutorState;
using ExecutorPool = softnpu::Pool<aclOpExecutor>;

enum class Side { kAny, kInput, kOutput };

// A parameter that is updated in place ("selfRef") is an input and an output.
bool is_on(Side side, std::string_view parameter) {
  if (side == Side::kInput) return !softnpu::is_written(parameter) || parameter.ends_with("Ref");
  return side == Side::kAny || softnpu::is_written(parameter);
}

aclnnStatus set_address(const char* function, aclOpExecutor* executor, size_t index, aclTensor* tensor,
                        void* address, Side side) {
  if (executor == nullptr || tensor == nullptr)
    return softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "%s: %s is a null pointer", function,
                         executor == nullptr ? "executor" : "tensor");
  if (executor->state != ExecutorState::kRepeatable)
    return softnpu_error(ACLNN_ERR_PARAM_INVALID,
                         "%s: the executor is not repeatable; call aclSetAclOpExecutorRepeatable first",
                         function);
  size_t left = index;
  auto moved = [&](int64_t offset_bytes) {
    return address == nullptr ? nullptr : static_cast<std::byte*>(address) + offset_bytes;
  };
  const softnpu::RawTensors& raw = executor->raw_tensors;
  for (uint8_t i = 0; executor->raw.loop != nullptr && i < raw.count; ++i) {
    if (!is_on(side, executor->op->parameter(raw.argument[i])) || left-- != 0) continue;
    for (int role = 0; role < 3; ++role)
      if (raw.role[role] == i) executor->raw.address[role] = moved(raw.offset_bytes[i]);
    return ACLNN_SUCCESS;
  }
  for (uint32_t offset = executor->first_view; offset != 0;) {
    auto& view = executor->at<softnpu::View>(offset);
    if (is_on(side, executor->op->parameter(view.argument)) && left-- == 0) {
      executor->cell(view.cell).address = moved(view.offset_bytes);
      return ACLNN_SUCCESS;
    }
    offset = view.next;
  }
  return softnpu_error(ACLNN_ERR_PARAM_INVALID, "%s: %s has no tensor of index %zu", function,
                       executor->op->name, index);
}

}  // namespace

extern "C" {

aclOpExecutor* softnpu_executor_take(void) {
  return ExecutorPool::take();
}

void softnpu_executor_give(aclOpExecutor* executor) {
  executor->state = ExecutorState::kFree;
  executor->raw.loop = nullptr;
  executor->large = false;
  executor->first_view = executor->last_view = 0;
  executor->workspace = nullptr;
  executor->workspace_size = 0;
  executor->signature.clear();
  executor->cells.clear();
  for (uint8_t i = 0; i < executor->reported_count; ++i) executor->reported[i]->release();
  executor->reported_count = 0;
  if (!executor->captured.empty()) executor->captured.clear();
  ExecutorPool::give(executor);
}

aclOpExecutor* softnpu_executor_clone(aclOpExecutor* executor) {
  aclOpExecutor* copy = softnpu_executor_take();
  if (copy == nullptr) return nullptr;
  copy->invoke = executor->invoke;
  copy->op = executor->op;
  copy->raw = executor->raw;
  copy->raw_tensors = executor->raw_tensors;
  copy->state = ExecutorState::kReady;
  copy->large = executor->large;
  copy->first_view = executor->first_view;
  copy->last_view = executor->last_view;
  copy->workspace_size = executor->workspace_size;
  copy->signature.copy_from(executor->signature);
  copy->cells.copy_from(executor->cells);
  copy->reported_count = executor->reported_count;
  for (uint8_t i = 0; i < copy->reported_count; ++i) {
    copy->reported[i] = executor->reported[i];
    copy->reported[i]->retain();
  }
  return copy;
}

aclnnStatus aclSetAclOpExecutorRepeatable(aclOpExecutor* executor) {
  if (executor == nullptr)
    return softnpu_error(ACLNN_ERR_PARAM_NULLPTR,
                         "aclSetAclOpExecutorRepeatable: executor is a null pointer");
  if (executor->state == ExecutorState::kFree)
    return softnpu_error(
        ACLNN_ERR_PARAM_INVALID,
        "aclSetAclOpExecutorRepeatable: the executor was used or destroyed before this call");
  executor->state = ExecutorState::kRepeatable;
  executor->captured.clear();  // descriptors may be destroyed between the runs
  return ACLNN_SUCCESS;
}

aclnnStatus aclDestroyAclOpExecutor(aclOpExecutor* executor) {
  if (executor == nullptr) return ACLNN_SUCCESS;
  if (executor->state == ExecutorState::kFree)
    return softnpu_error(ACLNN_ERR_PARAM_INVALID,
                         "aclDestroyAclOpExecutor: the executor was used or destroyed before this call");
  softnpu_executor_give(executor);
  return ACLNN_SUCCESS;
}

aclnnStatus aclSetTensorAddr(aclOpExecutor* executor, const size_t index, aclTensor* tensor, void* addr) {
  return set_address("aclSetTensorAddr", executor, index, tensor, addr, Side::kAny);
}

aclnnStatus aclSetInputTensorAddr(aclOpExecutor* executor, const size_t index, aclTensor* tensor,
                                  void* addr) {
  return set_address("aclSetInputTensorAddr", executor, index, tensor, addr, Side::kInput);
}

aclnnStatus aclSetOutputTensorAddr(aclOpExecutor* executor, const size_t index, aclTensor* tensor,
                                   void* addr) {
  return set_address("aclSetOutputTensorAddr", executor, index, tensor, addr, Side::kOutput);
}

aclnnStatus aclnnInit(const char*) {
  return ACLNN_SUCCESS;
}
aclnnStatus aclnnFinalize(void) {
  return ACLNN_SUCCESS;
}

}  // extern "C"
