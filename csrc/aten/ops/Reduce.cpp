// Sums, extrema, norms and everything else that makes dimensions disappear.
#include <ATen/ATen.h>
#include <ATen/WrapDimUtilsMulti.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

using OptionalType = std::optional<at::ScalarType>;

struct Sum : Row<at::meta::structured_sum_dim_IntList, 1> {
  static void run(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim, OptionalType,
                  const at::Tensor& out) {
    launch<aclnnReduceSumGetWorkspaceSize>(self, dims_or_all(dim, self.dim()), keepdim, out.scalar_type(),
                                           out);
  }
};

struct Mean : Row<at::meta::structured_mean_dim, 1> {
  static void run(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim, OptionalType,
                  const at::Tensor& out) {
    launch<aclnnMeanGetWorkspaceSize>(self, dims_or_all(dim, self.dim()), keepdim, out.scalar_type(), out);
  }
};

struct ProdDim : Row<at::meta::structured_prod_dim_int, 1> {
  static void run(const at::Tensor& self, int64_t dim, bool keepdim, OptionalType, const at::Tensor& out) {
    launch<aclnnProdDimGetWorkspaceSize>(self, dim, keepdim, out.scalar_type(), out);
  }
};

// Extrema over any dimensions: amax and amin.
template <class Meta, auto kOp>
struct Extremum : Row<Meta, 1> {
  static void run(const at::Tensor& self, at::IntArrayRef dim, bool keepdim, const at::Tensor& out) {
    launch<kOp>(self, dims_or_all(dim, self.dim()), keepdim, out);
  }
};
using Amax = Extremum<at::meta::structured_amax, &aclnnAmaxGetWorkspaceSize>;
using Amin = Extremum<at::meta::structured_amin, &aclnnAminGetWorkspaceSize>;

NPU_OP(MaxDim, structured_max_dim, 2, aclnnMaxDim);
NPU_OP(MinDim, structured_min_dim, 2, aclnnMinDim);

// Position of an extremum: over one dimension, or in the flattened tensor, where keepdim only shapes the
// result.
template <class Meta, auto kOp>
struct ArgExtremum : Row<Meta, 1> {
  static void run(const at::Tensor& self, std::optional<int64_t> dim, bool keepdim, const at::Tensor& out) {
    if (dim.has_value()) {
      launch<kOp>(self, *dim, keepdim, out);
    } else {
      launch<kOp>(self.reshape(-1), int64_t{0}, false, out.as_strided({}, {}));
    }
  }
};
using ArgMax = ArgExtremum<at::meta::structured_argmax, &aclnnArgMaxGetWorkspaceSize>;
using ArgMin = ArgExtremum<at::meta::structured_argmin, &aclnnArgMinGetWorkspaceSize>;

struct Aminmax : Row<at::meta::structured_aminmax, 2> {
  static void run(const at::Tensor& self, std::optional<int64_t> dim, bool keepdim, const at::Tensor& min,
                  const at::Tensor& max) {
    const at::DimVector dims = dim ? at::DimVector{*dim} : all_dims(self.dim());
    launch<aclnnAminmaxGetWorkspaceSize>(self, dims, keepdim, min, max);
  }
};

// all and any: three signatures over one operator each.
template <auto kOp>
void all_or_any(const at::Tensor& self, at::IntArrayRef dims, bool keepdim, const at::Tensor& out) {
  launch<kOp>(self, dims, keepdim, out);
}

template <class Meta, auto kOp>
struct OverAll : Row<Meta, 1> {
  static void run(const at::Tensor& self, const at::Tensor& out) {
    launch<kOp>(self, all_dims(self.dim()), false, out);
  }
};

template <class Meta, auto kOp>
struct OverDim : Row<Meta, 1> {
  static void run(const at::Tensor& self, int64_t dim, bool keepdim, const at::Tensor& out) {
    launch<kOp>(self, at::DimVector{dim}, keepdim, out);
  }
};

template <class Meta, auto kOp>
struct OverDims : Row<Meta, 1> {
  static void run(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim, const at::Tensor& out) {
    if (dim.has_value() && dim->empty()) {  // reduces nothing here, unlike elsewhere
      out.copy_(self);
    } else {
      launch<kOp>(self, dims_or_all(dim, self.dim()), keepdim, out);
    }
  }
};

using All = OverAll<at::meta::structured_all, &aclnnAllGetWorkspaceSize>;
using AllDim = OverDim<at::meta::structured_all_dim, &aclnnAllGetWorkspaceSize>;
using AllDims = OverDims<at::meta::structured_all_dims, &aclnnAllGetWorkspaceSize>;
using Any = OverAll<at::meta::structured_any, &aclnnAnyGetWorkspaceSize>;
using AnyDim = OverDim<at::meta::structured_any_dim, &aclnnAnyGetWorkspaceSize>;
using AnyDims = OverDims<at::meta::structured_any_dims, &aclnnAnyGetWorkspaceSize>;

