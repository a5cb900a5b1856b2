#include "csrc/aten/Launch.h"

#include <bit>
#include <sstream>

#include "csrc/acl/Env.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Library.h"
#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/core/NPUStream.h"

namespace npu {

void no_operator(const char* what) {
  throw MissingOperator({__func__, __FILE__, static_cast<uint32_t>(__LINE__)},
                        c10::str("CANN has no operator for ", what));
}

namespace detail {
namespace {

// The layout tag that a kernel reads where the rank decides what the dimensions mean (convolution, pooling).
aclFormat format_of(size_t rank) {
  switch (rank) {
    case 3:
      return ACL_FORMAT_NCL;
    case 4:
      return ACL_FORMAT_NCHW;
    case 5:
      return ACL_FORMAT_NCDHW;
    default:
      return ACL_FORMAT_ND;
  }
}

template <class T>
T* made(T* descriptor, const char* what) {
  TORCH_CHECK(descriptor != nullptr, "CANN could not make ", what,
              " for an operator on npu: ", recent_message());
  return descriptor;
}

// Descriptors on their way into a list, which then owns them.
template <class T>
class Pending {
 public:
  ~Pending() {
    for (T* item : items_) {
      if (item != nullptr) Descriptor<T>::destroy(item);
    }
  }
  void add(T* item) { items_.push_back(item); }
  const T* const* data() const { return items_.data(); }
  size_t size() const { return items_.size(); }
  void release() { items_.clear(); }

