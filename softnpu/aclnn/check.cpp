// Phase one: what the kernel cannot do is refused.
#include <ATen/ExpandUtils.h>
#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>
#include <c10/util/SmallVector.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "softnpu.h"
#include "softnpu/aclnn/helpers.h"
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

uint64_t signature_hash(const aclOpExecutor& executor, uint64_t numbers) {
  uint64_t hash = mix(0x243F6A8885A308D3ull ^ numbers, reinterpret_cast<uintptr_t>(executor.op));
  const std::byte* bytes = executor.signature.data();
  for (uint32_t i = 0; i < executor.signature.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    hash = mix(hash, word);
  }
  return hash;
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

namespace {

// The views that are computed with each other: all of a call, or the entries at one place of its lists.
using Group = c10::SmallVector<uint32_t, 6>;

std::vector<Group> pointwise_groups(aclOpExecutor& executor) {
  std::vector<Group> groups;
  Group singles;
  unsigned argument = UINT_MAX;
  size_t place = 0;
  for (uint32_t offset = executor.first_view; offset != 0; offset = executor.at<View>(offset).next) {
    const auto& view = executor.at<View>(offset);
    place = view.argument == argument ? place + 1 : 0;
    argument = view.argument;
    if (!is_list(executor.op->parameter(argument))) {
      singles.push_back(offset);
      continue;
    }
    if (place == groups.size()) groups.emplace_back();
    groups[place].push_back(offset);
  }
  if (groups.empty()) return {singles};
  for (const uint32_t offset : singles) {  // numbers for the lists
    const auto& view = executor.at<View>(offset);
    TORCH_CHECK(view.numel == 1 || view.numel == static_cast<int64_t>(groups.size()),
                argument_name(*executor.op, view.argument), " has ", view.numel,
                " elements; it must have one, or one for each of ", groups.size(), " tensors");
  }
  return groups;
}

void check_group(aclOpExecutor& executor, const Group& group, bool in_place) {
  at::DimVector shape;
  for (const uint32_t offset : group) {
    const auto& view = executor.at<View>(offset);
    if (in_place || !is_written(executor.op->parameter(view.argument)))
      shape = at::infer_size_dimvector(shape, at::IntArrayRef(view.dims(), view.rank));
  }
  for (const uint32_t offset : group) {
    const auto& view = executor.at<View>(offset);
    if (!is_written(executor.op->parameter(view.argument))) continue;
    const at::IntArrayRef dims(view.dims(), view.rank);
    TORCH_CHECK(dims == at::IntArrayRef(shape), "the result has shape ", at::IntArrayRef(shape), " but ",
                argument_name(*executor.op, view.argument), " has ", dims);
    for (unsigned i = 0; i < view.rank; ++i)
      TORCH_CHECK(view.dims()[i] < 2 || view.strides()[i] != 0, argument_name(*executor.op, view.argument),
                  " is expanded: several of its elements are one place in memory");
  }
}

}  // namespace

void check_pointwise_shapes(aclOpExecutor& executor) {
  const std::string_view name = executor.op->name;
  const bool in_place = name.find("Inplace") != name.npos;
  for (const Group& group : pointwise_groups(executor)) check_group(executor, group, in_place);
}

void expect_fits(const at::Scalar& number, const at::Tensor& out) {
  at::empty({2}, at::TensorOptions().dtype(out.scalar_type())).fill_(number);  // one element is not checked
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

bool Capture::check_body(const Rule& rule) {
  std::string problem;
  if (check_pass(*executor_, rule.check, problem)) return true;
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
  // A sum that is one number would be the sum of as many parts as there are threads, rounded accordingly: it
  // has one thread, so that the same seed gives the same losses however busy the cores are. Outputs come
  // last.
  if (executor_->last_view != 0 && executor_->at<View>(executor_->last_view).numel == 1)
    executor_->large = false;
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
  const uint64_t hash = rule.remember ? signature_hash(*executor_, numbers_hash_) : 0;
  if (!rule.remember || !remembered.contains(hash)) {
    if (!check_dtypes(rule) || !check_body(rule)) return give_up();
    if (rule.remember) remembered.add(hash);
  }
  size_up(rule);
  if (rule.workspace != nullptr) executor_->workspace_size = rule.workspace(*this);
  executor_->state = ExecutorState::kReady;
  *workspace_size_ = executor_->workspace_size;
  *result_ = executor_;
  return ACLNN_SUCCESS;
}

}  // namespace softnpu
