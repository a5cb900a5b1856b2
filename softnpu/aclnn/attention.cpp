// Attention of training and its gradient (Dao et al., FlashAttention, 2022), computed with the scores in
// memory.
//
//   out = dropout(softmax(mask(scale * (query key^T + pse)))) value
//
// The forward leaves the maximum and the sum of each row of scores, from which the gradient finds the softmax
// again. Half types are computed in float.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>

#include <limits>
#include <string_view>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

constexpr Rule Attending{kFloats | kInts | kBools};
constexpr int64_t kCopies = 8;  // the ABI repeats each row's maximum and sum so often

enum class Sparse : int64_t { kDefault, kAll, kLeftUpCausal, kRightDownCausal, kBand };

// What scales and what is added first: pseType 1 adds the position encoding before scaling, 0 after it.
enum class Encoding : int64_t { kAddedAfter, kAddedBefore };

struct Settings {
  double scale;
  double keep;
  int64_t before;
  int64_t after;
  int64_t heads;
  std::string_view layout;
  Sparse sparse;
  Encoding encoding = Encoding::kAddedBefore;
};

Settings settings(double scale, double keep, int64_t before, int64_t after, int64_t heads, Text layout,
                  int64_t sparse, int64_t encoding = 1) {
  TORCH_CHECK(layout != nullptr, "inputLayout is null");
  TORCH_CHECK(keep > 0 && keep <= 1, "keepProb is ", keep, "; it must be above 0 and at most 1");
  TORCH_CHECK(heads > 0, "headNum is ", heads, "; it must be positive");
  TORCH_CHECK(sparse >= 0 && sparse <= static_cast<int64_t>(Sparse::kBand), "sparseMode ", sparse,
              " is not supported; it must be from 0 to 4");
  TORCH_CHECK(encoding == 0 || encoding == 1, "pseType ", encoding, " is not supported; it must be 0 or 1");
  return {scale, keep, before, after, heads, layout, static_cast<Sparse>(sparse), Encoding{encoding}};
}

// (batch, heads, length, width) of a tensor in one of the layouts. `width` is that of a head of the query.
at::Tensor split(In tensor, std::string_view layout, int64_t width) {
  if (layout == "BNSD") return tensor;
  if (layout == "BSND") return tensor.transpose(1, 2);
  TORCH_CHECK(tensor.size(2) % width == 0, "the last size, ", tensor.size(2), ", is not a multiple of ",
              width);
  const at::Tensor heads = tensor.unflatten(2, {tensor.size(2) / width, width});
  return layout == "BSH" ? heads.transpose(1, 2) : heads.permute({1, 2, 0, 3});  // SBH
}

// The other way.
at::Tensor merge(In heads, std::string_view layout) {
  if (layout == "BNSD") return heads;
  if (layout == "BSND") return heads.transpose(1, 2);
  return layout == "BSH" ? heads.transpose(1, 2).flatten(2) : heads.permute({2, 0, 1, 3}).flatten(2);
}

