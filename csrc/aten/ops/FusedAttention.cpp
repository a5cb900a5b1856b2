// torch_npu.npu_fusion_attention and its gradient: the whole of attention in one operator of CANN.
//
// The dropout mask is a function of a seed and an offset, which the forward returns and the backward uses
// again, so that nothing of its size is kept.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/OwnOperator.h"
#include "csrc/aten/ops/Support.h"
#include "csrc/core/NPUGenerator.h"

namespace npu {
namespace {

using OptionalTensor = std::optional<at::Tensor>;
using OptionalInts = at::OptionalIntArrayRef;
using Results = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, int64_t, int64_t, int64_t>;

constexpr int64_t kRowCopies = 8;  // CANN repeats the maximum and the sum of each row of scores so often
constexpr int64_t kMaskBits = 128;

struct Lengths {
  int64_t batch;
  int64_t query;
  int64_t key;
  int64_t heads;
  int64_t scores() const { return batch * heads * query * key; }
};

Lengths lengths_of(const at::Tensor& query, const at::Tensor& key, int64_t heads, std::string_view layout) {
  constexpr const char* kName = "npu_fusion_attention: ";
  TORCH_CHECK_NOT_IMPLEMENTED(layout != "TND", kName, "input_layout TND (sequences of several lengths) is ",
                              "not offered yet; pad the sequences and use BSND.");
  const bool flat = layout == "BSH" || layout == "SBH";
  TORCH_CHECK(flat || layout == "BNSD" || layout == "BSND", kName,
              "input_layout must be BSH, SBH, BNSD or BSND, but is ", layout, ".");
  TORCH_CHECK(query.dim() == (flat ? 3 : 4) && key.dim() == query.dim(), kName, "query and key must have ",
              flat ? 3 : 4, " dimensions in layout ", layout, ", but have ", query.dim(), " and ", key.dim(),
              " on ", query.device(), ".");
  TORCH_CHECK(heads > 0, kName, "head_num must be positive, but is ", heads, ".");
  const int64_t batch = layout == "SBH" ? 1 : 0, length = layout == "SBH" ? 0 : layout == "BNSD" ? 2 : 1;
  return {query.size(batch), query.size(length), key.size(length), heads};
}

// One bit for each score, 1 for what stays.
at::Tensor dropout_mask(const Lengths& lengths, double keep, int64_t seed, int64_t offset,
                        const at::Tensor& query) {
  const int64_t bytes = (lengths.scores() + kMaskBits - 1) / kMaskBits * kMaskBits / 8;
  at::Tensor mask = empty({bytes}, at::kByte, query.device());
  const std::array<int64_t, 1> shape{lengths.scores()};
  launch<aclnnDropoutGenMaskV2GetWorkspaceSize>(at::IntArrayRef(shape), 1 - keep, seed, offset,
                                                query.scalar_type(), mask);
  return mask;
}

Results forward(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, int64_t heads,
                std::string_view layout, const OptionalTensor& pse, const OptionalTensor& padding_mask,
                const OptionalTensor& atten_mask, double scale, double keep, int64_t before, int64_t after,
                int64_t precise, OptionalInts prefix, OptionalInts, OptionalInts, int64_t sparse, bool,
                bool) {
  const Lengths lengths = lengths_of(query, key, heads, layout);
  TORCH_CHECK(keep > 0 && keep <= 1, "npu_fusion_attention: keep_prob must be above 0 and at most 1, but is ",
              keep, ".");
  const std::array<int64_t, 4> rows{lengths.batch, heads, lengths.query, kRowCopies};
  at::Tensor maximum = empty(rows, at::kFloat, query.device());
  at::Tensor sum = empty(rows, at::kFloat, query.device());
  at::DimVector sizes(query.sizes());
  if (value.dim() == 4) sizes[3] = value.size(3);
  at::Tensor out = empty(sizes, query), scores = empty({0}, query);
  int64_t seed = 0, offset = 0;
  OptionalTensor drop;
  if (keep < 1) {
    auto* state = at::get_generator_or_default<NPUGeneratorImpl>(std::nullopt,
                                                                 default_generator(query.device().index()));
    const auto [s, o] = state->philox_state(static_cast<uint64_t>((lengths.scores() + 3) / 4 * 4));
    seed = static_cast<int64_t>(s);
    offset = static_cast<int64_t>(o);
    drop = dropout_mask(lengths, keep, seed, offset, query);
  }
  if (out.numel() != 0) {
    launch<aclnnFlashAttentionScoreGetWorkspaceSize>(query, key, value, pse, drop, padding_mask, atten_mask,
                                                     prefix, scale, keep, before, after, heads, layout,
                                                     precise, sparse, maximum, sum, scores, out);
  }
  return {out, maximum, sum, scores, seed, offset, lengths.scores()};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> backward(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& dy,
    int64_t heads, std::string_view layout, const OptionalTensor& pse, const OptionalTensor& padding_mask,
    const OptionalTensor& atten_mask, const OptionalTensor& maximum, const OptionalTensor& sum,
    const OptionalTensor& scores, const OptionalTensor& attention, double scale, double keep, int64_t before,
    int64_t after, int64_t precise, int64_t seed, int64_t offset, int64_t, OptionalInts prefix, OptionalInts,
    OptionalInts, int64_t sparse, bool, bool) {
  const Lengths lengths = lengths_of(query, key, heads, layout);
  at::Tensor dq = empty(query.sizes(), query), dk = empty(key.sizes(), key), dv = empty(value.sizes(), value);
  at::Tensor dpse = pse.has_value() && pse->defined() ? empty(pse->sizes(), *pse) : empty({0}, query);
  OptionalTensor drop;
  if (keep < 1) drop = dropout_mask(lengths, keep, seed, offset, query);
  launch<aclnnFlashAttentionScoreGradGetWorkspaceSize>(
      query, key, value, dy, pse, drop, padding_mask, atten_mask, maximum, sum, scores, attention, prefix,
      scale, keep, before, after, heads, layout, precise, sparse, dq, dk, dv, dpse);
  return {dq, dk, dv, dpse};
}

constexpr const char* kForward = "npu::npu_fusion_attention";
constexpr const char* kBackward = "npu::npu_fusion_attention_grad";

std::vector<int64_t> listed(OptionalInts values) {
  return values.has_value() ? values->vec() : std::vector<int64_t>();
}

struct FusedAttention : torch::autograd::Function<FusedAttention> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const at::Tensor& query, const at::Tensor& key,
                                                const at::Tensor& value, int64_t heads, std::string layout,
                                                const OptionalTensor& pse, const OptionalTensor& padding_mask,
                                                const OptionalTensor& atten_mask, double scale, double keep,
                                                int64_t before, int64_t after, int64_t precise,
                                                std::vector<int64_t> prefix, int64_t sparse,
                                                std::array<int64_t, 3>* state) {
    const at::AutoDispatchBelowAutograd below;
    const auto op = own_operator<decltype(npu::forward)>(kForward);
    const OptionalInts given = prefix.empty() ? OptionalInts() : OptionalInts(prefix);
    const auto [out, maximum, sum, scores, seed, offset, count] =
        op.call(query, key, value, heads, layout, pse, padding_mask, atten_mask, scale, keep, before, after,
                precise, given, std::nullopt, std::nullopt, sparse, true, false);
    *state = {seed, offset, count};
    context->save_for_backward({query, key, value, pse.value_or(at::Tensor()),
                                padding_mask.value_or(at::Tensor()), atten_mask.value_or(at::Tensor()),
                                maximum, sum, scores, out});
    auto& saved = context->saved_data;
    saved["heads"] = heads;
    saved["layout"] = layout;
    saved["scale"] = scale;
    saved["keep"] = keep;
    saved["window"] = std::vector<int64_t>{before, after, precise, sparse, seed, offset, count};
    saved["prefix"] = prefix;
    context->mark_non_differentiable({maximum, sum, scores});
    return {out, maximum, sum, scores};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const torch::autograd::variable_list t = context->get_saved_variables();
    auto& saved = context->saved_data;
    const std::vector<int64_t> w = saved["window"].toIntVector(), prefix = saved["prefix"].toIntVector();
    const auto maybe = [](const at::Tensor& tensor) {
      return tensor.defined() ? OptionalTensor(tensor) : std::nullopt;
    };
    const auto op = own_operator<decltype(npu::backward)>(kBackward);
    const OptionalInts given = prefix.empty() ? OptionalInts() : OptionalInts(prefix);
    const auto [dq, dk, dv, dpse] = op.call(
        t[0], t[1], t[2], grads[0], saved["heads"].toInt(), saved["layout"].toStringRef(), maybe(t[3]),
        maybe(t[4]), maybe(t[5]), t[6], t[7], t[8], t[9], saved["scale"].toDouble(), saved["keep"].toDouble(),
        w[0], w[1], w[2], w[4], w[5], w[6], given, std::nullopt, std::nullopt, w[3], true, false);
    torch::autograd::variable_list all(16);
    all[0] = dq;
    all[1] = dk;
    all[2] = dv;
    if (t[3].defined()) all[5] = dpse;
    return all;
  }
};

Results with_gradient(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, int64_t heads,
                      std::string_view layout, const OptionalTensor& pse, const OptionalTensor& padding_mask,
                      const OptionalTensor& atten_mask, double scale, double keep, int64_t before,
                      int64_t after, int64_t precise, OptionalInts prefix, OptionalInts, OptionalInts,
                      int64_t sparse, bool, bool) {
  std::array<int64_t, 3> state{};
  const torch::autograd::variable_list out =
      FusedAttention::apply(query, key, value, heads, std::string(layout), pse, padding_mask, atten_mask,
                            scale, keep, before, after, precise, listed(prefix), sparse, &state);
  return {out[0], out[1], out[2], out[3], state[0], state[1], state[2]};
}

TORCH_LIBRARY_FRAGMENT(npu, m) {
  m.def(
      "npu_fusion_attention(Tensor query, Tensor key, Tensor value, int head_num, str input_layout, Tensor? "
      "pse=None, Tensor? padding_mask=None, Tensor? atten_mask=None, float scale=1., float keep_prob=1., int "
      "pre_tockens=2147483647, int next_tockens=2147483647, int inner_precise=0, int[]? prefix=None, int[]? "
      "actual_seq_qlen=None, int[]? actual_seq_kvlen=None, int sparse_mode=0, bool gen_mask_parallel=True, "
      "bool sync=False) -> (Tensor, Tensor, Tensor, Tensor, int, int, int)");
  m.def(
      "npu_fusion_attention_grad(Tensor query, Tensor key, Tensor value, Tensor dy, int head_num, str "
      "input_layout, *, Tensor? pse=None, Tensor? padding_mask=None, Tensor? atten_mask=None, Tensor? "
      "softmax_max=None, Tensor? softmax_sum=None, Tensor? softmax_in=None, Tensor? attention_in=None, float "
      "scale_value=1., float keep_prob=1., int pre_tockens=2147483647, int next_tockens=2147483647, int "
      "inner_precise=0, int seed=0, int offset=0, int numels=0, int[]? prefix=None, int[]? "
      "actual_seq_qlen=None, int[]? actual_seq_kvlen=None, int sparse_mode=0, bool gen_mask_parallel=True, "
      "bool sync=False) -> (Tensor, Tensor, Tensor, Tensor)");
}

TORCH_LIBRARY_IMPL(npu, PrivateUse1, m) {
  bind_kernel<&forward>(m, "npu::npu_fusion_attention");
  bind_kernel<&backward>(m, "npu::npu_fusion_attention_grad");
}

TORCH_LIBRARY_IMPL(npu, AutogradPrivateUse1, m) {
  m.impl("npu_fusion_attention", TORCH_FN(with_gradient));
}

}  // namespace
}  // namespace npu
