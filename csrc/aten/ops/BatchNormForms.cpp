// The other names of batch normalisation: those that torch.export and torch.compile call. One computation, by
// native_batch_norm.
#include <ATen/TensorOperators.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/var_mean.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;
using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;
using ThreeRefs = std::tuple<at::Tensor&, at::Tensor&, at::Tensor&>;
using Four = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>;

Three legit(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
            at::Tensor& mean, at::Tensor& var, bool training, double momentum, double eps) {
  return at::native_batch_norm(input, weight, bias, mean, var, training, momentum, eps);
}

Three without_stats(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                    bool training, double momentum, double eps) {
  return at::native_batch_norm(input, weight, bias, std::nullopt, std::nullopt, training, momentum, eps);
}

Four with_update(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                 at::Tensor& mean, at::Tensor& var, double momentum, double eps) {
  auto [out, save_mean, save_invstd] =
      at::native_batch_norm(input, weight, bias, mean, var, true, momentum, eps);
  return {out, save_mean, save_invstd, empty({0}, at::kByte, input.device())};
}

Three backward(const at::Tensor& grad, const at::Tensor& input, const at::Tensor& weight,
               const OptionalTensor& mean, const OptionalTensor& var, const OptionalTensor& save_mean,
               const OptionalTensor& save_invstd, bool update, double eps, std::array<bool, 3> mask,
               const at::Tensor&) {
  return at::native_batch_norm_backward(grad, input, weight, mean, var, save_mean, save_invstd, update, eps,
                                        mask);
}

ThreeRefs place(const Three& results, at::Tensor& out, at::Tensor& save_mean, at::Tensor& save_invstd) {
  const auto set = [](at::Tensor& given, const at::Tensor& result) {
    fit_out("batch_norm", given, result.sizes(), result.scalar_type());
    given.copy_(result);
  };
  set(out, std::get<0>(results));
  set(save_mean, std::get<1>(results));
  set(save_invstd, std::get<2>(results));
  return {out, save_mean, save_invstd};
}

ThreeRefs batch_norm_out(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                         const OptionalTensor& mean, const OptionalTensor& var, bool training,
                         double momentum, double eps, at::Tensor& out, at::Tensor& save_mean,
                         at::Tensor& save_invstd) {
  return place(at::native_batch_norm(input, weight, bias, mean, var, training, momentum, eps), out, save_mean,
               save_invstd);
}

ThreeRefs legit_out(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                    at::Tensor& mean, at::Tensor& var, bool training, double momentum, double eps,
                    at::Tensor& out, at::Tensor& save_mean, at::Tensor& save_invstd) {
  return place(legit(input, weight, bias, mean, var, training, momentum, eps), out, save_mean, save_invstd);
}

ThreeRefs without_stats_out(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                            bool training, double momentum, double eps, at::Tensor& out,
                            at::Tensor& save_mean, at::Tensor& save_invstd) {
  return place(without_stats(input, weight, bias, training, momentum, eps), out, save_mean, save_invstd);
}

// Mean and biased variance of each channel; the running ones, where there are any, take the unbiased
// variance.
std::tuple<at::Tensor, at::Tensor> update_stats(const at::Tensor& input, const OptionalTensor& running_mean,
                                                const OptionalTensor& running_var, double momentum) {
  TORCH_CHECK(input.dim() >= 2,
              "batch_norm_update_stats: expected a tensor of at least 2 dimensions, but got ", input.dim());
  at::DimVector dims;
  for (int64_t i = 0; i < input.dim(); ++i) {
    if (i != 1) dims.push_back(i);
  }
  const at::Tensor wide = input.to(accumulate_type(input.scalar_type()));
  auto [var, mean] = at::var_mean(wide, at::IntArrayRef(dims), false);
  const auto count = static_cast<double>(input.numel() / input.size(1));
  if (running_mean.has_value() && running_mean->defined())
    running_mean->lerp_(mean.to(running_mean->scalar_type()), momentum);
  if (running_var.has_value() && running_var->defined())
    running_var->lerp_((var * (count / (count - 1))).to(running_var->scalar_type()), momentum);
  return {mean, var};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_composite<&batch_norm_out>(m, "native_batch_norm.out");
  bind_composite<&legit>(m, "_native_batch_norm_legit");
  bind_composite<&legit_out>(m, "_native_batch_norm_legit.out");
  bind_composite<&without_stats>(m, "_native_batch_norm_legit.no_stats");
  bind_composite<&without_stats_out>(m, "_native_batch_norm_legit.no_stats_out");
  bind_composite<&with_update>(m, "_batch_norm_with_update");
  bind_composite<&backward>(m, "batch_norm_backward");
  bind_composite<&update_stats>(m, "batch_norm_update_stats");
}

}  // namespace
}  // namespace npu
