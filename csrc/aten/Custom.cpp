#include "csrc/aten/Custom.h"

#include <torch/library.h>

#include "csrc/aten/Launch.h"
#include "csrc/core/NPUCachingAllocator.h"
#include "csrc/core/NPUDevice.h"

namespace npu {
namespace {

// Lets Module.npu() and `p.data = p.npu()` keep the Parameter object: torch asks whether one tensor may take
// over the other's contents, and knows by itself only the devices in its own tree.
bool has_compatible_shallow_copy_type(const at::Tensor& self, const at::Tensor& from) {
  const auto dense = [](const at::Tensor& tensor) {
    return tensor.layout() == at::kStrided && !tensor.is_quantized() &&
           (tensor.is_cpu() || tensor.is_privateuseone());
  };
  return dense(self) && dense(from);
}

void record_stream(at::Tensor& self, at::Stream stream) {
  caching_allocator().recordStream(self.storage().data_ptr(), stream);
}

}  // namespace

void sleep(int64_t cycles) {
  TORCH_CHECK_VALUE(cycles >= 0, "npu::_sleep expects a number of cycles that is not negative, got ", cycles);
  bound_device();
  launch<aclnnSleepGetWorkspaceSize>(at::IntArrayRef(cycles));
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("_has_compatible_shallow_copy_type", TORCH_FN(has_compatible_shallow_copy_type));
  m.impl("record_stream", TORCH_FN(record_stream));
}

TORCH_LIBRARY_FRAGMENT(npu, m) {
  m.def("_sleep(int cycles) -> ()", &sleep);
}

}  // namespace npu