 private:
  c10::SmallVector<T*, 16> items_;
};

template <class Tensors>
aclTensorList* make_tensor_list(const Tensors& tensors) {
  Pending<aclTensor> pending;
  for (const auto& tensor : tensors) pending.add(Descriptor<aclTensor>::make(tensor));
  aclTensorList* list = made(api().aclCreateTensorList(pending.data(), pending.size()), "a tensor list");
  pending.release();
  return list;
}

}  // namespace

bool OpEntry::find() {
  void* one = find_op_symbol(phase_one_name_);
  void* two = one != nullptr ? find_op_symbol(name_) : nullptr;
  if (two == nullptr) return false;
  phase_one_.store(one, std::memory_order_relaxed);
  phase_two_.store(reinterpret_cast<PhaseTwo>(two), std::memory_order_release);
  return true;
}

void OpEntry::missing() const {
  throw MissingOperator(
      {__func__, __FILE__, static_cast<uint32_t>(__LINE__)},
      c10::str("CANN ", cann().version, " in ", cann().directory, " has no operator ", name_));
}

aclTensor* Descriptor<aclTensor>::make(const at::TensorBase& tensor) {
  if (!tensor.defined()) return nullptr;
  const at::TensorImpl* impl = tensor.unsafeGetTensorImpl();
  const at::IntArrayRef sizes = impl->sizes();
  const at::IntArrayRef strides = impl->strides();
  const c10::Storage& storage = impl->unsafe_storage();
  // Every dtype's size is a power of two, and a division would be the slowest instruction of this function.
  const int64_t elements = static_cast<int64_t>(storage.nbytes() >> std::countr_zero(impl->itemsize()));
  return made(api().aclCreateTensor(sizes.data(), sizes.size(), acl_dtype(tensor.scalar_type()),
                                    strides.data(), impl->storage_offset(), format_of(sizes.size()),
                                    &elements, 1, storage.mutable_data()),
              "a tensor descriptor");
}

aclTensorList* Descriptor<aclTensorList>::make(at::ITensorListRef tensors) {
  return make_tensor_list(tensors);
}

aclTensorList* Descriptor<aclTensorList>::make(at::ArrayRef<std::optional<at::Tensor>> tensors) {
  return make_tensor_list(tensors);
}

aclScalar* Descriptor<aclScalar>::make(const at::Scalar& scalar) {
  if (scalar.type() != at::kLong || scalar.isSymbolic() || scalar.toLong() != 1) return make_owned(scalar);
  aclScalar* one = one_.load(std::memory_order_acquire);
  if (C10_LIKELY(one != nullptr)) return one;
  one = make_owned(scalar);
  aclScalar* none = nullptr;
  if (one_.compare_exchange_strong(none, one)) return one;
  api().aclDestroyScalar(one);
  return none;
}

aclScalar* Descriptor<aclScalar>::make_owned(const at::Scalar& scalar) {
  const auto create = [](auto value, aclDataType type) {
    return made(api().aclCreateScalar(&value, type), "a scalar");
  };
  if (scalar.isFloatingPoint()) return create(scalar.toDouble(), ACL_DOUBLE);
  if (scalar.isBoolean()) return create(scalar.toBool(), ACL_BOOL);
  if (scalar.isComplex()) return create(scalar.toComplexDouble(), ACL_COMPLEX128);
  if (scalar.type() == at::kUInt64) return create(scalar.toUInt64(), ACL_UINT64);
  return create(scalar.toLong(), ACL_INT64);
}

aclScalarList* Descriptor<aclScalarList>::make(at::ArrayRef<at::Scalar> scalars) {
  Pending<aclScalar> pending;
  for (const at::Scalar& scalar : scalars) pending.add(Descriptor<aclScalar>::make_owned(scalar));
  aclScalarList* list = made(api().aclCreateScalarList(pending.data(), pending.size()), "a scalar list");
  pending.release();
  return list;
}

aclIntArray* Descriptor<aclIntArray>::make(at::IntArrayRef values) {
  return made(api().aclCreateIntArray(values.data(), values.size()), "an array of integers");
}

aclFloatArray* Descriptor<aclFloatArray>::make(at::ArrayRef<double> values) {
  c10::SmallVector<float, 8> narrow;
  for (const double value : values) narrow.push_back(static_cast<float>(value));
  return made(api().aclCreateFloatArray(narrow.data(), narrow.size()), "an array of numbers");
}

aclBoolArray* Descriptor<aclBoolArray>::make(const bool* values, size_t size) {
  return made(api().aclCreateBoolArray(values, size), "an array of flags");
}

void CallDevice::mismatch(c10::Device other) const {
  const c10::Device here = device_.index() >= 0 ? device_ : c10::Device(c10::kPrivateUse1, current_device());
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, ", here,
              " and ", other, "! Move the tensors to one device first.");
}

void refused(const OpEntry& op, aclnnStatus status, const CallDevice& device, at::ArrayRef<Shown> args) {
  std::string reason = recent_message();
  std::ostringstream text;
  text << op.name() << " refused its arguments on npu:" << static_cast<int>(device.index()) << " with "
       << error_text(status);
  if (!reason.empty()) text << ": " << reason;
  const char* separator = "; the tensors are ";
  for (const Shown& arg : args) {
    if (arg.tensor == nullptr || !arg.tensor->defined()) continue;
    text << separator << arg.tensor->scalar_type() << arg.tensor->sizes();
    separator = ", ";
  }
  if (status == ACLNN_ERR_INNER_NULLPTR_EXECUTOR) {
    throw MissingOperator({__func__, __FILE__, static_cast<uint32_t>(__LINE__)},
                          c10::str("CANN ", cann().version, " cannot run it: ", text.str()));
  }
  TORCH_CHECK(false, text.str());
}

void execute(const OpEntry& op, uint64_t workspace_size, aclOpExecutor* executor, const CallDevice& device) {
  const NPUStream stream = getCurrentNPUStream();
  TORCH_CHECK(device.index() < 0 || device.index() == stream.device_index(), op.name(),
              " was called with tensors on npu:", static_cast<int>(device.index()),
              " while the current device is npu:", static_cast<int>(stream.device_index()),
              "; its kernel lacks a device guard");
  at::DataPtr workspace;
  if (workspace_size != 0) {
    try {
      workspace = caching_allocator().allocate(workspace_size);
    } catch (...) {
      // Phase two, which frees the executor, will not happen.
      if (api().aclDestroyAclOpExecutor.available()) api().aclDestroyAclOpExecutor(executor);
      throw;
    }
  }
  const aclnnStatus status = op.phase_two()(workspace.get(), workspace_size, executor, stream.stream());
  if (C10_UNLIKELY(status != ACLNN_SUCCESS)) {
    throw_error(status, op.name(), __func__, __FILE__, static_cast<unsigned>(__LINE__));
  }
  static const bool blocking = env::get_flag("ASCEND_LAUNCH_BLOCKING");
  if (C10_UNLIKELY(blocking)) stream.synchronize();
}

}  // namespace detail
}  // namespace npu
