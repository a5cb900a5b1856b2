// Tensors of a pass. A worker reuses TensorImpls from one kernel to the next: making one per argument costs
// more than a small kernel.
#include <ATen/EmptyTensor.h>
#include <ATen/ops/as_strided.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/StorageImpl.h>
#include <c10/core/TensorImpl.h>
#include <c10/util/irange.h>

#include <array>
#include <complex>
#include <cstring>
#include <vector>

#include "softnpu.h"
#include "softnpu/aclnn/dtype.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/pass.h"

namespace softnpu {

aclOpExecutor& running_executor();

namespace {

class TensorPool {
 public:
  at::Tensor take(at::ScalarType dtype, void* data, int64_t bytes, at::IntArrayRef dims,
                  at::IntArrayRef strides) {
    auto& free = free_[static_cast<size_t>(dtype)];
    at::Tensor tensor;
    if (free.empty()) {
      tensor = fresh(dtype);
    } else {
      tensor = std::move(free.back());
      free.pop_back();
    }
    c10::TensorImpl* impl = tensor.unsafeGetTensorImpl();
    c10::StorageImpl* storage = impl->unsafe_storage().unsafeGetStorageImpl();
    storage->set_data_ptr_noswap(c10::DataPtr(data, c10::Device(c10::kCPU)));
    storage->set_nbytes(static_cast<size_t>(bytes));
    impl->set_sizes_and_strides(dims, strides, 0);
    return tensor;
  }

  void give(at::Tensor&& tensor) {
    if (tensor.use_count() != 1 || tensor.storage().use_count() != 1) return;  // a kernel kept it
    auto& free = free_[static_cast<size_t>(tensor.scalar_type())];
    if (free.size() < kMost) free.push_back(std::move(tensor));
  }

 private:
  static constexpr size_t kMost = 1024;

  static at::Tensor fresh(at::ScalarType dtype) {
    auto storage =
        c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), 0,
                                              c10::DataPtr(nullptr, c10::Device(c10::kCPU)), nullptr, false);
    return at::detail::make_tensor<c10::TensorImpl>(
        std::move(storage), c10::DispatchKeySet(c10::DispatchKey::CPU), c10::scalarTypeToTypeMeta(dtype));
  }

  std::array<std::vector<at::Tensor>, static_cast<size_t>(at::ScalarType::NumOptions)> free_;
};

thread_local TensorPool pool;

// A one in every data type, side by side.
struct Ones {
  alignas(16) std::byte bytes[static_cast<size_t>(at::ScalarType::NumOptions)][16] = {};
  Ones() {
    const at::Tensor one = at::scalar_tensor(1);
    for (const auto dtype : c10::irange(static_cast<size_t>(at::ScalarType::NumOptions))) {
      if (!(Stored.inputs >> dtype & 1)) continue;
      const at::Tensor same = one.to(static_cast<at::ScalarType>(dtype));
      std::memcpy(bytes[dtype], same.const_data_ptr(), same.element_size());
    }
  }
};

// A tensor of the dtype and rank of `view` with ones in one element, or in two where the call has several:
// what ATen does with a single element is not always what it does with more.
at::Tensor few_elements(const View& view) {
  static const Ones ones;
  static constexpr int64_t one[kMaxRank] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  static constexpr int64_t two[kMaxRank] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2};
  alignas(16) thread_local std::byte memory[64][32];  // a place for each argument, because bodies write
  const auto dtype = static_cast<at::ScalarType>(view.dtype);
  const size_t size = c10::elementSize(dtype);
  std::byte* data = memory[view.argument];
  for (const size_t i : {0, 1}) std::memcpy(data + i * size, ones.bytes[static_cast<size_t>(dtype)], size);
  const bool several = view.numel > 1;
  const at::IntArrayRef dims(several ? two + kMaxRank - view.rank : one, view.rank);
  return pool.take(dtype, data, static_cast<int64_t>((several ? 2 : 1) * size), dims,
                   at::IntArrayRef(one, view.rank));
}

at::Tensor take(aclOpExecutor& executor, uint32_t offset) {
  const auto& view = executor.at<View>(offset);
  const auto dtype = static_cast<at::ScalarType>(view.dtype);
  const at::IntArrayRef dims(view.dims(), view.rank);
  const at::IntArrayRef strides(view.strides(), view.rank);
  switch (current_pass()) {
    case Pass::kMeta:
      return at::Tensor(at::detail::empty_strided_meta(dims, strides, dtype));
    case Pass::kFewElements:
      return few_elements(view);
    case Pass::kRun:
      break;
  }
  void* address = executor.cell(view.cell).address;
  void* data = view.numel == 0 ? nullptr : host_address(address);
  return pool.take(dtype, data, view.extent, dims, strides);
}

