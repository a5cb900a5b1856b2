// Losses. `reduction` is upstream's number: 0 none, 1 mean, 2 sum; CANN uses the same.
#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

// negative log likelihood

// The kernels want a weight per class, also where the user has none.
at::Tensor class_weights(const OptionalTensor& weight, int64_t classes, const at::Tensor& self) {
  if (weight.has_value() && weight->defined()) return *weight;
  return at::ones({classes}, self.options());
}

struct NllLoss : Row<at::meta::structured_nll_loss_forward, 2> {
  static void run(const at::Tensor& self, const at::Tensor& target, const OptionalTensor& weight,
                  int64_t reduction, int64_t ignore_index, const at::Tensor& output,
                  const at::Tensor& total_weight) {
    launch<aclnnNLLLossGetWorkspaceSize>(self, target, class_weights(weight, self.size(-1), self), reduction,
                                         ignore_index, output, total_weight);
  }
};

struct NllLossBackward : Row<at::meta::structured_nll_loss_backward, 1> {
  static void run(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                  const OptionalTensor& weight, int64_t reduction, int64_t ignore_index,
                  const at::Tensor& total_weight, const at::Tensor& grad_input) {
    launch<aclnnNLLLossBackwardGetWorkspaceSize>(grad, self, target,
                                                 class_weights(weight, self.size(-1), self), reduction,
                                                 ignore_index, total_weight, grad_input);
  }
};

void check_nll2d(const at::Tensor& self, const at::Tensor& target, const OptionalTensor& weight) {
  TORCH_CHECK(
      target.dim() == 3,
      "only batches of spatial targets supported (3D tensors) but got targets of dimension: ", target.dim());
  TORCH_CHECK(
      self.dim() == 4,
      "only batches of spatial inputs supported (4D tensors), but got input of dimension: ", self.dim());
  TORCH_CHECK(!weight || !weight->defined() || weight->numel() == self.size(1),
              "weight tensor should be defined either for all or no classes");
  TORCH_CHECK(
      self.size(0) == target.size(0) && self.size(2) == target.size(1) && self.size(3) == target.size(2),
      "size mismatch (got input: ", self.sizes(), ", target: ", target.sizes());
}

std::tuple<at::Tensor&, at::Tensor&> nll_loss2d_out(const at::Tensor& self, const at::Tensor& target,
                                                    const OptionalTensor& weight, int64_t reduction,
                                                    int64_t ignore_index, at::Tensor& output,
                                                    at::Tensor& total_weight) {
  check_nll2d(self, target, weight);
  fit_out("nll_loss2d", output, reduction == at::Reduction::None ? target.sizes() : at::IntArrayRef(),
          self.scalar_type());
  fit_out("nll_loss2d", total_weight, {}, self.scalar_type());
  if (output.numel() == 0) {
    total_weight.zero_();
  } else {
    launch<aclnnNLLLoss2dGetWorkspaceSize>(self, target, class_weights(weight, self.size(1), self), reduction,
                                           ignore_index, output, total_weight);
  }
  return {output, total_weight};
}

std::tuple<at::Tensor, at::Tensor> nll_loss2d(const at::Tensor& self, const at::Tensor& target,
                                              const OptionalTensor& weight, int64_t reduction,
                                              int64_t ignore_index) {
  at::Tensor output = empty({0}, self);
  at::Tensor total_weight = empty({}, self);
  return nll_loss2d_out(self, target, weight, reduction, ignore_index, output, total_weight);
}

at::Tensor& nll_loss2d_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                                    const OptionalTensor& weight, int64_t reduction, int64_t ignore_index,
                                    const at::Tensor& total_weight, at::Tensor& grad_input) {
  check_nll2d(self, target, weight);
  fit_out("nll_loss2d_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0) {
    launch<aclnnNLLLoss2dBackwardGetWorkspaceSize>(grad, self, target,
                                                   class_weights(weight, self.size(1), self), reduction,
                                                   ignore_index, total_weight, grad_input);
  }
  return grad_input;
}

