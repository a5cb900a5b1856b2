// Matrix products and what is solved with them.
//
// cubeMathType is 0 (KEEP_DTYPE) everywhere: products are computed in the dtype of the operands, float32 as
// float32, as a PyTorch user expects of torch.backends without a TF32 switch.
#include <vector>

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <torch/library.h>

#include "csrc/aten/Structured.h"
#include "csrc/aten/ops/Support.h"

namespace npu {
namespace {

constexpr int8_t kKeepDtype = 0;

// The meta functions of products check shapes only.
void same_dtype(const char* op, const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), op,
              ": expected m1 and m2 to have the same dtype, but got: ", a.scalar_type(),
              " != ", b.scalar_type(), " on ", a.device(), ".");
}

// Upstream hands these products lazily conjugated operands as they are, since its own kernels read the bit;
// CANN's do not.
at::Tensor plain(const at::Tensor& tensor) {
  return tensor.resolve_conj();
}

const at::Tensor& plain_out(const at::Tensor& out) {
  TORCH_CHECK(!out.is_conj(), "a product cannot be written into a conjugated view on ", out.device(),
              "; call resolve_conj() first.");
  return out;
}

struct Mm : Row<at::meta::structured_mm, 1> {
  static void run(const at::Tensor& self, const at::Tensor& mat2, const at::Tensor& out) {
    same_dtype("mm", self, mat2);
    launch<aclnnMmGetWorkspaceSize>(plain(self), plain(mat2), plain_out(out), kKeepDtype);
  }
};

struct Bmm : Row<at::meta::structured_bmm, 1> {
  static void run(const at::Tensor& self, const at::Tensor& mat2, const at::Tensor& out) {
    same_dtype("bmm", self, mat2);
    launch<aclnnBatchMatMulGetWorkspaceSize>(plain(self), plain(mat2), plain_out(out), kKeepDtype);
  }
};

struct Addmm : Row<at::meta::structured_addmm, 1> {
  static void run(const at::Tensor& self, const at::Tensor& mat1, const at::Tensor& mat2,
                  const at::Scalar& beta, const at::Scalar& alpha, const at::Tensor& out) {
    same_dtype("addmm", mat1, mat2);
    same_dtype("addmm", self, mat1);
    launch<aclnnAddmmGetWorkspaceSize>(plain(self), plain(mat1), plain(mat2), beta, alpha, plain_out(out),
                                       kKeepDtype);
  }
};

struct Baddbmm : Row<at::meta::structured_baddbmm, 1> {
  static void run(const at::Tensor& self, const at::Tensor& batch1, const at::Tensor& batch2,
                  const at::Scalar& beta, const at::Scalar& alpha, const at::Tensor& out) {
    same_dtype("baddbmm", batch1, batch2);
    same_dtype("baddbmm", self, batch1);
    launch<aclnnBaddbmmGetWorkspaceSize>(plain(self), plain(batch1), plain(batch2), beta, alpha,
                                         plain_out(out), kKeepDtype);
  }
};

struct Addmv : Row<at::meta::structured_addmv, 1> {
  static void run(const at::Tensor& self, const at::Tensor& mat, const at::Tensor& vec,
                  const at::Scalar& beta, const at::Scalar& alpha, const at::Tensor& out) {
    same_dtype("addmv", mat, vec);
    launch<aclnnAddmvGetWorkspaceSize>(self, mat, vec, alpha, beta, out, kKeepDtype);
  }
};

struct AddmmActivation : Row<at::meta::structured__addmm_activation, 1> {
  static void run(const at::Tensor& self, const at::Tensor& mat1, const at::Tensor& mat2,
                  const at::Scalar& beta, const at::Scalar& alpha, bool use_gelu, const at::Tensor& out) {
    same_dtype("_addmm_activation", mat1, mat2);
    launch<aclnnAddmmGetWorkspaceSize>(self, mat1, mat2, beta, alpha, out, kKeepDtype);
    at::Tensor result = out;
    use_gelu ? at::gelu_(result) : at::relu_(result);
  }
};

