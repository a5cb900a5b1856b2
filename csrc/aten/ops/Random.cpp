// Random numbers. Upstream's templates check the arguments; the kernels below only draw.
//
// Note [How far a random operator moves the generator]
// The pair (seed, offset) of the generator goes to the kernel, and the offset moves on by the number of
// 32-bit draws: one per element (two for 8-byte dtypes), rounded up to a multiple of 4, one Philox block. So
// two operators never share a number, whether a kernel counts the offset in draws or in blocks, and DTensor's
// own arithmetic, which assumes the same rule, stays right.
#include <cmath>
#include <limits>
#include <numbers>

#include <ATen/ATen.h>
#include <ATen/core/GeneratorForPrivateuseone.h>
#include <ATen/native/DistributionTemplates.h>
#include <torch/library.h>

#include "csrc/aten/Kernel.h"
#include "csrc/aten/ops/Support.h"
#include "csrc/core/NPUGenerator.h"

namespace npu {
namespace {

using OptionalGenerator = std::optional<at::Generator>;
namespace templates = at::native::templates;

struct Draw {
  int64_t seed;
  int64_t offset;
};

// See Note [How far a random operator moves the generator].
Draw draw(const OptionalGenerator& generator, c10::Device device, int64_t elements, size_t itemsize) {
  auto* state = at::get_generator_or_default<NPUGeneratorImpl>(generator, default_generator(device.index()));
  const uint64_t draws = static_cast<uint64_t>(elements) * (itemsize > 4 ? 2 : 1);
  const auto [seed, offset] = state->philox_state((draws + 3) / 4 * 4);
  return {static_cast<int64_t>(seed), static_cast<int64_t>(offset)};
}

Draw draw(const OptionalGenerator& generator, const at::TensorBase& self) {
  return draw(generator, self.device(), self.numel(), self.itemsize());
}

// The dtype in which a distribution is composed, so that a half cannot round into a pole of the formula.
at::Tensor unit_uniform(const at::Tensor& self, const OptionalGenerator& generator) {
  const at::ScalarType type = self.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return empty(self.sizes(), type, self.device()).uniform_(0.0, 1.0, generator);
}

// uniform, normal, random

template <class Rng>
struct UniformKernel {
  void operator()(at::TensorIteratorBase& iter, double from, double to,
                  const OptionalGenerator& generator) const {
    const at::TensorBase& self = iter.tensor_base(0);
    const Draw d = draw(generator, self);
    launch<aclnnInplaceUniformGetWorkspaceSize>(self, from, to, static_cast<uint64_t>(d.seed),
                                                static_cast<uint64_t>(d.offset));
  }
};

template <class Rng>
struct NormalKernel {
  void operator()(const at::TensorBase& self, double mean, double std,
                  const OptionalGenerator& generator) const {
    const Draw d = draw(generator, self);
    launch<aclnnInplaceNormalGetWorkspaceSize>(self, static_cast<float>(mean), static_cast<float>(std),
                                               d.seed, d.offset);
  }
};

template <class Rng>
struct RandomKernel {
  void operator()(at::TensorIteratorBase& iter, const OptionalGenerator& generator) const {
    const at::TensorBase& self = iter.tensor_base(0);
    const Draw d = draw(generator, self);
    launch<aclnnInplaceRandomWithoutFromToGetWorkspaceSize>(self, d.seed, d.offset);
  }
};

template <class Rng>
struct RandomFromToKernel {
  void operator()(at::TensorIteratorBase& iter, uint64_t range, int64_t from,
                  const OptionalGenerator& generator) const {
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
    // `from + range` is at most 2^63, one more than the ABI can say.
    const uint64_t room = static_cast<uint64_t>(kMax) - static_cast<uint64_t>(from);
    fill(iter.tensor_base(0), from, range > room ? kMax : from + static_cast<int64_t>(range), generator);
  }
  // The whole range of int64, less its last value.
  void operator()(at::TensorIteratorBase& iter, const OptionalGenerator& generator) const {
    fill(iter.tensor_base(0), std::numeric_limits<int64_t>::lowest(), std::numeric_limits<int64_t>::max(),
         generator);
  }