struct Cumsum : Row<at::meta::structured_cumsum, 1> {
  static void run(const at::Tensor& self, int64_t dim, OptionalType, const at::Tensor& out) {
    launch<aclnnCumsumGetWorkspaceSize>(self, dim, out.scalar_type(), out);
  }
};

struct Cumprod : Row<at::meta::structured_cumprod, 1> {
  static void run(const at::Tensor& self, int64_t dim, OptionalType, const at::Tensor& out) {
    launch<aclnnCumprodGetWorkspaceSize>(self, dim, out.scalar_type(), out);
  }
};

struct VectorNorm : Row<at::meta::structured_linalg_vector_norm, 1> {
  static void run(const at::Tensor& self, const at::Scalar& ord, at::OptionalIntArrayRef dim, bool keepdim,
                  OptionalType type, const at::Tensor& out) {
    // The norm is taken in `type`, which for complex input is real.
    const at::ScalarType accumulate = type.value_or(self.scalar_type());
    launch<aclnnLinalgVectorNormGetWorkspaceSize>(self, ord, dims_or_all(dim, self.dim()), keepdim,
                                                  accumulate, out);
  }
};

// norm is an older name of the same thing, with its exponent optional.
struct Norm : Row<at::meta::structured_norm_ScalarOpt_dim, 1> {
  static void run(const at::Tensor& self, const std::optional<at::Scalar>& p, at::IntArrayRef dim,
                  bool keepdim, const at::Tensor& out) {
    launch<aclnnLinalgVectorNormGetWorkspaceSize>(self, p.value_or(2), dims_or_all(dim, self.dim()), keepdim,
                                                  self.scalar_type(), out);
  }
};

struct NormDtype : Row<at::meta::structured_norm_ScalarOpt_dim_dtype, 1> {
  static void run(const at::Tensor& self, const std::optional<at::Scalar>& p, at::IntArrayRef dim,
                  bool keepdim, at::ScalarType type, const at::Tensor& out) {
    launch<aclnnLinalgVectorNormGetWorkspaceSize>(self, p.value_or(2), dims_or_all(dim, self.dim()), keepdim,
                                                  type, out);
  }
};

// Extremum and product of everything

void check_extremum(const char* op, const at::Tensor& self) {
  TORCH_CHECK(self.numel() > 0, op, "(): Expected reduction dim to be specified for input.numel() == 0. ",
              "Specify the reduction dim with the 'dim' argument.");
  TORCH_CHECK(!self.is_complex(), op, "(): does not support complex input on ", self.device(), ".");
}

at::Tensor& max_out(const at::Tensor& self, at::Tensor& out) {
  check_extremum("max", self);
  fit_out("max", out, {}, self.scalar_type());
  launch<aclnnMaxGetWorkspaceSize>(self, out);
  return out;
}

at::Tensor max(const at::Tensor& self) {
  at::Tensor out = empty({}, self);
  return max_out(self, out);
}

at::Tensor& min_out(const at::Tensor& self, at::Tensor& out) {
  check_extremum("min", self);
  fit_out("min", out, {}, self.scalar_type());
  launch<aclnnMinGetWorkspaceSize>(self, out);
  return out;
}

at::Tensor min(const at::Tensor& self) {
  at::Tensor out = empty({}, self);
  return min_out(self, out);
}

at::ScalarType sum_type(const at::Tensor& self, OptionalType type) {
  return type.value_or(at::isIntegralType(self.scalar_type(), true) ? at::kLong : self.scalar_type());
}

at::Tensor prod(const at::Tensor& self, OptionalType type) {
  const at::ScalarType result = sum_type(self, type);
  at::Tensor out = empty({}, result, self.device());
  launch<aclnnProdGetWorkspaceSize>(self, result, out);
  return out;
}

// Sums that skip or count

at::DimVector reduced_sizes(const at::Tensor& self, at::IntArrayRef dims, bool keepdim) {
  const auto mask = at::dim_list_to_bitset(dims, static_cast<size_t>(self.dim()));
  at::DimVector sizes;
  for (int64_t i = 0; i < self.dim(); ++i) {
    if (!mask[i]) {
      sizes.push_back(self.size(i));
    } else if (keepdim) {
      sizes.push_back(1);
    }
  }
  return sizes;
}

at::Tensor& nansum_out(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim, OptionalType type,
                       at::Tensor& out) {
  TORCH_CHECK(!self.is_complex(), "nansum does not support complex inputs");
  if (at::isIntegralType(self.scalar_type(), true)) return at::sum_out(out, self, dim, keepdim, type);
  const at::DimVector dims = dims_or_all(dim, self.dim());
  fit_out("nansum", out, reduced_sizes(self, dims, keepdim), type.value_or(self.scalar_type()));
  if (out.numel() != 0)
    launch<aclnnReduceNansumGetWorkspaceSize>(self, dims, keepdim, out.scalar_type(), out);
  return out;
}