NPU_OP(LinalgCross, structured_linalg_cross, 1, aclnnLinalgCross);
NPU_OP(Renorm, structured_renorm, 1, aclnnRenorm);
NPU_OP(Tril, structured_tril, 1, aclnnTril);
NPU_OP(Triu, structured_triu, 1, aclnnTriu);

struct Qr : Row<at::meta::structured_linalg_qr, 2> {
  static void run(const at::Tensor& self, c10::string_view mode, const at::Tensor& q, const at::Tensor& r) {
    const int64_t number = mode == "reduced" ? 0 : mode == "complete" ? 1 : 2;
    launch<aclnnLinalgQrGetWorkspaceSize>(self, number, q, r);
  }
};

// Products of vectors

void check_dot(const char* op, const at::Tensor& self, const at::Tensor& other) {
  TORCH_CHECK(self.dim() == 1 && other.dim() == 1, "1D tensors expected, but got ", self.dim(), "D and ",
              other.dim(), "D tensors");
  TORCH_CHECK(self.scalar_type() == other.scalar_type(), op,
              " : expected both vectors to have same dtype, but found ", self.scalar_type(), " and ",
              other.scalar_type(), " on ", self.device(), ".");
  TORCH_CHECK(self.numel() == other.numel(), "inconsistent tensor size, expected tensor [", self.numel(),
              "] and src [", other.numel(), "] to have the same number of elements, but got ", self.numel(),
              " and ", other.numel(), " elements respectively");
}

at::Tensor dot_vectors(const at::Tensor& self, const at::Tensor& other) {
  check_dot("dot", self, other);
  at::Tensor out = empty({}, self);
  launch<aclnnDotGetWorkspaceSize>(plain(self), plain(other), out);
  return out;
}

at::Tensor vdot_vectors(const at::Tensor& self, const at::Tensor& other) {
  check_dot("vdot", self, other);
  return dot_vectors(self.is_complex() ? self.conj() : self, other);
}

at::Tensor& addbmm_out(const at::Tensor& self, const at::Tensor& batch1, const at::Tensor& batch2,
                       const at::Scalar& beta, const at::Scalar& alpha, at::Tensor& out) {
  TORCH_CHECK(batch1.dim() == 3, "batch1 must be a 3D tensor");
  TORCH_CHECK(batch2.dim() == 3, "batch2 must be a 3D tensor");
  TORCH_CHECK(batch1.size(0) == batch2.size(0), "batch1 and batch2 must have same number of batches, got ",
              batch1.size(0), " and ", batch2.size(0));
  TORCH_CHECK(batch1.size(2) == batch2.size(1), "Incompatible matrix sizes for bmm (", batch1.size(1), "x",
              batch1.size(2), " and ", batch2.size(1), "x", batch2.size(2), ")");
  same_dtype("addbmm", batch1, batch2);
  same_dtype("addbmm", self, batch1);
  const c10::MaybeOwned<at::Tensor> addend =
      at::expand_size(self, {batch1.size(1), batch2.size(2)}, "addbmm");
  if (!out.is_same(self)) fit_out("addbmm", out, addend->sizes(), self.scalar_type());
  if (out.numel() == 0) return out;
  if (batch1.size(0) == 0 || batch1.size(2) == 0) {  // an empty sum: only the addend is left
    return beta.equal(0) ? out.zero_() : out.copy_(addend->mul(beta));
  }
  launch<aclnnAddbmmGetWorkspaceSize>(*addend, batch1, batch2, beta, alpha, out, kKeepDtype);
  return out;
}

at::Tensor addbmm(const at::Tensor& self, const at::Tensor& batch1, const at::Tensor& batch2,
                  const at::Scalar& beta, const at::Scalar& alpha) {
  at::Tensor out = empty({0}, self);
  return addbmm_out(self, batch1, batch2, beta, alpha, out);
}

