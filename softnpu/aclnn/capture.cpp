// Phase one: arguments become an executor, and what the kernel cannot do is refused.
#include <c10/core/ScalarType.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

#include "softnpu.h"
#include "softnpu/aclnn/dtype.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/pass.h"

namespace softnpu {

namespace {

// Calls that passed the check, by the hash of operator and signature. A lost or overwritten entry costs one
// more check, nothing else.
class Remembered {
 public:
  bool contains(uint64_t hash) const { return slot(hash).load(std::memory_order_relaxed) == hash; }
  void add(uint64_t hash) { slot(hash).store(hash, std::memory_order_relaxed); }

 private:
  static constexpr size_t kSize = size_t{1} << 14;
  std::atomic<uint64_t>& slot(uint64_t hash) const { return table_[(hash >> 20) & (kSize - 1)]; }
  mutable std::atomic<uint64_t> table_[kSize] = {};
};

Remembered remembered;

uint64_t mix(uint64_t hash, uint64_t word) {
  const auto product = static_cast<unsigned __int128>(hash ^ word) * 0x9E3779B97F4A7C15ull;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t signature_hash(const aclOpExecutor& executor) {
  uint64_t hash = mix(0x243F6A8885A308D3ull, reinterpret_cast<uintptr_t>(executor.op));
  const std::byte* bytes = executor.signature.data();
  for (uint32_t i = 0; i < executor.signature.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    hash = mix(hash, word);
  }
  return hash;
}

bool is_strided(aclFormat format) {
  switch (format) {
    case ACL_FORMAT_UNDEFINED:
    case ACL_FORMAT_ND:
    case ACL_FORMAT_NCHW:
    case ACL_FORMAT_NHWC:
    case ACL_FORMAT_HWCN:
    case ACL_FORMAT_NCDHW:
    case ACL_FORMAT_NDHWC:
    case ACL_FORMAT_NC:
    case ACL_FORMAT_NCL:
      return true;
    default:
      return false;
  }
}

std::string shape_text(const View& view) {
  std::string text = at::toString(static_cast<at::ScalarType>(view.dtype));
  text += '[';
  for (unsigned i = 0; i < view.rank; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(view.dims()[i]);
  }
  return text + ']';
}

}  // namespace

std::string argument_name(const Operator& op, unsigned index) {
  const std::string_view declaration = op.parameter(index);
  return std::string(declaration.substr(declaration.rfind(' ') + 1));
}

std::string describe(aclOpExecutor& executor) {
  std::string text;
  for (uint32_t offset = executor.first_view; offset != 0;) {
    const auto& view = executor.at<View>(offset);
    if (!text.empty()) text += ", ";
    if (text.size() > 600) return text + "...";
    text += argument_name(*executor.op, view.argument) + ' ' + shape_text(view);
    offset = view.next;
  }
  return text;
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
  if (numbers_ < kSeen) number_[numbers_] = slot;
  ++numbers_;
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

bool Capture::is_one(unsigned number) const {
  const NumberSlot& slot = number_[number];
  const Cell& cell = executor_->cell(slot.cell);
  if (slot.kind == kInt || slot.kind == kBool) return cell.integer == 1;
  return slot.kind == kReal && cell.number[0] == 1.0;
}

bool Capture::check_dtypes(const Rule& rule) {
  bool has_input = false;
  const View* first = nullptr;
  for (int round = 0; round < 2 && !has_input; ++round) {  // outputs count where there is no input
    for (uint32_t offset = executor_->first_view; offset != 0;) {
      const auto& view = executor_->at<View>(offset);
      offset = view.next;
      const std::string_view declaration = op_.parameter(view.argument);
      const bool output = is_written(declaration);
      if (declaration.substr(0, 5) == "Index" || declaration.substr(0, 8) == "Reported") continue;
      if (round == 0 && output) continue;
      has_input = has_input || round == 0;
      if (!(rule.inputs >> view.dtype & 1)) {
        refuse(ACLNN_ERR_PARAM_INVALID, "%s has data type %s, which this operator does not support",
               argument_name(view.argument).c_str(), at::toString(static_cast<at::ScalarType>(view.dtype)));
        return false;
      }
    }
  }
  if (!rule.same) return true;
  for (uint32_t offset = executor_->first_view; offset != 0;) {
    const auto& view = executor_->at<View>(offset);
    if (first == nullptr) first = &view;
    if (view.dtype != first->dtype) {
      refuse(ACLNN_ERR_PARAM_INVALID, "%s has data type %s but %s has %s; they must be the same",
             argument_name(first->argument).c_str(), at::toString(static_cast<at::ScalarType>(first->dtype)),
             argument_name(view.argument).c_str(), at::toString(static_cast<at::ScalarType>(view.dtype)));
      return false;
    }
    offset = view.next;
  }
  return true;
}

bool Capture::check_addresses() {
  int32_t current = -1;
  const bool is_strict = strict();
  if (is_strict && (status_ = softnpu_require_device(&current)) != ACL_SUCCESS) return false;
  for (uint32_t offset = executor_->first_view; offset != 0;) {
    const auto& view = executor_->at<View>(offset);
    offset = view.next;
    if (view.numel == 0) continue;
    const void* address = executor_->cell(view.cell).address;
    const int32_t device = softnpu_device_of(address, static_cast<size_t>(view.extent));
    if (device < 0) {
      refuse(ACLNN_ERR_PARAM_INVALID, "%s at %p (%lld bytes) is not live device memory",
             argument_name(view.argument).c_str(), address, static_cast<long long>(view.extent));
      return false;
    }
    if (is_strict && device != current) {
      refuse(ACLNN_ERR_PARAM_INVALID, "%s is on device %d but the current device is %d",
             argument_name(view.argument).c_str(), device, current);
      return false;
    }
  }
  return true;
}

bool Capture::check_body() {
  std::string problem;
  if (check_pass(*executor_, problem)) return true;
  refuse(ACLNN_ERR_PARAM_INVALID, "%s (%s)", problem.c_str(), describe(*executor_).c_str());
  return false;
}

void Capture::size_up(const Rule& rule) {
  int64_t bytes = 0;
  for (uint32_t offset = executor_->first_view; offset != 0;) {
    const auto& view = executor_->at<View>(offset);
    bytes += view.numel * static_cast<int64_t>(c10::elementSize(static_cast<at::ScalarType>(view.dtype)));
    offset = view.next;
  }
  executor_->large = bytes > kSmallBytes;
  if (rule.work == Work::kProduct && views_ >= 2) {
    const View& left = view(0);
    const View& out = view(views_ <= kSeen ? views_ - 1 : kSeen - 1);
    const int64_t columns = out.rank > 0 ? out.dims()[out.rank - 1] : 1;
    executor_->large = 2 * left.numel * columns > kSmallFlops;
  }
}

aclnnStatus Capture::give_up() {
  if (executor_ != nullptr) softnpu_executor_give(executor_);
  executor_ = nullptr;
  return status_;
}

aclnnStatus Capture::finish(const Rule& rule, void (*invoke)(aclOpExecutor&)) {
  if (failed()) return give_up();
  executor_->invoke = invoke;
  if (!check_addresses()) return give_up();
  if (rule.raw == nullptr || !rule.raw(*this)) {
    const uint64_t hash = rule.remember ? signature_hash(*executor_) : 0;
    if (!rule.remember || !remembered.contains(hash)) {
      if (!check_dtypes(rule) || !check_body()) return give_up();
      if (rule.remember) remembered.add(hash);
    }
    size_up(rule);
  }
  if (rule.workspace != nullptr) executor_->workspace_size = rule.workspace(*this);
  executor_->state = ExecutorState::kReady;
  *workspace_size_ = executor_->workspace_size;
  *result_ = executor_;
  return ACLNN_SUCCESS;
}

}  // namespace softnpu
