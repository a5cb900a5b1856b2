// What nn.MultiheadAttention and nn.TransformerEncoderLayer call in inference instead of their modules' own
// steps. CANN has no operator for all of it at once; these compose the operators that training calls.
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

// What a mask means, by upstream's numbers.
enum MaskType : int64_t { kOfPositions = 0, kOfPadding = 1, kOfBoth = 2 };

// A mask as (batch or 1, heads or 1, queries or 1, keys).
at::Tensor spread(const at::Tensor& mask, std::optional<int64_t> type) {
  if (mask.dim() == 4) return mask;
  TORCH_CHECK(mask.dim() == 2 && type.has_value(),
              "attention: a mask must be (queries, keys), (batch, keys) or have 4 dimensions, but has sizes ",
              mask.sizes(), " on ", mask.device(), ".");
  return *type == kOfPadding ? mask.unsqueeze(1).unsqueeze(1) : mask.unsqueeze(0).unsqueeze(0);
}

std::tuple<at::Tensor, at::Tensor> multi_head_attention(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, int64_t embed_dim, int64_t heads,
    const at::Tensor& qkv_weight, const at::Tensor& qkv_bias, const at::Tensor& proj_weight,
    const at::Tensor& proj_bias, const OptionalTensor& mask, bool need_weights, bool average_weights,
    std::optional<int64_t> mask_type) {
  TORCH_CHECK(query.dim() == 3 && query.size(2) == embed_dim && key.dim() == 3 && value.dim() == 3 &&
                  key.size(2) == embed_dim && value.size(2) == embed_dim,
              "attention: query, key and value must be (batch, length, ", embed_dim, "), but have sizes ",
              query.sizes(), ", ", key.sizes(), " and ", value.sizes(), " on ", query.device(), ".");
  TORCH_CHECK(heads > 0 && embed_dim % heads == 0, "attention: embed_dim ", embed_dim,
              " must be a multiple of num_heads ", heads, ".");
  const std::vector<at::Tensor> weights = qkv_weight.chunk(3), biases = qkv_bias.chunk(3);
  const int64_t width = embed_dim / heads;
  const auto project = [&](const at::Tensor& x, int part) {
    return at::linear(x, weights[part], biases[part]).unflatten(2, {heads, width}).transpose(1, 2);
  };
  const at::Tensor q = project(query, 0) / std::sqrt(static_cast<double>(width));
  at::Tensor scores = at::matmul(q, project(key, 1).transpose(2, 3));
  if (mask && mask->defined()) {
    const at::Tensor wide = spread(*mask, mask_type);
    scores = wide.scalar_type() == at::kBool ? scores.masked_fill(wide, -INFINITY) : scores + wide;
  }
  scores = at::softmax(scores, -1);
  const at::Tensor context = at::matmul(scores, project(value, 2)).transpose(1, 2).flatten(2);
  at::Tensor out = at::linear(context, proj_weight, proj_bias);
  if (!need_weights) return {out, at::Tensor()};
  return {out, average_weights ? scores.mean({1}) : scores};
}

at::Tensor encoder_layer(const at::Tensor& src, int64_t embed_dim, int64_t heads,
                         const at::Tensor& qkv_weight, const at::Tensor& qkv_bias,
                         const at::Tensor& proj_weight, const at::Tensor& proj_bias, bool use_gelu,
                         bool norm_first, double eps, const at::Tensor& norm_weight_1,
                         const at::Tensor& norm_bias_1, const at::Tensor& norm_weight_2,
                         const at::Tensor& norm_bias_2, const at::Tensor& ffn_weight_1,
                         const at::Tensor& ffn_bias_1, const at::Tensor& ffn_weight_2,
                         const at::Tensor& ffn_bias_2, const OptionalTensor& mask,
                         std::optional<int64_t> mask_type) {
  const auto norm = [&](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return at::layer_norm(x, {embed_dim}, weight, bias, eps);
  };
  const at::Tensor first = norm_first ? norm(src, norm_weight_1, norm_bias_1) : src;
  const at::Tensor attended =
      std::get<0>(multi_head_attention(first, first, first, embed_dim, heads, qkv_weight, qkv_bias,
                                       proj_weight, proj_bias, mask, false, true, mask_type)) +
      src;
  const at::Tensor middle = norm_first ? attended : norm(attended, norm_weight_1, norm_bias_1);
  const at::Tensor second = norm_first ? norm(middle, norm_weight_2, norm_bias_2) : middle;
  at::Tensor hidden = at::linear(second, ffn_weight_1, ffn_bias_1);
  hidden = use_gelu ? at::gelu(hidden) : at::relu(hidden);
  const at::Tensor out = at::linear(hidden, ffn_weight_2, ffn_bias_2) + middle;
  return norm_first ? out : norm(out, norm_weight_2, norm_bias_2);
}

// nn.TransformerEncoder asks before it makes a nested tensor of a padded batch, and computes with the padding
// where the answer is no. There are no nested tensors on npu.
bool can_be_nested(const at::Tensor& /*padded*/, const at::Tensor& /*mask*/) {
  return false;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("_nested_tensor_from_mask_left_aligned", TORCH_FN(can_be_nested));
  bind_composite<&multi_head_attention>(m, "_native_multi_head_attention");
  bind_composite<&encoder_layer>(m, "_transformer_encoder_layer_fwd");
}

}  // namespace
}  // namespace npu
