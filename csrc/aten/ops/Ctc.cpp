// Connectionist temporal classification: the loss of a sequence whose alignment with its target is unknown.
// Lengths are arrays of the ABI, so tensors of them are read on the host first.
#include <algorithm>

#include <ATen/ops/empty_like.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

void check(const at::Tensor& log_probs, const at::Tensor& targets, at::IntArrayRef input_lengths,
           at::IntArrayRef target_lengths) {
  TORCH_CHECK(log_probs.dim() == 3, "ctc_loss: log_probs must be (time, batch, classes), but has sizes ",
              log_probs.sizes(), " on ", log_probs.device(), ".");
  TORCH_CHECK(targets.scalar_type() == at::kLong || targets.scalar_type() == at::kInt,
              "ctc_loss: targets must be int32 or int64, but are ", targets.scalar_type(), " on ",
              targets.device(), ".");
  const auto batch = static_cast<size_t>(log_probs.size(1));
  TORCH_CHECK(input_lengths.size() == batch && target_lengths.size() == batch && batch > 0,
              "ctc_loss: expected a length of input and of target for each of ", batch,
              " sequences (at least one), but got ", input_lengths.size(), " and ", target_lengths.size(),
              ".");
}

std::vector<int64_t> numbers(const at::Tensor& lengths) {
  const at::Tensor host = lengths.to(at::Device(at::kCPU), at::kLong).contiguous();
  return {host.const_data_ptr<int64_t>(), host.const_data_ptr<int64_t>() + host.numel()};
}

std::tuple<at::Tensor, at::Tensor> ctc_loss(const at::Tensor& log_probs, const at::Tensor& targets,
                                            at::IntArrayRef input_lengths, at::IntArrayRef target_lengths,
                                            int64_t blank, bool zero_infinity) {
  check(log_probs, targets, input_lengths, target_lengths);
  const int64_t longest = *std::max_element(target_lengths.begin(), target_lengths.end());
  TORCH_CHECK(longest >= 0, "ctc_loss: lengths must not be negative, but are ", target_lengths, ".");
  at::Tensor loss = empty({log_probs.size(1)}, log_probs);
  at::Tensor alpha = empty({log_probs.size(1), log_probs.size(0), 2 * longest + 1}, log_probs);
  launch<aclnnCtcLossGetWorkspaceSize>(log_probs, targets, input_lengths, target_lengths, blank,
                                       zero_infinity, loss, alpha);
  return {loss, alpha};
}

at::Tensor ctc_loss_backward(const at::Tensor& grad, const at::Tensor& log_probs, const at::Tensor& targets,
                             at::IntArrayRef input_lengths, at::IntArrayRef target_lengths,
                             const at::Tensor& loss, const at::Tensor& alpha, int64_t blank,
                             bool zero_infinity) {
  check(log_probs, targets, input_lengths, target_lengths);
  at::Tensor out = at::empty_like(log_probs);
  launch<aclnnCtcLossBackwardGetWorkspaceSize>(grad, log_probs, targets, input_lengths, target_lengths, loss,
                                               alpha, blank, zero_infinity, out);
  return out;
}

std::tuple<at::Tensor, at::Tensor> ctc_loss_of_tensors(const at::Tensor& log_probs, const at::Tensor& targets,
                                                       const at::Tensor& input_lengths,
                                                       const at::Tensor& target_lengths, int64_t blank,
                                                       bool zero_infinity) {
  return ctc_loss(log_probs, targets, numbers(input_lengths), numbers(target_lengths), blank, zero_infinity);
}

at::Tensor ctc_loss_backward_of_tensors(const at::Tensor& grad, const at::Tensor& log_probs,
                                        const at::Tensor& targets, const at::Tensor& input_lengths,
                                        const at::Tensor& target_lengths, const at::Tensor& loss,
                                        const at::Tensor& alpha, int64_t blank, bool zero_infinity) {
  return ctc_loss_backward(grad, log_probs, targets, numbers(input_lengths), numbers(target_lengths), loss,
                           alpha, blank, zero_infinity);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&ctc_loss>(m, "_ctc_loss");
  bind_kernel<&ctc_loss_of_tensors>(m, "_ctc_loss.Tensor");
  bind_kernel<&ctc_loss_backward>(m, "_ctc_loss_backward");
  bind_kernel<&ctc_loss_backward_of_tensors>(m, "_ctc_loss_backward.Tensor");
}

}  // namespace
}  // namespace npu
