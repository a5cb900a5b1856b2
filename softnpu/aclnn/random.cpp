// Random numbers: (seed, offset) decide every value. Element i takes word i % 4 of block i / 4; where an
// element needs 64 bits, words 2 (i % 2) and 2 (i % 2) + 1 of block i / 2.
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <c10/util/irange.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ops/cumsum.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/item.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/topk.h>

#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/philox.h"

using namespace softnpu;

namespace {

constexpr int64_t kGrain = 4096;  // blocks
constexpr double kWord = 0x1p-32;

struct Stream {
  uint64_t seed;
  uint64_t offset;
};

// Calls make(i, word) for every element.
template <class Make>
void each_word(int64_t count, Stream stream, const Make& make) {
  at::parallel_for(0, (count + 3) / 4, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const PhiloxWords words = philox(stream.seed, stream.offset, static_cast<uint64_t>(block));
      for (int64_t i = 4 * block; i < std::min(4 * block + 4, count); ++i)
        make(i, words[static_cast<size_t>(i & 3)]);
    }
  });
}

// Calls make(i, wide) with 64 bits for every element.
template <class Make>
void each_wide(int64_t count, Stream stream, const Make& make) {
  at::parallel_for(0, (count + 1) / 2, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const PhiloxWords words = philox(stream.seed, stream.offset, static_cast<uint64_t>(block));
      for (int64_t i = 2 * block; i < std::min(2 * block + 2, count); ++i) {
        const auto at = static_cast<size_t>(2 * (i & 1));
        make(i, static_cast<uint64_t>(words[at]) << 32 | words[at + 1]);
      }
    }
  });
}

// Box-Muller: calls make(i, z) with a standard normal number for every element. The radius comes from (0, 1],
// so the logarithm is finite.
template <class Make>
void each_normal(int64_t count, Stream stream, bool wide, const Make& make) {
  const int64_t per_block = wide ? 2 : 4;
  at::parallel_for(0, (count + per_block - 1) / per_block, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const PhiloxWords w = philox(stream.seed, stream.offset, static_cast<uint64_t>(block));
      double radius[2], angle[2];
      if (wide) {
        radius[0] = (static_cast<double>((static_cast<uint64_t>(w[0]) << 32 | w[1]) >> 11) + 1) * 0x1p-53;
        angle[0] = static_cast<double>((static_cast<uint64_t>(w[2]) << 32 | w[3]) >> 11) * 0x1p-53;
      } else {
        for (const size_t pair : {0, 1}) {
          radius[pair] = (static_cast<double>(w[2 * pair]) + 1) * kWord;
          angle[pair] = static_cast<double>(w[2 * pair + 1]) * kWord;
        }
      }
      for (int64_t i = per_block * block; i < std::min(per_block * (block + 1), count); ++i) {
        const auto pair = static_cast<size_t>((i - per_block * block) / 2);
        const double length = std::sqrt(-2 * std::log(radius[pair]));
        const double turn = 2 * M_PI * angle[pair];
        make(i, length * (i % 2 == 0 ? std::cos(turn) : std::sin(turn)));
      }
    }
  });
}

// Fills `out` through a contiguous tensor of its dtype; fill(data, count).
template <class Fill>
void filled(Out out, const Fill& fill) {
  const at::Tensor target = out.contiguous();
  AT_DISPATCH_ALL_TYPES_AND3(at::kHalf, at::kBFloat16, at::kBool, target.scalar_type(), "random",
                             [&] { fill(target.mutable_data_ptr<scalar_t>(), target.numel()); });
  if (!target.is_same(out)) out.copy_(target);
}

void check_written(In out, DtypeSet allowed) {
  TORCH_CHECK(allowed >> static_cast<int>(out.scalar_type()) & 1, "the output has data type ",
              at::toString(out.scalar_type()), ", which this operator does not support");
}

// Digits of the significand: how many random bits a uniform number of type T is made of.
template <class T>
constexpr int kDigits = std::numeric_limits<T>::digits;