at::Tensor& addbmm_(at::Tensor& self, const at::Tensor& batch1, const at::Tensor& batch2,
                    const at::Scalar& beta, const at::Scalar& alpha) {
  return addbmm_out(self, batch1, batch2, beta, alpha, self);
}

at::Tensor trace(const at::Tensor& self) {
  TORCH_CHECK(self.dim() == 2, "trace: expected a matrix, but got tensor with dim ", self.dim());
  const at::ScalarType type = at::isIntegralType(self.scalar_type(), true) ? at::kLong : self.scalar_type();
  at::Tensor out = empty({}, type, self.device());
  if (self.numel() == 0) return out.zero_();
  launch<aclnnTraceGetWorkspaceSize>(self, out);
  return out;
}

// Distances of rows; upstream has brought both operands to one batch shape.
at::Tensor cdist(const at::Tensor& x1, const at::Tensor& x2, double p, std::optional<int64_t> mode) {
  same_dtype("cdist", x1, x2);
  at::DimVector sizes =
      at::infer_size_dimvector(x1.sizes().slice(0, x1.dim() - 2), x2.sizes().slice(0, x2.dim() - 2));
  sizes.push_back(x1.size(-2));
  sizes.push_back(x2.size(-2));
  at::Tensor out = empty(sizes, x1);
  if (out.numel() == 0) return out;
  if (x1.size(-1) == 0) return out.zero_();
  launch<aclnnCdistGetWorkspaceSize>(x1, x2, static_cast<float>(p), mode.value_or(0), out);
  return out;
}

at::Tensor cdist_backward(const at::Tensor& grad, const at::Tensor& x1, const at::Tensor& x2, double p,
                          const at::Tensor& distances) {
  const at::DimVector batch =
      at::infer_size_dimvector(x1.sizes().slice(0, x1.dim() - 2), x2.sizes().slice(0, x2.dim() - 2));
  const auto in_batch = [&](const at::Tensor& points) {
    std::vector<int64_t> sizes(batch.begin(), batch.end());
    sizes.push_back(points.size(-2));
    sizes.push_back(points.size(-1));
    return points.expand(sizes);
  };
  const at::Tensor first = in_batch(x1);
  at::Tensor out = empty(first.sizes(), x1);
  if (out.numel() == 0) return out;
  if (grad.numel() == 0) return out.zero_();
  launch<aclnnCdistBackwardGetWorkspaceSize>(grad, first, in_batch(x2), distances, static_cast<float>(p),
                                             out);
  return out;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  bind<Mm>(m, "mm", nullptr, "mm.out");
  bind<Bmm>(m, "bmm", nullptr, "bmm.out");
  bind<Addmm>(m, "addmm", "addmm_", "addmm.out");
  bind<Baddbmm>(m, "baddbmm", "baddbmm_", "baddbmm.out");
  bind<Addmv>(m, nullptr, nullptr, "addmv.out");
  bind<AddmmActivation>(m, nullptr, nullptr, "_addmm_activation.out");
  bind<LinalgCross>(m, nullptr, nullptr, "linalg_cross.out");
  bind<Renorm>(m, nullptr, nullptr, "renorm.out");
  bind<Tril>(m, nullptr, nullptr, "tril.out");
  bind<Triu>(m, nullptr, nullptr, "triu.out");
  bind<Qr>(m, nullptr, nullptr, "linalg_qr.out");
  bind_kernel<&dot_vectors>(m, "dot");
  bind_kernel<&vdot_vectors>(m, "vdot");
  bind_kernel<&addbmm>(m, "addbmm");
  bind_kernel<&addbmm_>(m, "addbmm_");
  bind_kernel<&addbmm_out>(m, "addbmm.out");
  bind_kernel<&cdist>(m, "_cdist_forward");
  bind_kernel<&cdist_backward>(m, "_cdist_backward");
  bind_kernel<&trace>(m, "trace");
}

}  // namespace npu