at::Tensor nll_loss2d_backward(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                               const OptionalTensor& weight, int64_t reduction, int64_t ignore_index,
                               const at::Tensor& total_weight) {
  at::Tensor grad_input = empty(self.sizes(), self);
  return nll_loss2d_backward_out(grad, self, target, weight, reduction, ignore_index, total_weight,
                                 grad_input);
}

// losses of two tensors alike: squared, smoothed, Huber

struct Pair {
  at::Tensor self;
  at::Tensor target;
  at::DimVector sizes;
  at::ScalarType type;
};

Pair promote(const at::Tensor& self, const at::Tensor& target) {
  const at::ScalarType type = at::result_type(self, target);
  return {self.to(type), target.to(type), at::infer_size_dimvector(self.sizes(), target.sizes()), type};
}

at::Tensor& mse_loss_out(const at::Tensor& self, const at::Tensor& target, int64_t reduction,
                         at::Tensor& out) {
  const Pair p = promote(self, target);
  fit_out("mse_loss", out, reduction == at::Reduction::None ? at::IntArrayRef(p.sizes) : at::IntArrayRef(),
          p.type);
  if (out.numel() != 0) launch<aclnnMseLossGetWorkspaceSize>(p.self, p.target, reduction, out);
  return out;
}

at::Tensor mse_loss(const at::Tensor& self, const at::Tensor& target, int64_t reduction) {
  at::Tensor out = empty({0}, at::result_type(self, target), self.device());
  return mse_loss_out(self, target, reduction, out);
}

at::Tensor& mse_loss_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                                  int64_t reduction, at::Tensor& grad_input) {
  const Pair p = promote(self, target);
  fit_out("mse_loss_backward", grad_input, p.sizes, p.type);
  if (grad_input.numel() != 0) {
    launch<aclnnMseLossBackwardGetWorkspaceSize>(grad, p.self, p.target, reduction, grad_input);
  }
  return grad_input;
}

at::Tensor mse_loss_backward(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                             int64_t reduction) {
  at::Tensor grad_input = empty({0}, at::result_type(self, target), self.device());
  return mse_loss_backward_out(grad, self, target, reduction, grad_input);
}

at::Tensor& smooth_l1_out(const at::Tensor& self, const at::Tensor& target, int64_t reduction, double beta,
                          at::Tensor& out) {
  TORCH_CHECK(beta >= 0, "smooth_l1_loss does not support negative values for beta.");
  const Pair p = promote(self, target);
  fit_out("smooth_l1_loss", out,
          reduction == at::Reduction::None ? at::IntArrayRef(p.sizes) : at::IntArrayRef(), p.type);
  if (out.numel() != 0) {
    launch<aclnnSmoothL1LossGetWorkspaceSize>(p.self, p.target, reduction, static_cast<float>(beta), out);
  }
  return out;
}

at::Tensor smooth_l1(const at::Tensor& self, const at::Tensor& target, int64_t reduction, double beta) {
  at::Tensor out = empty({0}, at::result_type(self, target), self.device());
  return smooth_l1_out(self, target, reduction, beta, out);
}

at::Tensor& smooth_l1_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                                   int64_t reduction, double beta, at::Tensor& grad_input) {
  const Pair p = promote(self, target);
  fit_out("smooth_l1_loss_backward", grad_input, p.sizes, p.type);
  if (grad_input.numel() != 0) {
    launch<aclnnSmoothL1LossBackwardGetWorkspaceSize>(grad, p.self, p.target, reduction,
                                                      static_cast<float>(beta), grad_input);
  }
  return grad_input;
}

// Huber's loss is delta times the smoothed one with beta = delta.
at::Tensor huber(const at::Tensor& self, const at::Tensor& target, int64_t reduction, double delta) {
  TORCH_CHECK(delta > 0, "huber_loss does not support non-positive values for delta.");
  return smooth_l1(self, target, reduction, delta).mul_(delta);
}

at::Tensor& huber_out(const at::Tensor& self, const at::Tensor& target, int64_t reduction, double delta,
                      at::Tensor& out) {
  TORCH_CHECK(delta > 0, "huber_loss does not support non-positive values for delta.");
  return smooth_l1_out(self, target, reduction, delta, out).mul_(delta);
}

