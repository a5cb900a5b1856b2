#include "csrc/aten/Factory.h"

#include <ATen/Context.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/TensorFactories.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/core/NPUCachingAllocator.h"

namespace npu {
namespace {

constexpr c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

struct Options {
  at::ScalarType type;
  c10::Device device;
};

Options resolve(std::optional<at::ScalarType> type, std::optional<at::Layout> layout,
                std::optional<c10::Device> device, std::optional<bool> pin_memory) {
  TORCH_CHECK(c10::layout_or_default(layout) == at::kStrided, "Only strided tensors can be made on npu, not ",
              *layout);
  TORCH_CHECK(!c10::pinned_memory_or_default(pin_memory),
              "Only dense CPU tensors can be pinned, not tensors on npu; drop pin_memory=True");
  c10::Device chosen = device.value_or(c10::Device(c10::kPrivateUse1));
  if (chosen.index() < 0) chosen.set_index(current_device());
  return {c10::dtype_or_default(type), chosen};
}

// torch.utils.deterministic.fill_uninitialized_memory
at::Tensor filled(at::Tensor tensor) {
  const auto& context = at::globalContext();
  if (C10_UNLIKELY(context.deterministicAlgorithms() && context.deterministicFillUninitializedMemory())) {
    at::native::fill_empty_deterministic_(tensor);
  }
  return tensor;
}

at::Tensor empty_memory_format(at::IntArrayRef sizes, std::optional<at::ScalarType> type,
                               std::optional<at::Layout> layout, std::optional<c10::Device> device,
                               std::optional<bool> pin_memory, std::optional<at::MemoryFormat> format) {
  const Options options = resolve(type, layout, device, pin_memory);
  return filled(empty(sizes, options.type, options.device, format));
}

at::Tensor empty_strided_options(at::IntArrayRef sizes, at::IntArrayRef strides,
                                 std::optional<at::ScalarType> type, std::optional<at::Layout> layout,
                                 std::optional<c10::Device> device, std::optional<bool> pin_memory) {
  const Options options = resolve(type, layout, device, pin_memory);
  return filled(empty_strided(sizes, strides, options.type, options.device));
}

}  // namespace

at::Tensor empty(at::IntArrayRef sizes, at::ScalarType type, c10::Device device,
                 std::optional<at::MemoryFormat> format) {
  const detail::OnDevice guard(device);
  return at::detail::empty_generic(sizes, &caching_allocator(), kKeys, type, format);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, at::ScalarType type,
                         c10::Device device) {
  const detail::OnDevice guard(device);
  return at::detail::empty_strided_generic(sizes, strides, &caching_allocator(), kKeys, type);
}

at::Tensor empty_as(const at::Tensor& like, at::ScalarType type) {
  const caffe2::TypeMeta meta = c10::scalarTypeToTypeMeta(type);
  NPUCachingAllocator& allocator = caching_allocator();
  const size_t bytes = static_cast<size_t>(like.numel()) * meta.itemsize();
  auto storage = c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), bytes, allocator.allocate(bytes), &allocator, /*resizable=*/true);
  at::Tensor result(
      at::detail::make_tensor_base<c10::TensorImpl>(c10::Storage(std::move(storage)), kKeys, meta));
  const at::IntArrayRef sizes = like.sizes();
  if (sizes.size() != 1 || sizes[0] != 0) result.unsafeGetTensorImpl()->set_sizes_contiguous(sizes);
  return result;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", TORCH_FN(empty_memory_format));
  m.impl("empty_strided", TORCH_FN(empty_strided_options));
}

}  // namespace npu