void give(at::Tensor&& tensor) {
  if (tensor.defined() && !tensor.is_meta()) pool.give(std::move(tensor));
}

// A kernel that resized an output computed something else than the caller made room for.
void check_shape_of(aclOpExecutor& executor, uint32_t offset, const at::Tensor& tensor) {
  const auto& view = executor.at<View>(offset);
  const at::IntArrayRef dims(view.dims(), view.rank);
  if (current_pass() == Pass::kFewElements) {  // the shapes were compared before
    TORCH_CHECK(tensor.dim() == view.rank && tensor.numel() <= 2, "the result has another shape than ",
                argument_name(*executor.op, view.argument));
    return;
  }
  TORCH_CHECK(tensor.sizes() == dims, "the result has shape ", tensor.sizes(), " but ",
              argument_name(*executor.op, view.argument), " has ", dims);
}

at::Scalar scalar_of(aclOpExecutor& executor, NumberSlot slot) {
  const Cell& cell = executor.cell(slot.cell);
  switch (slot.kind) {
    case kBool:
      return at::Scalar(cell.integer != 0);
    case kInt:
      return at::Scalar(cell.integer);
    case kReal:
      return at::Scalar(cell.number[0]);
    default:
      return at::Scalar(c10::complex<double>(cell.number[0], cell.number[1]));
  }
}

at::Tensor as_index(const at::Tensor& tensor) {
  const at::ScalarType dtype = tensor.scalar_type();
  TORCH_CHECK(dtype == at::kLong || dtype == at::kInt, "an index has data type ", at::toString(dtype),
              "; it must be Int or Long");
  return dtype == at::kLong ? tensor : tensor.to(at::kLong);
}

}  // namespace

uint32_t number_from(const aclScalar& scalar, Cell& cell) {
  auto read = [&]<class T>(T) {
    T value;
    std::memcpy(&value, scalar.value, sizeof(T));
    return value;
  };
  auto integer = [&](auto zero) {
    cell.integer = static_cast<int64_t>(read(zero));
    return kInt;
  };
  auto real = [&](auto zero) {
    cell.number[0] = static_cast<double>(read(zero));
    return kReal;
  };
  auto imaginary = [&](auto zero) {
    const auto value = read(zero);
    cell.number[0] = static_cast<double>(value.real());
    cell.number[1] = static_cast<double>(value.imag());
    return kImaginary;
  };
  switch (scalar.dtype) {
    case ACL_BOOL:
      integer(uint8_t{});
      return kBool;
    case ACL_INT8:
      return integer(int8_t{});
    case ACL_UINT8:
      return integer(uint8_t{});
    case ACL_INT16:
      return integer(int16_t{});
    case ACL_UINT16:
      return integer(uint16_t{});
    case ACL_INT32:
      return integer(int32_t{});
    case ACL_UINT32:
      return integer(uint32_t{});
    case ACL_INT64:
      return integer(int64_t{});
    case ACL_UINT64:
      return integer(uint64_t{});
    case ACL_FLOAT16:
      return real(c10::Half());
    case ACL_BF16:
      return real(c10::BFloat16());
    case ACL_FLOAT:
      return real(float{});
    case ACL_DOUBLE:
      return real(double{});
    case ACL_COMPLEX64:
      return imaginary(std::complex<float>());
    case ACL_COMPLEX128:
      return imaginary(std::complex<double>());
    default:
      return kNone;
  }
}

TensorHolder::TensorHolder(aclOpExecutor& e, uint32_t s) : executor(e), slot(s), tensor(take(e, s)) {}
TensorHolder::~TensorHolder() {
  give(std::move(tensor));
}
void TensorHolder::check_shape() const {
  check_shape_of(executor, slot, tensor);
}

IndexHolder::IndexHolder(aclOpExecutor& e, uint32_t s) : TensorHolder(e, s) {
  static_cast<at::Tensor&>(index) = as_index(tensor);
}

OptInHolder::OptInHolder(aclOpExecutor& e, uint32_t s) : executor(e), slot(s) {
  if (s != 0) value = take(e, s);
}
OptInHolder::~OptInHolder() {
  if (value.has_value()) give(std::move(*value));
}