class Attention {
 public:
  Attention(In query, In key, In value, OptIn encoding, OptIn drop, OptIn padding, OptIn mask,
            const Settings& s)
      : s_(s) {
    TORCH_CHECK(!present(padding).has_value(), "paddingMask is reserved and must be absent; use attenMask");
    const bool flat = s.layout == "BSH" || s.layout == "SBH";
    TORCH_CHECK(flat || s.layout == "BNSD" || s.layout == "BSND", "inputLayout ", s.layout,
                " is not supported; it must be BSH, SBH, BNSD or BSND");
    for (const at::Tensor* tensor : {&query, &key, &value}) {
      TORCH_CHECK(tensor->dim() == (flat ? 3 : 4), "query, key and value must have ", flat ? 3 : 4,
                  " dimensions");
      TORCH_CHECK(at::isFloatingType(tensor->scalar_type()) && tensor->scalar_type() == query.scalar_type(),
                  "query, key and value must have one floating data type");
    }
    TORCH_CHECK(!flat || query.size(2) % s.heads == 0, "the last size of query is not a multiple of headNum");
    const int64_t width = flat ? query.size(2) / s.heads : query.size(3);
    query_ = split(query, s.layout, width);
    key_ = split(key, s.layout, width);
    const int64_t key_heads = key_.size(1);
    TORCH_CHECK(query_.size(1) == s.heads && key_heads > 0 && s.heads % key_heads == 0, "query has ",
                query_.size(1), " heads and key ", key_heads, "; headNum is ", s.heads);
    value_ = split(value, s.layout, flat ? value.size(2) / key_heads : value.size(3));
    TORCH_CHECK(key_.size(3) == query_.size(3) && value_.size(1) == key_heads &&
                    value_.size(2) == key_.size(2) && key_.size(0) == query_.size(0) &&
                    value_.size(0) == query_.size(0),
                "the shapes of query, key and value do not fit");
    TORCH_CHECK(key_.size(2) > 0, "key and value have no rows");
    check_extras(encoding, drop, mask);
  }

  at::DimVector row_shape() const { return {query_.size(0), query_.size(1), query_.size(2), kCopies}; }
  at::DimVector out_shape() const { return {query_.size(0), query_.size(1), query_.size(2), value_.size(3)}; }

  void forward(Out maximum, Out sum, Out out) const {
    const at::Tensor scores = this->scores();
    const at::Tensor top = scores.amax(-1, true).clamp_min_(std::numeric_limits<float>::lowest());
    const at::Tensor weights = (scores - top).exp_();
    const at::Tensor total = weights.sum(-1, true);
    put(maximum, top.expand(row_shape()));
    put(sum, total.expand(row_shape()));
    const at::Tensor kept = dropped(weights / total.clamp_min(std::numeric_limits<float>::min()));
    put(out, merge(at::matmul(kept, repeated(value_)), s_.layout));
  }

  void backward(In dy, In maximum, In sum, Out dq, Out dk, Out dv, OptOut dpse) const {
    const at::Tensor grad = wide(split(dy, s_.layout, value_.size(3)));
    const at::Tensor total = sum.narrow(-1, 0, 1).clamp_min(std::numeric_limits<float>::min());
    const at::Tensor weights = (scores() - maximum.narrow(-1, 0, 1)).exp_() / total;
    const at::Tensor of_weights = dropped(at::matmul(grad, repeated(value_).transpose(-1, -2)));
    const at::Tensor of_scores = weights * (of_weights - (of_weights * weights).sum(-1, true));
    put(dq, merge(at::matmul(of_scores, repeated(key_)) * s_.scale, s_.layout));
    put(dk, merge(grouped(at::matmul(of_scores.transpose(-1, -2), wide(query_))) * s_.scale, s_.layout));
    put(dv, merge(grouped(at::matmul(dropped(weights).transpose(-1, -2), grad)), s_.layout));
    if (dpse && encoding_.defined()) {
      const double factor = s_.encoding == Encoding::kAddedBefore ? s_.scale : 1;
      put(dpse, at::sum_to(of_scores * factor, dpse.tensor.sizes()));
    }
  }

 private:
  void check_extras(OptIn encoding, OptIn drop, OptIn mask) {
    const at::DimVector shape{query_.size(0), query_.size(1), query_.size(2), key_.size(2)};
    if (const auto given = present(encoding)) {
      TORCH_CHECK(at::is_expandable_to(given->sizes(), shape), "pse must expand to ", at::IntArrayRef(shape));
      encoding_ = *given;
    }
    if (const auto given = present(mask)) {
      TORCH_CHECK(given->scalar_type() == at::kBool || given->scalar_type() == at::kByte,
                  "attenMask must be Bool or Byte");
      const bool whole = s_.sparse == Sparse::kDefault || s_.sparse == Sparse::kAll;
      TORCH_CHECK(!whole || at::is_expandable_to(given->sizes(), shape), "attenMask must expand to ",
                  at::IntArrayRef(shape));
      mask_ = *given;
    }
    TORCH_CHECK(s_.sparse == Sparse::kDefault || mask_.defined(), "sparseMode ",
                static_cast<int64_t>(s_.sparse), " needs an attenMask");
    if (const auto given = present(drop)) {
      TORCH_CHECK(given->scalar_type() == at::kByte && given->numel() * 8 >= c10::multiply_integers(shape),
                  "dropMask must have one bit for each score");
      drop_ = *given;
    }
  }