void uniform(Out out, double from, double to, Stream stream) {
  check_written(out, kFloats);
  TORCH_CHECK(from <= to, "from is ", from, ", which is greater than to, ", to);
  if (checking()) return;
  filled(out, [&]<class T>(T* data, int64_t count) {
    auto put = [&](int64_t i, double unit) {
      const T value = static_cast<T>(from + (to - from) * unit);
      data[i] =
          from < to && static_cast<double>(value) >= to ? static_cast<T>(from) : value;  // rounded up to `to`
    };
    if constexpr (std::is_same_v<T, double>) {
      each_wide(count, stream,
                [&](int64_t i, uint64_t bits) { put(i, static_cast<double>(bits >> 11) * 0x1p-53); });
    } else {
      constexpr int digits = std::min(kDigits<T>, 32);
      each_word(count, stream, [&](int64_t i, uint32_t word) {
        put(i, static_cast<double>(word >> (32 - digits)) * std::ldexp(1.0, -digits));
      });
    }
  });
}

// mean and std are numbers or tensors of the shape of the output.
template <class Mean, class Std>
void normal_loop(Out out, Stream stream, const Mean& mean, const Std& std) {
  filled(out, [&]<class T>(T* data, int64_t count) {
    each_normal(count, stream, std::is_same_v<T, double>,
                [&](int64_t i, double z) { data[i] = static_cast<T>(mean(i) + std(i) * z); });
  });
}

void normal(Out out, double mean, double std, Stream stream) {
  check_written(out, kFloats);
  TORCH_CHECK(std >= 0, "std is negative: ", std);
  if (checking()) return;
  normal_loop(
      out, stream, [=](int64_t) { return mean; }, [=](int64_t) { return std; });
}

// The operand as double, broadcast to the output.
at::Tensor spread(In tensor, In out) {
  if (checking()) return tensor.expand(out.sizes());
  return tensor.expand(out.sizes()).to(at::kDouble).contiguous();
}

void bernoulli(Out out, const at::Tensor& probability, Stream stream) {
  if (checking()) return;
  const auto* p = probability.const_data_ptr<double>();
  filled(out, [&]<class T>(T* data, int64_t count) {
    each_word(count, stream, [&](int64_t i, uint32_t word) {
      data[i] = static_cast<T>(static_cast<double>(word) * kWord < p[i] ? 1 : 0);
    });
  });
}

void integers(Out out, int64_t from, int64_t to, Stream stream) {
  TORCH_CHECK(from < to, "from is ", from, ", which is not less than to, ", to);
  if (checking()) return;
  const uint64_t range = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  filled(out, [&]<class T>(T* data, int64_t count) {
    auto put = [&](int64_t i, uint64_t bits) {
      data[i] = static_cast<T>(static_cast<int64_t>(bits % range + static_cast<uint64_t>(from)));
    };
    if (range <= uint64_t{1} << 32) {
      each_word(count, stream, put);
    } else {
      each_wide(count, stream, put);
    }
  });
}

// Every value that the data type can count to without a gap.
void all_integers(Out out, Stream stream) {
  switch (out.scalar_type()) {
    case at::kFloat:
      return integers(out, 0, (int64_t{1} << 24) + 1, stream);
    case at::kDouble:
      return integers(out, 0, (int64_t{1} << 53) + 1, stream);
    case at::kHalf:
      return integers(out, 0, (1 << 11) + 1, stream);
    case at::kBFloat16:
      return integers(out, 0, (1 << 8) + 1, stream);
    case at::kBool:
      return integers(out, 0, 2, stream);
    case at::kByte:
      return integers(out, 0, 256, stream);
    case at::kChar:
      return integers(out, 0, 128, stream);
    case at::kShort:
      return integers(out, 0, 32768, stream);
    case at::kInt:
      return integers(out, 0, int64_t{1} << 31, stream);
    default:
      return integers(out, 0, std::numeric_limits<int64_t>::max(), stream);
  }
}

