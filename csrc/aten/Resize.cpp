// resize_ and set_. Upstream's kernels grow a storage by touching it on the host, which device memory does
// not allow; these grow it through the hooks, which copy on the device.
#include <ATen/EmptyTensor.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/set_native.h>
#include <torch/library.h>

#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUGuard.h"
#include "csrc/core/NPUHooks.h"

namespace npu {
namespace {

void grow_storage(at::TensorImpl* impl, size_t bytes) {
  // A tensor without elements fits into any storage, whatever its offset.
  if (impl->numel() == 0) return;
  const c10::Storage& storage = impl->unsafe_storage();
  if (bytes <= storage.nbytes()) return;
  TORCH_CHECK(storage.resizable(), "Trying to resize storage that is not resizable");
  NPUHooksInterface().resizePrivateUse1Bytes(storage, bytes);
}

void resize_impl(at::TensorImpl* impl, at::IntArrayRef sizes, at::OptionalIntArrayRef strides) {
  if (impl->sizes() == sizes && (!strides || impl->strides() == *strides)) return;
  size_t bytes;
  if (strides) {
    bytes = at::detail::computeStorageNbytes(sizes, *strides, impl->itemsize(), impl->storage_offset());
    impl->set_sizes_and_strides(sizes, *strides);
  } else {
    bytes = at::detail::computeStorageNbytesContiguous(sizes, impl->itemsize(), impl->storage_offset());
    impl->set_sizes_contiguous(sizes);
  }
  grow_storage(impl, bytes);
}

const at::Tensor& resize_(const at::Tensor& self, at::IntArrayRef sizes,
                          std::optional<at::MemoryFormat> format) {
  const NPUGuard guard(self.device());
  resize_impl(self.unsafeGetTensorImpl(), sizes, std::nullopt);
  if (format) {
    TORCH_CHECK(*format != at::MemoryFormat::Preserve, "Unsupported memory format ", *format);
    self.unsafeGetTensorImpl()->empty_tensor_restride(*format);
  }
  return self;
}

at::Tensor& set_storage_offset(at::Tensor& self, at::Storage source, int64_t offset, at::IntArrayRef sizes,
                               at::IntArrayRef strides) {
  const NPUGuard guard(self.device());
  at::native::checkSetStorage(self, std::move(source), offset, sizes, strides);
  at::TensorImpl* impl = self.unsafeGetTensorImpl();
  impl->set_storage_offset(offset);
  resize_impl(impl, sizes, strides.data() != nullptr ? at::OptionalIntArrayRef(strides) : std::nullopt);
  return self;
}

at::Tensor& set_storage(at::Tensor& self, at::Storage source) {
  const int64_t elements = static_cast<int64_t>(source.nbytes() / self.dtype().itemsize());
  return set_storage_offset(self, std::move(source), 0, elements, {});
}

at::Tensor& set_nothing(at::Tensor& self) {
  const NPUGuard guard(self.device());
  c10::Storage storage(c10::Storage::use_byte_size_t(), 0, caching_allocator().allocate(0),
                       &caching_allocator(),
                       /*resizable=*/true);
  return set_storage_offset(self, std::move(storage), 0, {0}, {});
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("resize_", TORCH_FN(resize_));
  m.impl("set_", TORCH_FN(set_nothing));
  m.impl("set_.source_Storage", TORCH_FN(set_storage));
  m.impl("set_.source_Storage_storage_offset", TORCH_FN(set_storage_offset));
  m.impl("set_.source_Tensor", TORCH_FN(at::native::set_tensor_));
}

}  // namespace npu