  // One head of key or value for each head of the query.
  at::Tensor repeated(In heads) const {
    const int64_t times = s_.heads / key_.size(1);
    return times == 1 ? wide(heads) : wide(heads).repeat_interleave(times, 1);
  }
  at::Tensor grouped(In heads) const {
    const int64_t times = s_.heads / key_.size(1);
    return times == 1 ? heads : heads.unflatten(1, {key_.size(1), times}).sum(2);
  }

  at::Tensor scores() const {
    at::Tensor scores = at::matmul(wide(query_), repeated(key_).transpose(-1, -2));
    if (encoding_.defined() && s_.encoding == Encoding::kAddedBefore) scores.add_(encoding_);
    scores.mul_(s_.scale);
    if (encoding_.defined() && s_.encoding == Encoding::kAddedAfter) scores.add_(encoding_);
    const at::Tensor hidden = this->hidden();
    return hidden.defined() ? scores.masked_fill_(hidden, -std::numeric_limits<double>::infinity()) : scores;
  }

  // Which scores do not count.
  at::Tensor hidden() const {
    if (!mask_.defined()) return {};
    const int64_t rows = query_.size(2), columns = key_.size(2);
    const at::Tensor distance = at::arange(columns) - at::arange(rows).unsqueeze(1);  // column - row
    switch (s_.sparse) {
      case Sparse::kDefault:
        return mask_.to(at::kBool).logical_or(distance.lt(-s_.before)).logical_or_(distance.gt(s_.after));
      case Sparse::kAll:
        return mask_.to(at::kBool);
      case Sparse::kLeftUpCausal:
        return distance.gt(0);
      case Sparse::kRightDownCausal:
        return distance.gt(columns - rows);
      case Sparse::kBand:
        break;
    }
    return distance.lt(columns - rows - s_.before).logical_or_(distance.gt(columns - rows + s_.after));
  }

  // Bits from the lowest, 1 for what stays.
  at::Tensor dropped(In weights) const {
    if (!drop_.defined()) return weights;
    const at::Tensor places = at::tensor({1, 2, 4, 8, 16, 32, 64, 128}, at::kByte);
    const at::Tensor bits = drop_.reshape({-1, 1}).bitwise_and(places).ne(0).flatten();
    return weights * bits.narrow(0, 0, weights.numel()).reshape(weights.sizes()) / s_.keep;
  }

  Settings s_;
  at::Tensor query_;
  at::Tensor key_;
  at::Tensor value_;
  at::Tensor encoding_;
  at::Tensor drop_;
  at::Tensor mask_;
};

void attend(const Attention& attention, const Settings& s, Out maximum, Out sum, Out out) {
  TORCH_CHECK(maximum.sizes() == attention.row_shape() && sum.sizes() == attention.row_shape(),
              "softmaxMax and softmaxSum must be ", at::IntArrayRef(attention.row_shape()));
  TORCH_CHECK(maximum.scalar_type() == at::kFloat && sum.scalar_type() == at::kFloat,
              "softmaxMax and softmaxSum must be Float");
  TORCH_CHECK(split(out, s.layout, attention.out_shape()[3]).sizes() == attention.out_shape(),
              "attentionOut must be ", at::IntArrayRef(attention.out_shape()), " in layout ", s.layout);
  if (!checking()) attention.forward(maximum, sum, out);
}