void exponential(Out out, double lambda, Stream stream) {
  check_written(out, kFloats);
  TORCH_CHECK(lambda > 0, "lambda must be positive, got ", lambda);
  if (checking()) return;
  filled(out, [&]<class T>(T* data, int64_t count) {
    each_word(count, stream, [&](int64_t i, uint32_t word) {
      data[i] = static_cast<T>(-std::log1p(-(static_cast<double>(word) + 0.5) * kWord) / lambda);
    });
  });
}

// Seeds that live on the device (a captured graph replays with others).
Stream from_tensors(In seed, In offset, int64_t more) {
  TORCH_CHECK(seed.numel() == 1 && offset.numel() == 1, "the seed and the offset must be one element");
  if (checking()) return {0, 0};
  return {static_cast<uint64_t>(seed.item().toLong()), static_cast<uint64_t>(offset.item().toLong() + more)};
}

Stream stream_of(int64_t seed, int64_t offset) {
  return {static_cast<uint64_t>(seed), static_cast<uint64_t>(offset)};
}

// A mask has one bit per element, from the lowest bit of each byte, in groups of 128 elements.
int64_t mask_bytes(int64_t count) {
  return (count + 127) / 128 * 16;
}

void generate_mask(int64_t count, double drop, Stream stream, Out out) {
  TORCH_CHECK(drop >= 0 && drop <= 1, "prob is ", drop, "; it must be from 0 to 1");
  TORCH_CHECK(out.scalar_type() == at::kByte && out.is_contiguous() && out.numel() >= mask_bytes(count),
              "out must be ", mask_bytes(count), " contiguous bytes or more");
  if (checking()) return;
  auto* bytes = out.mutable_data_ptr<uint8_t>();
  std::fill_n(bytes, out.numel(), uint8_t{0});
  at::parallel_for(0, (count + 7) / 8, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t byte = begin; byte < end; ++byte) {
      unsigned bits = 0;
      for (const int64_t half : {0, 1}) {
        const PhiloxWords words = philox(stream.seed, stream.offset, static_cast<uint64_t>(2 * byte + half));
        for (const size_t i : {0, 1, 2, 3}) {
          const int64_t element = 8 * byte + 4 * half + static_cast<int64_t>(i);
          if (element < count && static_cast<double>(words[i]) * kWord >= drop) bits |= 1u << (4 * half + i);
        }
      }
      bytes[byte] = static_cast<uint8_t>(bits);
    }
  });
}

void apply_mask(In self, In mask, double scale, Out out) {
  TORCH_CHECK(out.sizes() == self.sizes() && out.scalar_type() == self.scalar_type(),
              "out must be like self");
  TORCH_CHECK(mask.scalar_type() == at::kByte && mask.is_contiguous() && mask.numel() * 8 >= self.numel(),
              "mask must have one bit per element of self");
  if (checking()) return;
  const at::Tensor input = self.contiguous();
  const auto* bytes = mask.const_data_ptr<uint8_t>();
  filled(out, [&]<class T>(T* data, int64_t count) {
    using W = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const T* from = input.const_data_ptr<T>();
    for (int64_t i = 0; i < count; ++i) {
      const bool keep = bytes[i / 8] >> (i % 8) & 1;
      data[i] = keep ? static_cast<T>(static_cast<W>(from[i]) * static_cast<W>(scale)) : static_cast<T>(0);
    }
  });
}

double scale_for(double drop) {
  TORCH_CHECK(drop >= 0 && drop <= 1, "prob is ", drop, "; it must be from 0 to 1");
  return drop < 1 ? 1 / (1 - drop) : 0;
}