at::Tensor& huber_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                               int64_t reduction, double delta, at::Tensor& grad_input) {
  return smooth_l1_backward_out(grad, self, target, reduction, delta, grad_input).mul_(delta);
}

// binary cross entropy

void check_bce(const at::Tensor& self, const at::Tensor& target) {
  TORCH_CHECK(self.sizes() == target.sizes(), "Using a target size (", target.sizes(),
              ") that is different to the input size (", self.sizes(),
              ") is deprecated. Please ensure they have the same size.");
  TORCH_CHECK(self.scalar_type() == target.scalar_type(),
              "binary_cross_entropy: expected input and target of one ", "dtype, but got ",
              self.scalar_type(), " and ", target.scalar_type(), " on ", self.device(), ".");
}

at::Tensor& bce_out(const at::Tensor& self, const at::Tensor& target, const OptionalTensor& weight,
                    int64_t reduction, at::Tensor& out) {
  check_bce(self, target);
  fit_out("binary_cross_entropy", out, reduction == at::Reduction::None ? self.sizes() : at::IntArrayRef(),
          self.scalar_type());
  if (out.numel() != 0) launch<aclnnBinaryCrossEntropyGetWorkspaceSize>(self, target, weight, reduction, out);
  return out;
}

at::Tensor bce(const at::Tensor& self, const at::Tensor& target, const OptionalTensor& weight,
               int64_t reduction) {
  at::Tensor out = empty({0}, self);
  return bce_out(self, target, weight, reduction, out);
}

at::Tensor& bce_backward_out(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                             const OptionalTensor& weight, int64_t reduction, at::Tensor& grad_input) {
  check_bce(self, target);
  fit_out("binary_cross_entropy_backward", grad_input, self.sizes(), self.scalar_type());
  if (grad_input.numel() != 0) {
    launch<aclnnBinaryCrossEntropyBackwardGetWorkspaceSize>(grad, self, target, weight, reduction,
                                                            grad_input);
  }
  return grad_input;
}

at::Tensor bce_backward(const at::Tensor& grad, const at::Tensor& self, const at::Tensor& target,
                        const OptionalTensor& weight, int64_t reduction) {
  at::Tensor grad_input = empty(self.sizes(), self);
  return bce_backward_out(grad, self, target, weight, reduction, grad_input);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<NllLoss>(m, "nll_loss_forward", nullptr, "nll_loss_forward.output");
  bind<NllLossBackward>(m, "nll_loss_backward", nullptr, "nll_loss_backward.grad_input");
  bind_kernel<&nll_loss2d>(m, "nll_loss2d_forward");
  bind_kernel<&nll_loss2d_out>(m, "nll_loss2d_forward.output");
  bind_kernel<&nll_loss2d_backward>(m, "nll_loss2d_backward");
  bind_kernel<&nll_loss2d_backward_out>(m, "nll_loss2d_backward.grad_input");
  bind_kernel<&mse_loss>(m, "mse_loss");
  bind_kernel<&mse_loss_out>(m, "mse_loss.out");
  bind_kernel<&mse_loss_backward>(m, "mse_loss_backward");
  bind_kernel<&mse_loss_backward_out>(m, "mse_loss_backward.grad_input");
  bind_kernel<&smooth_l1>(m, "smooth_l1_loss");
  bind_kernel<&smooth_l1_out>(m, "smooth_l1_loss.out");
  bind_kernel<&smooth_l1_backward_out>(m, "smooth_l1_loss_backward.grad_input");
  bind_kernel<&huber>(m, "huber_loss");
  bind_kernel<&huber_out>(m, "huber_loss.out");
  bind_kernel<&huber_backward_out>(m, "huber_loss_backward.out");
  bind_kernel<&bce>(m, "binary_cross_entropy");
  bind_kernel<&bce_out>(m, "binary_cross_entropy.out");
  bind_kernel<&bce_backward>(m, "binary_cross_entropy_backward");
  bind_kernel<&bce_backward_out>(m, "binary_cross_entropy_backward.grad_input");
}

}  // namespace npu