void attend_backward(const Attention& attention, In query, In key, In value, In dy, OptIn maximum, OptIn sum,
                     Out dq, Out dk, Out dv, OptOut dpse) {
  TORCH_CHECK(maximum.has_value() && sum.has_value() && maximum->sizes() == attention.row_shape() &&
                  sum->sizes() == attention.row_shape(),
              "softmaxMax and softmaxSum of the forward must be given");
  TORCH_CHECK(dy.scalar_type() == query.scalar_type(), "dy must have the data type of query");
  expect_like(dq, query);
  expect_like(dk, key);
  expect_like(dv, value);
  if (!checking()) attention.backward(dy, *maximum, *sum, dq, dk, dv, dpse);
}

}  // namespace

SOFT_OP(aclnnFlashAttentionScore, Attending,
        (In query, In key, In value, OptIn realShift, OptIn dropMask, OptIn paddingMask, OptIn attenMask,
         OptInts, double scaleValue, double keepProb, int64_t preTokens, int64_t nextTokens, int64_t headNum,
         Text inputLayout, int64_t, int64_t sparseMode, Out softmaxMax, Out softmaxSum, OptOut,
         Out attentionOut),
        {
          const Settings s =
              settings(scaleValue, keepProb, preTokens, nextTokens, headNum, inputLayout, sparseMode);
          attend(Attention(query, key, value, realShift, dropMask, paddingMask, attenMask, s), s, softmaxMax,
                 softmaxSum, attentionOut);
        })
SOFT_OP(aclnnFlashAttentionScoreV2, Attending,
        (In query, In key, In value, OptIn realShift, OptIn dropMask, OptIn paddingMask, OptIn attenMask,
         OptInts, OptInts, OptInts, double scaleValue, double keepProb, int64_t preTokens, int64_t nextTokens,
         int64_t headNum, Text inputLayout, int64_t, int64_t sparseMode, int64_t pseType, Out softmaxMax,
         Out softmaxSum, OptOut, Out attentionOut),
        {
          const Settings s = settings(scaleValue, keepProb, preTokens, nextTokens, headNum, inputLayout,
                                      sparseMode, pseType);
          attend(Attention(query, key, value, realShift, dropMask, paddingMask, attenMask, s), s, softmaxMax,
                 softmaxSum, attentionOut);
        })
SOFT_OP(aclnnFlashAttentionScoreGrad, Attending,
        (In query, In keyIn, In value, In dy, OptIn pseShift, OptIn dropMask, OptIn paddingMask,
         OptIn attenMask, OptIn softmaxMax, OptIn softmaxSum, OptIn, OptIn, OptInts, double scaleValue,
         double keepProb, int64_t preTokens, int64_t nextTokens, int64_t headNum, Text inputLayout, int64_t,
         int64_t sparseMode, Out dq, Out dk, Out dv, OptOut dpse),
        {
          const Settings s =
              settings(scaleValue, keepProb, preTokens, nextTokens, headNum, inputLayout, sparseMode);
          attend_backward(Attention(query, keyIn, value, pseShift, dropMask, paddingMask, attenMask, s),
                          query, keyIn, value, dy, softmaxMax, softmaxSum, dq, dk, dv, dpse);
        })
SOFT_OP(aclnnFlashAttentionScoreGradV2, Attending,
        (In query, In keyIn, In value, In dy, OptIn pseShift, OptIn dropMask, OptIn paddingMask,
         OptIn attenMask, OptIn softmaxMax, OptIn softmaxSum, OptIn, OptIn, OptInts, OptInts, OptInts,
         double scaleValue, double keepProb, int64_t preTokens, int64_t nextTokens, int64_t headNum,
         Text inputLayout, int64_t, int64_t sparseMode, int64_t pseType, Out dq, Out dk, Out dv, OptOut dpse),
        {
          const Settings s = settings(scaleValue, keepProb, preTokens, nextTokens, headNum, inputLayout,
                                      sparseMode, pseType);
          attend_backward(Attention(query, keyIn, value, pseShift, dropMask, paddingMask, attenMask, s),
                          query, keyIn, value, dy, softmaxMax, softmaxSum, dq, dk, dv, dpse);
        })