 private:
  static void fill(const at::TensorBase& self, int64_t from, int64_t to, const OptionalGenerator& generator) {
    const Draw d = draw(generator, self);
    launch<aclnnInplaceRandomGetWorkspaceSize>(self, from, to, d.seed, d.offset);
  }
};

at::Tensor& uniform_(at::Tensor& self, double from, double to, OptionalGenerator generator) {
  return templates::uniform_impl_<UniformKernel, NPUGeneratorImpl>(self, from, to, std::move(generator));
}

at::Tensor& normal_(at::Tensor& self, double mean, double std, OptionalGenerator generator) {
  return templates::normal_impl_<NormalKernel, NPUGeneratorImpl>(self, mean, std, std::move(generator));
}

// normal.{Tensor_float, float_Tensor, Tensor_Tensor}: the same four lines for three signatures.
template <class Mean, class Std>
at::Tensor normal(Mean mean, Std std, OptionalGenerator generator) {
  return templates::normal_impl<NormalKernel, NPUGeneratorImpl>(mean, std, std::move(generator));
}

template <class Mean, class Std>
at::Tensor& normal_out(Mean mean, Std std, OptionalGenerator generator, at::Tensor& out) {
  return templates::normal_out_impl<NormalKernel, NPUGeneratorImpl>(out, mean, std, std::move(generator));
}

at::Tensor& random_(at::Tensor& self, OptionalGenerator generator) {
  return templates::random_impl<RandomKernel, NPUGeneratorImpl>(self, std::move(generator));
}

at::Tensor& random_from(at::Tensor& self, int64_t from, std::optional<int64_t> to,
                        OptionalGenerator generator) {
  return templates::random_from_to_impl<RandomFromToKernel, NPUGeneratorImpl>(self, from, to,
                                                                              std::move(generator));
}

at::Tensor& random_to(at::Tensor& self, int64_t to, OptionalGenerator generator) {
  return random_from(self, 0, to, std::move(generator));
}

// bernoulli

template <class Rng>
struct BernoulliScalarKernel {
  void operator()(const at::TensorBase& self, double p, const OptionalGenerator& generator) const {
    const Draw d = draw(generator, self);
    launch<aclnnInplaceBernoulliGetWorkspaceSize>(self, p, d.seed, d.offset);
  }
};

template <class Rng>
struct BernoulliTensorKernel {
  void operator()(const at::Tensor& self, const at::Tensor& p, const OptionalGenerator& generator) const {
    TORCH_CHECK(at::isFloatingType(p.scalar_type()),
                "bernoulli: the probabilities must be floating point, but got ", p.scalar_type(), " on ",
                p.device(), ".");
    const c10::MaybeOwned<at::Tensor> expanded = at::expand_inplace(self, p, "bernoulli_");
    const Draw d = draw(generator, self);
    launch<aclnnInplaceBernoulliTensorGetWorkspaceSize>(self, *expanded, d.seed, d.offset);
  }
};

at::Tensor& bernoulli_float(at::Tensor& self, double p, OptionalGenerator generator) {
  return templates::bernoulli_impl_<BernoulliScalarKernel, NPUGeneratorImpl>(self, p, std::move(generator));
}

at::Tensor& bernoulli_tensor(at::Tensor& self, const at::Tensor& p, OptionalGenerator generator) {
  const at::Tensor here =
      p.device() == self.device() ? p : p.to(self.device());  // upstream takes it from anywhere
  return templates::bernoulli_impl_<BernoulliTensorKernel, NPUGeneratorImpl>(self, here,
                                                                             std::move(generator));
}

at::Tensor& bernoulli_out(const at::Tensor& self, OptionalGenerator generator, at::Tensor& out) {
  return templates::bernoulli_out_impl<BernoulliTensorKernel, NPUGeneratorImpl>(out, self,
                                                                                std::move(generator));
}

// Distributions that CANN has no kernel for: a formula over uniform or normal numbers

template <class Rng>
struct ExponentialKernel {
  void operator()(at::TensorIteratorBase& iter, double lambda, const OptionalGenerator& generator) const {
    const at::Tensor& self = iter.tensor(0);
    if (std::isinf(lambda)) {
      self.zero_();
      return;
    }
    at::Tensor u = unit_uniform(self, generator);
    const double eps = u.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                      : std::numeric_limits<float>::epsilon();
    // -log(1 - u), kept off zero: callers take its logarithm or divide by it.
    self.copy_(u.neg_().log1p_().neg_().clamp_min_(eps / 2).div_(lambda));
  }
};

template <class Rng>
struct CauchyKernel {
  void operator()(at::TensorIteratorBase& iter, double median, double sigma,
                  const OptionalGenerator& generator) const {
    const at::Tensor& self = iter.tensor(0);
    at::Tensor u = unit_uniform(self, generator);
    self.copy_(u.sub_(0.5).mul_(std::numbers::pi).tan_().mul_(sigma).add_(median));
  }
};

template <class Rng>
struct LogNormalKernel {
  void operator()(at::TensorIteratorBase& iter, double mean, double std,
                  const OptionalGenerator& generator) const {
    const at::Tensor& self = iter.tensor(0);
    self.normal_(mean, std, generator).exp_();
  }
};

template <class Rng>
struct GeometricKernel {
  void operator()(at::TensorIteratorBase& iter, double p, const OptionalGenerator& generator) const {
    const at::Tensor& self = iter.tensor(0);
    at::Tensor u = unit_uniform(self, generator);
    self.copy_(u.neg_().log1p_().div_(std::log1p(-p)).ceil_().clamp_min_(1));
  }
};

at::Tensor& exponential_(at::Tensor& self, double lambda, OptionalGenerator generator) {
  return templates::exponential_impl_<ExponentialKernel, NPUGeneratorImpl>(self, lambda,
                                                                           std::move(generator));
}

at::Tensor& cauchy_(at::Tensor& self, double median, double sigma, OptionalGenerator generator) {
  return templates::cauchy_impl_<CauchyKernel, NPUGeneratorImpl>(self, median, sigma, std::move(generator));
}

at::Tensor& log_normal_(at::Tensor& self, double mean, double std, OptionalGenerator generator) {
  return templates::log_normal_impl_<LogNormalKernel, NPUGeneratorImpl>(self, mean, std,
                                                                        std::move(generator));
}

at::Tensor& geometric_(at::Tensor& self, double p, OptionalGenerator generator) {
  return templates::geometric_impl_<GeometricKernel, NPUGeneratorImpl>(self, p, std::move(generator));
}

// randperm, multinomial

at::Tensor& randperm_out(int64_t n, OptionalGenerator generator, at::Tensor& out) {
  TORCH_CHECK(n >= 0, "n must be non-negative, got", n);
  at::native::resize_output(out, {n});
  at::assert_no_internal_overlap(out);
  if (n == 0) return out;
  const Draw d = draw(generator, out.device(), n, sizeof(int64_t));
  launch<aclnnRandpermGetWorkspaceSize>(n, d.seed, d.offset, out);
  return out;
}

void check_multinomial(const at::Tensor& self, int64_t samples, bool replacement) {
  constexpr int64_t kMaxCategories = int64_t{1} << 24;  // what a float counts exactly
  TORCH_CHECK(self.dim() > 0 && self.dim() <= 2, "prob_dist must be 1 or 2 dim");
  TORCH_CHECK(at::isFloatingType(self.scalar_type()),
              "multinomial only supports floating-point dtypes for input, got: ", self.scalar_type());
  TORCH_CHECK(samples > 0, "cannot sample n_sample <= 0 samples");
  TORCH_CHECK(replacement || samples <= self.size(-1),
              "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  TORCH_CHECK(self.size(-1) <= kMaxCategories, "number of categories cannot exceed 2^24");
  if (self.numel() == 0) return;
  // A kernel cannot refuse values; waiting for one flag is the price of a clear error.
  const at::Tensor valid = self.ge(0).logical_and_(self.lt(std::numeric_limits<double>::infinity())).all();
  TORCH_CHECK(valid.item<bool>(), "probability tensor contains either `inf`, `nan` or element < 0");
  TORCH_CHECK(self.sum(-1).gt(0).all().item<bool>(),
              "invalid multinomial distribution (sum of probabilities <= 0)");
}

at::Tensor& multinomial_out(const at::Tensor& self, int64_t samples, bool replacement,
                            OptionalGenerator generator, at::Tensor& out) {
  check_multinomial(self, samples, replacement);
  at::DimVector sizes(self.sizes());
  sizes.back() = samples;
  fit_out("multinomial", out, sizes, at::kLong);
  if (out.numel() == 0) return out;
  const Draw d = draw(generator, self.device(), std::max(self.numel(), out.numel()), sizeof(int64_t));
  launch<aclnnMultinomialGetWorkspaceSize>(self, samples, replacement, d.seed, d.offset, out);
  return out;
}

at::Tensor multinomial(const at::Tensor& self, int64_t samples, bool replacement,
                       OptionalGenerator generator) {
  at::Tensor out = empty({0}, at::kLong, self.device());
  return multinomial_out(self, samples, replacement, std::move(generator), out);
}

// dropout

// The mask is upstream's, one bool per element, so that a traced graph and this kernel agree on its shape.
at::Tensor masked_scale(const at::Tensor& self, const at::Tensor& mask, double scale) {
  const at::ScalarType type = self.scalar_type();
  if (type != at::kFloat && type != at::kHalf && type != at::kBFloat16) return self.mul(mask).mul_(scale);
  at::Tensor out = at::empty_like(self);
  if (out.numel() != 0) launch<aclnnMaskedScaleGetWorkspaceSize>(self, mask, static_cast<float>(scale), out);
  return out;
}

std::tuple<at::Tensor, at::Tensor> native_dropout(const at::Tensor& input, double p,
                                                  std::optional<bool> train) {
  if (!train.value_or(true) || input.numel() == 0) {
    return {input.clone(), at::ones_like(input, input.options().dtype(at::kBool))};
  }
  TORCH_CHECK(p >= 0 && p <= 1, "dropout probability has to be between 0 and 1, but got ", p);
  at::Tensor mask = at::empty_like(input, input.options().dtype(at::kBool)).bernoulli_(1 - p);
  return {masked_scale(input, mask, p == 1 ? 0 : 1 / (1 - p)), mask};
}

at::Tensor native_dropout_backward(const at::Tensor& grad, const at::Tensor& mask, double scale) {
  TORCH_CHECK(mask.scalar_type() == at::kBool, "Mask should be Bool Scalar Type, but got ",
              mask.scalar_type());
  return masked_scale(grad, mask, scale);
}

// rrelu: the slope of every negative element is drawn

at::Tensor& rrelu_out(const at::Tensor& self, at::Tensor& noise, const at::Scalar& lower,
                      const at::Scalar& upper, bool training, OptionalGenerator generator, at::Tensor& out) {
  TORCH_CHECK(self.sym_sizes() == noise.sym_sizes() || !training,
              "noise tensor shape must match self tensor shape. Got self.shape = ", self.sizes(),
              " noise.shape = ", noise.sizes());
  at::native::resize_output(out, self.sizes());
  if (out.numel() == 0) return out;
  const Draw d = training ? draw(generator, self) : Draw{0, 0};
  launch<aclnnRReluWithNoiseGetWorkspaceSize>(self, noise, lower, upper, training, d.seed, d.offset, out);
  return out;
}

at::Tensor rrelu(const at::Tensor& self, at::Tensor& noise, const at::Scalar& lower, const at::Scalar& upper,
                 bool training, OptionalGenerator generator) {
  at::Tensor out = at::empty_like(self);
  return rrelu_out(self, noise, lower, upper, training, std::move(generator), out);
}

at::Tensor& rrelu_(at::Tensor& self, at::Tensor& noise, const at::Scalar& lower, const at::Scalar& upper,
                   bool training, OptionalGenerator generator) {
  return rrelu_out(self, noise, lower, upper, training, std::move(generator), self);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind_kernel<&uniform_>(m, "uniform_");
  bind_kernel<&normal_>(m, "normal_");
  bind_kernel<&normal<const at::Tensor&, double>>(m, "normal.Tensor_float");
  bind_kernel<&normal<double, const at::Tensor&>>(m, "normal.float_Tensor");
  bind_kernel<&normal<const at::Tensor&, const at::Tensor&>>(m, "normal.Tensor_Tensor");
  bind_kernel<&normal_out<const at::Tensor&, double>>(m, "normal.Tensor_float_out");
  bind_kernel<&normal_out<double, const at::Tensor&>>(m, "normal.float_Tensor_out");
  bind_kernel<&normal_out<const at::Tensor&, const at::Tensor&>>(m, "normal.Tensor_Tensor_out");
  bind_kernel<&random_>(m, "random_");
  bind_kernel<&random_from>(m, "random_.from");
  bind_kernel<&random_to>(m, "random_.to");
  bind_kernel<&bernoulli_float>(m, "bernoulli_.float");
  bind_kernel<&bernoulli_tensor>(m, "bernoulli_.Tensor");
  bind_kernel<&bernoulli_out>(m, "bernoulli.out");
  bind_kernel<&exponential_>(m, "exponential_");
  bind_kernel<&cauchy_>(m, "cauchy_");
  bind_kernel<&log_normal_>(m, "log_normal_");
  bind_kernel<&geometric_>(m, "geometric_");
  bind_kernel<&randperm_out>(m, "randperm.generator_out");
  bind_kernel<&multinomial>(m, "multinomial");
  bind_kernel<&multinomial_out>(m, "multinomial.out");
  bind_kernel<&native_dropout>(m, "native_dropout");
  bind_kernel<&native_dropout_backward>(m, "native_dropout_backward");
  bind_kernel<&rrelu>(m, "rrelu_with_noise");
  bind_kernel<&rrelu_>(m, "rrelu_with_noise_");
  bind_kernel<&rrelu_out>(m, "rrelu_with_noise.out");
}

}  // namespace npu
