// Phase one: arguments become an executor.
#include <c10/core/ScalarType.h>

#include <bit>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

#include "softnpu.h"
#include "softnpu/aclnn/dtype.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/pass.h"

namespace softnpu {

namespace {}  // namespace

std::string argument_name(const Operator& op, unsigned index) {
  const std::string_view declaration = op.parameter(index);
  return std::string(declaration.substr(declaration.rfind(' ') + 1));
}

Capture::Capture(const Operator& op, uint64_t* workspaceSize, aclOpExecutor** executor)
    : op_(op), workspace_size_(workspaceSize), result_(executor) {
  if (workspaceSize == nullptr || executor == nullptr) {
    status_ = softnpu_error(ACLNN_ERR_PARAM_NULLPTR, "%s: %s is a null pointer", op.name,
                            workspaceSize == nullptr ? "workspaceSize" : "executor");
    return;
  }
  if (strict()) {
    const aclError error = softnpu_require_device(nullptr);
    if (error != ACL_SUCCESS) {
      status_ = error;
      return;
    }
  }
  executor_ = softnpu_executor_take();
  if (executor_ == nullptr) {
    status_ = softnpu_error(ACLNN_ERR_INNER, "%s: out of host memory", op.name);
    return;
  }
  executor_->op = &op;
}

void Capture::refuse(aclnnStatus status, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  status_ = softnpu_error(status, "%s: %s", op_.name, text);
}

std::string Capture::argument_name(unsigned index) const {
  return softnpu::argument_name(op_, index);
}

void Capture::remember_life(const aclTensor* tensor) {
  executor_->captured.push_back({tensor, tensor->generation.load(std::memory_order_relaxed)});
}

uint32_t Capture::tensor(const aclTensor* tensor, bool optional, bool as_made) {
  if (tensor == nullptr) {
    if (!optional) refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
    return 0;
  }
  if (!is_alive(tensor->generation)) {
    refuse(ACLNN_ERR_PARAM_INVALID, "%s was destroyed before this call", argument_name(argument).c_str());
    return 0;
  }
  const at::ScalarType dtype = scalar_type(tensor->dtype);
  if (dtype == at::ScalarType::Undefined || !is_strided(tensor->format)) {
    const bool bad_dtype = dtype == at::ScalarType::Undefined;
    refuse(ACLNN_ERR_PARAM_INVALID, "%s has %s %d, which the software NPU does not support",
           argument_name(argument).c_str(), bad_dtype ? "data type" : "format",
           bad_dtype ? static_cast<int>(tensor->dtype) : static_cast<int>(tensor->format));
    return 0;
  }
  int64_t reported_dims[kMaxRank];
  uint64_t rank = tensor->rank;
  const int64_t* dims = tensor->dims;
  ReportedShape* reported = tensor->reported.load(std::memory_order_acquire);
  const bool is_reported = !as_made && reported != nullptr && reported->get(reported_dims, &rank);
  if (is_reported) dims = reported_dims;

  const uint32_t offset = executor_->signature.reserve(sizeof(View) + 2 * rank * sizeof(int64_t));
  const uint32_t cell = executor_->cells.reserve(sizeof(Cell));
  auto& view = executor_->at<View>(offset);
  auto* view_dims = reinterpret_cast<int64_t*>(&view + 1);
  int64_t* view_strides = view_dims + rank;
  int64_t numel = 1;
  int64_t last = 0;
  bool contiguous = true;
  for (uint64_t i = rank; i-- > 0;) {
    const int64_t stride = is_reported ? numel : tensor->strides[i];
    view_dims[i] = dims[i];
    view_strides[i] = stride;
    if (dims[i] != 1 && stride != numel) contiguous = false;
    last += (dims[i] - 1) * stride;
    numel *= dims[i];
  }
  const auto size = static_cast<int64_t>(c10::elementSize(dtype));
  view.dtype = static_cast<int8_t>(dtype);
  view.rank = static_cast<uint8_t>(rank);
  view.argument = static_cast<uint8_t>(argument);
  view.next = 0;
  view.reserved = 0;
  view.contiguous = contiguous || numel == 0;
  view.cell = cell;
  view.offset_bytes = tensor->offset * size;
  view.numel = numel;
  view.extent = numel == 0 ? 0 : (last + 1) * size;
  executor_->cell(cell).address =
      tensor->data == nullptr ? nullptr : static_cast<std::byte*>(tensor->data) + view.offset_bytes;
  if (tensor->data == nullptr && numel > 0)
    refuse(ACLNN_ERR_PARAM_NULLPTR, "the data of %s is a null pointer", argument_name(argument).c_str());
  if (executor_->first_view == 0) {
    executor_->first_view = offset;
  } else {
    executor_->at<View>(executor_->last_view).next = offset;
  }
  executor_->last_view = offset;
  if (views_ < kSeen) view_[views_] = offset;
  ++views_;
  if (strict()) remember_life(tensor);
  return offset;
}

uint32_t Capture::reported(const aclTensor* tensor, bool optional) {
  const uint32_t view = this->tensor(tensor, optional, true);
  if (view == 0) return 0;
  auto* mine = const_cast<aclTensor*>(tensor);
  ReportedShape* shape = mine->reported.load(std::memory_order_acquire);
  if (shape == nullptr) {
    auto* fresh = new ReportedShape();
    if (mine->reported.compare_exchange_strong(shape, fresh)) {
      shape = fresh;
    } else {
      fresh->release();
    }
  }
  shape->retain();
  const uint32_t offset = executor_->signature.reserve(sizeof(ReportedSlot));
  executor_->reported[executor_->reported_count++] = shape;
  executor_->at<ReportedSlot>(offset) = {view, executor_->reported_count};
  return offset;
}

uint32_t Capture::tensors(const aclTensorList* list, bool null_entries) {
  if (list == nullptr) {
    refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
    return 0;
  }
  const uint32_t header = executor_->signature.reserve_zeroed((1 + list->size) * sizeof(uint64_t));
  executor_->at<uint64_t>(header) = list->size;
  for (uint64_t i = 0; i < list->size && !failed(); ++i) {
    const uint32_t view = tensor(list->tensors[i], null_entries);
    executor_->at<uint64_t>(header + static_cast<uint32_t>((1 + i) * sizeof(uint64_t))) = view;
  }
  return header;
}

namespace {

template <class T>
uint32_t copy_array(aclOpExecutor& executor, const T* values, uint64_t size) {
  const uint32_t header = executor.signature.reserve_zeroed(sizeof(uint64_t) + size * sizeof(T));
  executor.at<uint64_t>(header) = size;
  std::memcpy(&executor.at<uint64_t>(header) + 1, values, size * sizeof(T));
  return header;
}

}  // namespace

uint32_t Capture::integers(const aclIntArray* array, bool optional) {
  if (array != nullptr) return copy_array(*executor_, array->values, array->size);
  if (!optional) refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
  return 0;
}

uint32_t Capture::booleans(const aclBoolArray* array) {
  if (array != nullptr) return copy_array(*executor_, array->values, array->size);
  refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
  return 0;
}

uint32_t Capture::floats(const aclFloatArray* array) {
  if (array != nullptr) return copy_array(*executor_, array->values, array->size);
  refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
  return 0;
}

uint32_t Capture::text(const char* string) {
  if (string == nullptr) return 0;
  const size_t size = std::strlen(string) + 1;
  const uint32_t offset = executor_->signature.reserve_zeroed(size);
  std::memcpy(&executor_->at<char>(offset), string, size);
  return offset;
}

int8_t Capture::dtype(aclDataType dtype) {
  const at::ScalarType type = scalar_type(dtype);
  if (type == at::ScalarType::Undefined)
    refuse(ACLNN_ERR_PARAM_INVALID, "%s is data type %d, which the software NPU does not support",
           argument_name(argument).c_str(), static_cast<int>(dtype));
  return static_cast<int8_t>(type);
}

namespace {

// Numbers of one class pass or fail the same checks, so that a rate that changes with every step does not
// mean a check with every step. A real number is known by its sign and its power of two, and exactly where
// that is one in which a data type ends: 127 and 128, 65504 and 65520 are not alike.
uint64_t number_class(const Cell& cell, uint32_t kind) {
  if (kind != kReal) {
    const auto imaginary = kind == kImaginary ? std::bit_cast<uint64_t>(cell.number[1]) : 0;
    return mix(imaginary, static_cast<uint64_t>(cell.integer));
  }
  const auto bits = std::bit_cast<uint64_t>(cell.number[0]);
  const int power = static_cast<int>(bits >> 52 & 0x7FF) - 1023;
  if (power >= 0 && power < 1024) {
    const bool is_edge = ((power + 1) & power) == 0 || ((power + 2) & (power + 1)) == 0;
    return is_edge ? bits : bits >> 52;
  }
  if (power < 0 && power > -1023) return bits >> 63;  // between zero and one
  return bits;                                        // zero, subnormal, infinite or not a number
}

}  // namespace

NumberSlot Capture::number(const aclScalar* scalar, bool optional) {
  if (scalar == nullptr) {
    if (!optional) refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
    return {0, kNone};
  }
  if (!is_alive(scalar->generation)) {
    refuse(ACLNN_ERR_PARAM_INVALID, "%s was destroyed before this call", argument_name(argument).c_str());
    return {0, kNone};
  }
  const uint32_t offset = executor_->cells.reserve(sizeof(Cell));
  const NumberSlot slot{offset, number_from(*scalar, executor_->cell(offset))};
  if (slot.kind == kNone)
    refuse(ACLNN_ERR_PARAM_INVALID,
           "%s has data type %d, which the software NPU does not support as a scalar",
           argument_name(argument).c_str(), static_cast<int>(scalar->dtype));
  numbers_hash_ = mix(numbers_hash_, number_class(executor_->cell(offset), slot.kind));
  return slot;
}

uint32_t Capture::numbers(const aclScalarList* list) {
  if (list == nullptr) {
    refuse(ACLNN_ERR_PARAM_NULLPTR, "%s is a null pointer", argument_name(argument).c_str());
    return 0;
  }
  const uint32_t header = executor_->signature.reserve_zeroed((1 + list->size) * sizeof(uint64_t));
  executor_->at<uint64_t>(header) = list->size;
  for (uint64_t i = 0; i < list->size && !failed(); ++i) {
    const NumberSlot slot = number(list->scalars[i], false);
    executor_->at<NumberSlot>(header + static_cast<uint32_t>((1 + i) * sizeof(uint64_t))) = slot;
  }
  return header;
}

}  // namespace softnpu