OptOutHolder::OptOutHolder(aclOpExecutor& e, uint32_t s) : executor(e), slot(s) {
  if (s != 0) value.tensor = take(e, s);
}
OptOutHolder::~OptOutHolder() {
  give(std::move(value.tensor));
}
void OptOutHolder::settle() {
  if (slot != 0) check_shape_of(executor, slot, value.tensor);
}

ReportedHolder::ReportedHolder(aclOpExecutor& e, uint32_t s) : executor(e), slot(s) {
  if (s == 0) return;
  const auto& reported = e.at<ReportedSlot>(s);
  value.room = take(e, reported.view);
  value.shape = e.reported[reported.shape - 1];
}
ReportedHolder::~ReportedHolder() {
  give(std::move(value.room));
}

void ReportedTensor::report(const at::Tensor& result) {
  if (!room.defined()) return;
  TORCH_CHECK(result.numel() <= room.numel(), "the result has ", result.numel(),
              " elements but there is room for ", room.numel());
  std::vector<int64_t> strides(static_cast<size_t>(result.dim()));
  int64_t step = 1;
  for (int64_t i = result.dim(); i-- > 0; step *= std::max<int64_t>(result.size(i), 1)) strides[i] = step;
  at::as_strided(room, result.sizes(), strides).copy_(result);
  shape->set(result.sizes().data(), static_cast<uint64_t>(result.dim()));
}

ListHolder::ListHolder(aclOpExecutor& e, uint32_t s) : executor(e), slot(s) {
  const ArrayHolder<uint64_t> views(e, s);
  list.tensors.reserve(*views.header);
  for (uint64_t i = 1; i <= *views.header; ++i) {
    const uint64_t view = views.header[i];
    list.tensors.push_back(view == 0 ? at::Tensor() : take(e, static_cast<uint32_t>(view)));
  }
}
ListHolder::~ListHolder() {
  for (at::Tensor& tensor : list.tensors) give(std::move(tensor));
}
void ListHolder::check_shapes() const {
  const ArrayHolder<uint64_t> views(executor, slot);
  for (uint64_t i = 0; i < *views.header; ++i)
    check_shape_of(executor, static_cast<uint32_t>(views.header[i + 1]), list.tensors[i]);
}

// A dimension that is not indexed comes as a null entry, or as an empty vector beside entries that are not
// empty.
IndexListHolder::IndexListHolder(aclOpExecutor& e, uint32_t s) : ListHolder(e, s) {
  bool any_full = false;
  for (const at::Tensor& tensor : list.tensors)
    any_full = any_full || (tensor.defined() && tensor.numel() > 0);
  for (const at::Tensor& tensor : list.tensors) {
    const bool is_mask =
        tensor.defined() && (tensor.scalar_type() == at::kBool || tensor.scalar_type() == at::kByte);
    const bool is_index = tensor.defined() && c10::isIntegralType(tensor.scalar_type(), false) && !is_mask;
    const bool is_empty = tensor.defined() && tensor.dim() == 1 && tensor.numel() == 0;
    if (!tensor.defined() || (is_empty && (any_full || !(is_index || is_mask)))) {
      indices.push_back(std::nullopt);
    } else {
      indices.push_back(is_mask ? tensor : as_index(tensor));
    }
  }
}

NumberHolder::NumberHolder(aclOpExecutor& e, NumberSlot s) : value(scalar_of(e, s)) {}
OptNumberHolder::OptNumberHolder(aclOpExecutor& e, NumberSlot s) {
  if (s.kind != kNone) value = scalar_of(e, s);
}
NumbersHolder::NumbersHolder(aclOpExecutor& e, uint32_t s) {
  const ArrayHolder<uint64_t> slots(e, s);
  values.reserve(*slots.header);
  for (uint64_t i = 0; i < *slots.header; ++i)
    values.push_back(scalar_of(e, reinterpret_cast<const NumberSlot*>(slots.header + 1)[i]));
}

at::Tensor workspace(at::ScalarType dtype, int64_t count, int64_t offset) {
  const auto size = static_cast<int64_t>(c10::elementSize(dtype));
  const int64_t strides[] = {1};
  if (checking()) return at::Tensor(at::detail::empty_strided_meta({count}, strides, dtype));
  aclOpExecutor& executor = running_executor();
  TORCH_CHECK(offset + count * size <= static_cast<int64_t>(executor.workspace_size),
              "the kernel needs a larger workspace than it asked for");
  void* data = static_cast<std::byte*>(host_address(executor.workspace)) + offset;
  return pool.take(dtype, data, count * size, {count}, strides);
}

}  // namespace softnpu