at::Tensor nansum(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim, OptionalType type) {
  at::Tensor out = empty({0}, sum_type(self, type), self.device());
  return nansum_out(self, dim, keepdim, type, out);
}

at::Tensor count_nonzero(const at::Tensor& self, at::IntArrayRef dim) {
  return self.ne(0).sum(dims_or_all(dim, self.dim()));
}

// Variance and standard deviation

struct Spread {
  at::DimVector dims;
  at::DimVector sizes;
  double correction;
  // The kernels take a whole correction; a fraction becomes a factor on the uncorrected variance.
  bool whole() const { return correction == std::floor(correction); }
  int64_t kernel_correction() const { return whole() ? static_cast<int64_t>(correction) : 0; }
};

Spread check_spread(const char* op, const at::Tensor& self, at::OptionalIntArrayRef dim,
                    const std::optional<at::Scalar>& correction, bool keepdim) {
  TORCH_CHECK(at::isFloatingType(self.scalar_type()) || self.is_complex(), op,
              " only support floating point and complex dtypes");
  Spread spread{dims_or_all(dim, self.dim()), {}, correction.value_or(1).toDouble()};
  spread.sizes = reduced_sizes(self, spread.dims, keepdim);
  int64_t results = 1;
  for (const int64_t size : spread.sizes) results *= size;
  if (results != 0 && static_cast<double>(self.numel() / results) - spread.correction <= 0) {
    TORCH_WARN(op,
               "(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
               "(input numel divided by output numel).");
  }
  return spread;
}

// Scales the uncorrected variance in `var` by n / max(0, n - correction).
void apply_fraction(const at::Tensor& self, const Spread& spread, at::Tensor& var) {
  if (spread.whole() || var.numel() == 0) return;
  const double count = static_cast<double>(self.numel()) / static_cast<double>(var.numel());
  var.mul_(count / std::max(0.0, count - spread.correction));
}

at::Tensor& var_out(const at::Tensor& self, at::OptionalIntArrayRef dim,
                    const std::optional<at::Scalar>& correction, bool keepdim, at::Tensor& out) {
  const Spread spread = check_spread("var", self, dim, correction, keepdim);
  fit_out("var", out, spread.sizes, c10::toRealValueType(self.scalar_type()));
  if (out.numel() == 0) return out;
  if (self.is_complex()) {
    return out.copy_(at::var(at::real(self), dim, correction, keepdim) +
                     at::var(at::imag(self), dim, correction, keepdim));
  }
  launch<aclnnVarCorrectionGetWorkspaceSize>(self, spread.dims, spread.kernel_correction(), keepdim, out);
  apply_fraction(self, spread, out);
  return out;
}

at::Tensor real_empty(const at::Tensor& self) {
  return empty({0}, c10::toRealValueType(self.scalar_type()), self.device());
}

at::Tensor var(const at::Tensor& self, at::OptionalIntArrayRef dim,
               const std::optional<at::Scalar>& correction, bool keepdim) {
  at::Tensor out = real_empty(self);
  return var_out(self, dim, correction, keepdim, out);
}

at::Tensor& std_out(const at::Tensor& self, at::OptionalIntArrayRef dim,
                    const std::optional<at::Scalar>& correction, bool keepdim, at::Tensor& out) {
  const Spread spread = check_spread("std", self, dim, correction, keepdim);
  fit_out("std", out, spread.sizes, c10::toRealValueType(self.scalar_type()));
  if (out.numel() == 0) return out;
  if (self.is_complex() || !spread.whole()) return out.copy_(at::var(self, dim, correction, keepdim).sqrt_());
  launch<aclnnStdGetWorkspaceSize>(self, spread.dims, spread.kernel_correction(), keepdim, out);
  return out;
}

at::Tensor std_correction(const at::Tensor& self, at::OptionalIntArrayRef dim,
                          const std::optional<at::Scalar>& correction, bool keepdim) {
  at::Tensor out = real_empty(self);
  return std_out(self, dim, correction, keepdim, out);
}

std::tuple<at::Tensor, at::Tensor> var_mean(const at::Tensor& self, at::OptionalIntArrayRef dim,
                                            const std::optional<at::Scalar>& correction, bool keepdim) {
  const Spread spread = check_spread("var_mean", self, dim, correction, keepdim);
  if (self.is_complex()) return {at::var(self, dim, correction, keepdim), at::mean(self, dim, keepdim)};
  at::Tensor variance = empty(spread.sizes, self);
  at::Tensor mean = empty(spread.sizes, self);
  if (mean.numel() == 0) return {variance, mean};
  launch<aclnnVarMeanGetWorkspaceSize>(self, spread.dims, spread.kernel_correction(), keepdim, variance,
                                       mean);
  apply_fraction(self, spread, variance);
  return {variance, mean};
}

