#include "csrc/aten/Structured.h"

#include <ATen/core/op_registration/adaption.h>
#include <ATen/native/Resize.h>

namespace npu {
namespace {

int kind(at::ScalarType type) {
  if (c10::isComplexType(type)) return 3;
  if (c10::isFloatingType(type)) return 2;
  return type == at::kBool ? 0 : 1;
}

}  // namespace

bool keeps_type(at::ScalarType type, at::ScalarType operand, bool ranked) {
  return type == operand || (ranked && kind(operand) <= kind(type));
}

namespace detail {

at::Tensor make_output(at::IntArrayRef sizes, at::IntArrayRef strides, const at::TensorOptions& options) {
  const at::ScalarType type = c10::typeMetaToScalarType(options.dtype());
  if (strides.empty()) return empty(sizes, type, options.device(), options.memory_format_opt());
  return empty_strided(sizes, strides, type, options.device());
}

void resize_output(const at::Tensor& out, at::IntArrayRef sizes, at::IntArrayRef strides,
                   const at::TensorOptions& options) {
  TORCH_CHECK(options.dtype() == out.dtype(), "Expected out tensor to have dtype ", options.dtype(),
              ", but got ", out.dtype(), " instead");
  TORCH_CHECK(options.device() == out.device(), "Expected out tensor to have device ", options.device(),
              ", but got ", out.device(), " instead");
  // The strides are a wish: an output that has the right size keeps its own.
  if (!at::native::resize_output(out, sizes)) return;
  if (!strides.empty()) {
    out.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  } else if (options.memory_format_opt()) {
    out.unsafeGetTensorImpl()->empty_tensor_restride(*options.memory_format_opt());
  }
}

void check_inplace(const at::Tensor& self, at::IntArrayRef sizes, const at::TensorOptions& options) {
  TORCH_CHECK(options.dtype() == self.dtype(), "Bad in-place call: input tensor dtype ", self.dtype(),
              " and output tensor dtype ", options.dtype(), " should match");
  TORCH_CHECK(options.device() == self.device(), "Bad in-place call: input tensor device ", self.device(),
              " and output tensor device ", options.device(), " should match");
  TORCH_CHECK(sizes == self.sizes(), "Bad in-place call: input tensor size ", self.sizes(),
              " and output tensor size ", sizes, " should match");
}

bool has_strides(const at::Tensor& tensor, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return strides.size() == sizes.size() ? tensor.strides() == strides : tensor.is_contiguous();
}

void SameDevice::fail(const char* name) const {
  const c10::OperatorHandle op = find_operator(name);
  const auto& arguments = op.schema().arguments();
  const std::string argument = argument_ < arguments.size() ? arguments[argument_].name() : "an output";
  const std::string method = "wrapper_NPU_" + op.schema().name().substr(op.schema().name().rfind(':') + 1);
  c10::impl::common_device_check_failure(*device_, *stray_, method.c_str(), argument.c_str());
  TORCH_INTERNAL_ASSERT(false);
}

}  // namespace detail
}  // namespace npu