int64_t product(Ints shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

// Scratch of one double per category, or of one (key, index) pair per element of a permutation.
uint64_t multinomial_scratch(const Capture& call) {
  return static_cast<uint64_t>(call.view(0).numel) * sizeof(double);
}
uint64_t permutation_scratch(const Capture& call) {
  return static_cast<uint64_t>(call.view(0).numel) * 16;
}

void multinomial(In self, int64_t samples, bool replacement, Stream stream, Out out) {
  TORCH_CHECK(self.dim() == 1 || self.dim() == 2, "self must have one or two dimensions");
  TORCH_CHECK(out.scalar_type() == at::kLong || out.scalar_type() == at::kInt, "out must be Int or Long");
  const int64_t categories = self.size(-1);
  const int64_t rows = self.dim() == 2 ? self.size(0) : 1;
  TORCH_CHECK(samples > 0 && categories > 0 && (replacement || samples <= categories),
              "numsamples must be positive and, without replacement, at most the number of categories");
  TORCH_CHECK(out.numel() == rows * samples, "out must have ", rows * samples, " elements");
  if (checking()) return;
  at::Tensor weights = workspace(at::kDouble, rows * categories).view({rows, categories});
  weights.copy_(self.reshape({rows, categories}));
  TORCH_CHECK(at::isfinite(weights).logical_and_(weights.ge(0)).all().item().toBool(),
              "probabilities must be finite and not negative");
  at::Tensor chosen;
  if (replacement) {
    const at::Tensor sums = at::cumsum(weights, 1);
    TORCH_CHECK(sums.select(1, categories - 1).gt(0).all().item().toBool(),
                "a row of probabilities has sum 0");
    at::Tensor draws = at::empty({rows, samples}, at::TensorOptions().dtype(at::kDouble));
    auto* draw = draws.mutable_data_ptr<double>();
    each_word(rows * samples, stream,
              [&](int64_t i, uint32_t word) { draw[i] = static_cast<double>(word) * kWord; });
    draws.mul_(sums.select(1, categories - 1).unsqueeze(1));
    chosen = at::searchsorted(sums, draws, false, true);
  } else {
    TORCH_CHECK(weights.gt(0).sum(1).ge(samples).all().item().toBool(),
                "a row has fewer positive probabilities than numsamples");
    // The largest of p / Exp(1) is a fair draw, the next one a fair draw from the rest.
    auto* weight = weights.mutable_data_ptr<double>();
    each_word(rows * categories, stream, [&](int64_t i, uint32_t word) {
      weight[i] /= -std::log1p(-(static_cast<double>(word) + 0.5) * kWord);
    });
    chosen = std::get<1>(at::topk(weights, samples, 1));
  }
  put_flat(out, chosen);
}

void permutation(int64_t n, Stream stream, Out out) {
  TORCH_CHECK(out.dim() == 1 && out.numel() == n, "out must have ", n, " elements");
  if (checking()) return;
  struct Keyed {
    uint64_t key;
    int64_t index;
  };
  at::Tensor room = workspace(at::kLong, 2 * n);
  auto* keyed = reinterpret_cast<Keyed*>(room.mutable_data_ptr<int64_t>());
  each_wide(n, stream, [&](int64_t i, uint64_t bits) { keyed[i] = {bits, i}; });
  std::sort(keyed, keyed + n, [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
  filled(out, [&]<class T>(T* data, int64_t count) {
    for (int64_t i = 0; i < count; ++i) data[i] = static_cast<T>(keyed[i].index);
  });
}

// Leaky where the input is not positive, with a slope drawn from [lower, upper) in training; noise keeps the
// slopes.
void rrelu(In self, Out noise, double lower, double upper, bool training, Stream stream, Out out) {
  TORCH_CHECK(lower <= upper, "lower is ", lower, ", which is greater than upper, ", upper);
  expect_like(out, self);
  expect_same_dtype(out, self);
  if (checking()) return;
  if (!training) {
    out.copy_(at::leaky_relu(self, (lower + upper) / 2));
    return;
  }
  uniform(noise, lower, upper, stream);
  noise.masked_fill_(at::gt(self, 0), 1);
  out.copy_(at::mul(self, noise));
}

constexpr Rule Masked{kFloats | dtype_set(at::kByte)};
constexpr Rule Seeded{kFloats | kInts | kBools};

}  // namespace

SOFT_OP(aclnnInplaceUniform, Random, (Out selfRef, double from, double to, uint64_t seed, uint64_t offset),
        uniform(selfRef, from, to, {seed, offset}))
SOFT_OP(aclnnInplaceUniformTensor, Seeded,
        (Out selfRef, double from, double to, In seedTensor, In offsetTensor, uint64_t offset),
        uniform(selfRef, from, to, from_tensors(seedTensor, offsetTensor, static_cast<int64_t>(offset))))
SOFT_OP(aclnnInplaceNormal, Random, (Out selfRef, float mean, float std, int64_t seed, int64_t offset),
        normal(selfRef, mean, std, stream_of(seed, offset)))
SOFT_OP(aclnnInplaceNormalTensor, Seeded,
        (Out selfRef, float mean, float std, In seedTensor, In offsetTensor, int64_t offset),
        normal(selfRef, mean, std, from_tensors(seedTensor, offsetTensor, offset)))
SOFT_OP(aclnnNormalFloatFloat, Random, (float mean, float std, int64_t seed, int64_t offset, Out out),
        normal(out, mean, std, stream_of(seed, offset)))
SOFT_OP(aclnnNormalFloatTensor, Random, (float mean, In std, int64_t seed, int64_t offset, Out out), {
  check_written(out, kFloats);
  const at::Tensor deviations = spread(std, out);
  if (checking()) return;
  const auto* deviation = deviations.const_data_ptr<double>();
  normal_loop(
      out, stream_of(seed, offset), [=](int64_t) { return static_cast<double>(mean); },
      [=](int64_t i) { return deviation[i]; });
})
SOFT_OP(aclnnNormalTensorFloat, Random, (In mean, float std, int64_t seed, int64_t offset, Out out), {
  check_written(out, kFloats);
  TORCH_CHECK(std >= 0, "std is negative: ", std);
  const at::Tensor means = spread(mean, out);
  if (checking()) return;
  const auto* middle = means.const_data_ptr<double>();
  normal_loop(
      out, stream_of(seed, offset), [=](int64_t i) { return middle[i]; },
      [=](int64_t) { return static_cast<double>(std); });
})
SOFT_OP(aclnnNormalTensorTensor, Random, (In mean, In std, int64_t seed, int64_t offset, Out out), {
  check_written(out, kFloats);
  const at::Tensor means = spread(mean, out);
  const at::Tensor deviations = spread(std, out);
  if (checking()) return;
  const auto* middle = means.const_data_ptr<double>();
  const auto* deviation = deviations.const_data_ptr<double>();
  normal_loop(
      out, stream_of(seed, offset), [=](int64_t i) { return middle[i]; },
      [=](int64_t i) { return deviation[i]; });
})
SOFT_OP(aclnnInplaceBernoulli, Random, (Out selfRef, Number prob, int64_t seed, int64_t offset), {
  const double p = prob.toDouble();
  TORCH_CHECK(p >= 0 && p <= 1, "prob is ", p, "; it must be from 0 to 1");
  if (checking()) return;
  bernoulli(selfRef, at::full(selfRef.sizes(), p, at::TensorOptions().dtype(at::kDouble)),
            stream_of(seed, offset));
})
SOFT_OP(aclnnInplaceBernoulliTensor, Random, (Out selfRef, In prob, int64_t seed, int64_t offset), {
  check_written(selfRef, kFloats | kInts | kBools);
  bernoulli(selfRef, spread(prob, selfRef), stream_of(seed, offset));
})
SOFT_OP(aclnnInplaceRandom, Random, (Out selfRef, int64_t from, int64_t to, int64_t seed, int64_t offset),
        integers(selfRef, from, to, stream_of(seed, offset)))
SOFT_OP(aclnnInplaceRandomTensor, Seeded,
        (Out selfRef, int64_t from, int64_t to, In seedTensor, In offsetTensor, int64_t offset),
        integers(selfRef, from, to, from_tensors(seedTensor, offsetTensor, offset)))
SOFT_OP(aclnnInplaceRandomWithoutFromTo, Random, (Out selfRef, int64_t seed, int64_t offset),
        all_integers(selfRef, stream_of(seed, offset)))
SOFT_OP(aclnnInplaceRandomWithoutFromToTensor, Seeded,
        (Out selfRef, In seedTensor, In offsetTensor, int64_t offset),
        all_integers(selfRef, from_tensors(seedTensor, offsetTensor, offset)))
SOFT_OP(aclnnSimThreadExponential, Random,
        (Out selfRef, int64_t count, double lambda, int64_t seed, int64_t offset), {
          TORCH_CHECK(count == selfRef.numel(), "count is ", count, " but selfRef has ", selfRef.numel(),
                      " elements");
          exponential(selfRef, lambda, stream_of(seed, offset));
        })

SOFT_OP(aclnnDropoutGenMask, Random, (Ints shape, double prob, int64_t seed, int64_t offset, Out out),
        generate_mask(product(shape), prob, stream_of(seed, offset), out))
SOFT_OP(aclnnDropoutGenMaskV2, Random,
        (Ints shape, double prob, int64_t seed, int64_t offset, DType probDataType, Out out), {
          (void)probDataType;
          generate_mask(product(shape), prob, stream_of(seed, offset), out);
        })
SOFT_OP(aclnnDropoutGenMaskV2Tensor, Seeded,
        (Ints shape, double prob, In seedTensor, In offsetTensor, int64_t offset, DType probDataType,
         Out out),
        {
          (void)probDataType;
          generate_mask(product(shape), prob, from_tensors(seedTensor, offsetTensor, offset), out);
        })
SOFT_OP(aclnnDropoutDoMask, Masked, (In self, In mask, double prob, Out out),
        apply_mask(self, mask, scale_for(prob), out))
SOFT_OP(aclnnDropoutV3, Random,
        (In input, OptIn optionalNoiseShape, double p, int64_t seed, int64_t offset, Out out, Out maskOut), {
          TORCH_CHECK(!present(optionalNoiseShape).has_value(), "optionalNoiseShape is not supported");
          generate_mask(input.numel(), p, stream_of(seed, offset), maskOut);
          apply_mask(input, maskOut, scale_for(p), out);
        })
// `scale` is 1 / (1 - p) of the forward call.
SOFT_OP(aclnnDropoutV3Grad, Masked, (In gradY, In mask, double scale, Out gradX),
        apply_mask(gradY, mask, scale, gradX))

SOFT_OP(aclnnMultinomial, Random.scratch(&multinomial_scratch),
        (In self, int64_t numsamples, bool replacement, int64_t seed, int64_t offset, Out out),
        multinomial(self, numsamples, replacement, stream_of(seed, offset), out))
SOFT_OP(aclnnMultinomialTensor, Seeded.scratch(&multinomial_scratch),
        (In self, int64_t numsamples, bool replacement, In seedTensor, In offsetTensor, int64_t offset,
         Out out),
        multinomial(self, numsamples, replacement, from_tensors(seedTensor, offsetTensor, offset), out))
SOFT_OP(aclnnRandperm, Random.scratch(&permutation_scratch),
        (int64_t n, int64_t seed, int64_t offset, Out out), permutation(n, stream_of(seed, offset), out))
SOFT_OP(aclnnRReluWithNoise, Floating.unremembered(),
        (In self, Out noise, Number lower, Number upper, bool training, int64_t seed, int64_t offset,
         Out out),
        rrelu(self, noise, lower.toDouble(), upper.toDouble(), training, stream_of(seed, offset), out))
SOFT_OP(aclnnInplaceRReluWithNoise, Floating.unremembered(),
        (Out self, Out noise, Number lower, Number upper, bool training, int64_t seed, int64_t offset),
        rrelu(self, noise, lower.toDouble(), upper.toDouble(), training, stream_of(seed, offset), self))