std::tuple<at::Tensor, at::Tensor> std_mean(const at::Tensor& self, at::OptionalIntArrayRef dim,
                                            const std::optional<at::Scalar>& correction, bool keepdim) {
  const Spread spread = check_spread("std_mean", self, dim, correction, keepdim);
  if (self.is_complex() || !spread.whole()) {
    auto [variance, mean] = at::var_mean(self, dim, correction, keepdim);
    return {variance.sqrt_(), mean};
  }
  at::Tensor deviation = empty(spread.sizes, self);
  at::Tensor mean = empty(spread.sizes, self);
  if (mean.numel() == 0) return {deviation, mean};
  launch<aclnnStdMeanCorrectionGetWorkspaceSize>(self, spread.dims, spread.kernel_correction(), keepdim,
                                                 deviation, mean);
  return {deviation, mean};
}

// One answer for two tensors: on the host, so it waits.
bool equal_tensors(const at::Tensor& self, const at::Tensor& other) {
  TORCH_CHECK(self.device() == other.device(),
              "Cannot compare two tensors on different devices. Got: ", self.device(), " and ",
              other.device());
  if (self.sizes() != other.sizes()) return false;
  if (self.numel() == 0) return true;
  const at::ScalarType type = at::result_type(self, other);
  const at::Tensor out = empty({}, at::kBool, self.device());
  launch<aclnnEqualGetWorkspaceSize>(self.to(type), other.to(type), out);
  return out.item<bool>();
}

// Running extrema; the caller has made both results.
template <auto kOp>
void running_extremum(const at::Tensor& self, at::Tensor& values, at::Tensor& indices, int64_t dim) {
  if (self.numel() != 0) launch<kOp>(self, dim, values, indices);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Sum>(m, "sum.dim_IntList", nullptr, "sum.IntList_out");
  bind<Mean>(m, "mean.dim", nullptr, "mean.out");
  bind<ProdDim>(m, nullptr, nullptr, "prod.int_out");
  bind<Amax>(m, nullptr, nullptr, "amax.out");
  bind<Amin>(m, nullptr, nullptr, "amin.out");
  bind<MaxDim>(m, "max.dim", nullptr, "max.dim_max");
  bind<MinDim>(m, nullptr, nullptr, "min.dim_min");
  bind<ArgMax>(m, nullptr, nullptr, "argmax.out");
  bind<ArgMin>(m, nullptr, nullptr, "argmin.out");
  bind<Aminmax>(m, nullptr, nullptr, "aminmax.out");
  bind<All>(m, nullptr, nullptr, "all.all_out");
  bind<AllDim>(m, nullptr, nullptr, "all.out");
  bind<AllDims>(m, nullptr, nullptr, "all.dims_out");
  bind<Any>(m, nullptr, nullptr, "any.all_out");
  bind<AnyDim>(m, nullptr, nullptr, "any.out");
  bind<AnyDims>(m, nullptr, nullptr, "any.dims_out");
  bind<Cumsum>(m, nullptr, nullptr, "cumsum.out");
  bind<Cumprod>(m, nullptr, nullptr, "cumprod.out");
  bind<VectorNorm>(m, nullptr, nullptr, "linalg_vector_norm.out");
  bind<Norm>(m, nullptr, nullptr, "norm.out");
  bind<NormDtype>(m, nullptr, nullptr, "norm.dtype_out");
  bind_kernel<&max>(m, "max");
  bind_kernel<&max_out>(m, "max.unary_out");
  bind_kernel<&min>(m, "min");
  bind_kernel<&min_out>(m, "min.unary_out");
  bind_kernel<&prod>(m, "prod");
  bind_kernel<&nansum>(m, "nansum");
  bind_kernel<&nansum_out>(m, "nansum.out");
  bind_kernel<&count_nonzero>(m, "count_nonzero.dim_IntList");
  bind_kernel<&var>(m, "var.correction");
  bind_kernel<&var_out>(m, "var.correction_out");
  bind_kernel<&std_correction>(m, "std.correction");
  bind_kernel<&std_out>(m, "std.correction_out");
  bind_kernel<&var_mean>(m, "var_mean.correction");
  bind_kernel<&std_mean>(m, "std_mean.correction");
  bind_kernel<&equal_tensors>(m, "equal");
  bind_kernel<&running_extremum<&aclnnCummaxGetWorkspaceSize>>(m, "_cummax_helper");
  bind_kernel<&running_extremum<&aclnnCumminGetWorkspaceSize>>(m, "_cummin_helper");
}

}  // namespace npu
