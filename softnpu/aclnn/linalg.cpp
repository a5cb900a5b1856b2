// Products of matrices and vectors, and what is solved with them. cubeMathType chooses how hardware rounds
// float32 products; here they are exact to float32.
#include <ATen/ExpandUtils.h>

#include <ATen/ops/_cdist_backward.h>
#include <ATen/ops/addbmm.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/addmv.h>
#include <ATen/ops/addr.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/cdist.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/embedding_renorm.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_inv.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/renorm.h>
#include <ATen/ops/slogdet.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/threads.h"

using namespace softnpu;

namespace {

// The product by the rules of torch.matmul: a vector is a row on the left and a column on the right, batches
// broadcast. What ATen does with meta tensors is not enough here.
void matmul(In self, In mat2, Out out) {
  if (!checking()) return (void)at::matmul_out(out, self, mat2);
  TORCH_CHECK(self.dim() > 0 && mat2.dim() > 0, "self and mat2 must have one dimension or more");
  const int64_t rows = mat2.dim() == 1 ? mat2.size(0) : mat2.size(-2);
  TORCH_CHECK(self.size(-1) == rows, "self ends in ", self.size(-1), " columns but mat2 has ", rows, " rows");
  const int64_t left = std::max<int64_t>(self.dim() - 2, 0), right = std::max<int64_t>(mat2.dim() - 2, 0);
  auto shape = at::infer_size(self.sizes().slice(0, static_cast<size_t>(left)),
                              mat2.sizes().slice(0, static_cast<size_t>(right)));
  if (self.dim() > 1) shape.push_back(self.size(-2));
  if (mat2.dim() > 1) shape.push_back(mat2.size(-1));
  expect(out, shape, self.scalar_type());
}

// beta and alpha must be numbers of the data type, or of the one that ATen computes in: it is asked with
// ones.
template <class Product>
void check_factors(In out, Product product) {
  if (!checking()) return;
  const at::Tensor vector = at::ones({2}, at::TensorOptions().dtype(out.scalar_type()));
  const at::Tensor matrix = vector.repeat({2, 1});
  product(vector, matrix, matrix.unsqueeze(0));
}

}  // namespace

SOFT_OP(aclnnMm, Product, (In self, In mat2, Out out, int8_t), aten::mm_out(out, self, mat2))
SOFT_OP(aclnnMatmul, Product, (In self, In mat2, Out out, int8_t), matmul(self, mat2, out))
SOFT_OP(aclnnMatmulWeightNz, Product, (In self, In mat2, Out out, int8_t), matmul(self, mat2, out))
SOFT_OP(aclnnBatchMatMul, Product, (In self, In mat2, Out out, int8_t), {
  if (self.dim() == 3 && mat2.dim() == 3 && self.size(0) == mat2.size(0)) {
    aten::bmm_out(out, self, mat2);
  } else {
    matmul(self, mat2, out);
  }
})
SOFT_OP(aclnnBatchMatMulWeightNz, Product, (In self, In mat2, Out out, int8_t), matmul(self, mat2, out))
SOFT_OP(aclnnAddmm, Product, (In self, In mat1, In mat2, Number beta, Number alpha, Out out, int8_t), {
  check_factors(out, [&](In, In matrix, In) { (void)at::addmm(matrix, matrix, matrix, beta, alpha); });
  aten::addmm_out(out, self, mat1, mat2, beta, alpha);
})
SOFT_OP(aclnnAddmmWeightNz, Product, (In self, In mat1, In mat2, Number beta, Number alpha, Out out, int8_t),
        {
          check_factors(out,
                        [&](In, In matrix, In) { (void)at::addmm(matrix, matrix, matrix, beta, alpha); });
          aten::addmm_out(out, self, mat1, mat2, beta, alpha);
        })
SOFT_OP(aclnnInplaceAddmm, Product, (Out selfRef, In mat1, In mat2, Number beta, Number alpha, int8_t), {
  check_factors(selfRef, [&](In, In matrix, In) { (void)at::addmm(matrix, matrix, matrix, beta, alpha); });
  aten::addmm_out(selfRef, selfRef, mat1, mat2, beta, alpha);
})
SOFT_OP(aclnnBaddbmm, Product, (In self, In batch1, In batch2, Number beta, Number alpha, Out out, int8_t), {
  check_factors(out, [&](In, In, In batch) { (void)at::baddbmm(batch, batch, batch, beta, alpha); });
  aten::baddbmm_out(out, self, batch1, batch2, beta, alpha);
})
SOFT_OP(aclnnAddbmm, Product, (In self, In batch1, In batch2, Number beta, Number alpha, Out out, int8_t), {
  TORCH_CHECK(batch1.dim() == 3 && batch2.dim() == 3 && batch1.size(0) == batch2.size(0) &&
                  batch1.size(2) == batch2.size(1) && out.dim() == 2 && out.size(0) == batch1.size(1) &&
                  out.size(1) == batch2.size(2),
              "the shapes do not form a sum of products");
  check_factors(out, [&](In, In matrix, In batch) { (void)at::addbmm(matrix, batch, batch, beta, alpha); });
  if (!checking()) at::addbmm_out(out, self, batch1, batch2, beta, alpha);
})
SOFT_OP(aclnnMv, Product, (In self, In vec, Out out, int8_t), {
  TORCH_CHECK(self.dim() == 2 && vec.dim() == 1 && self.size(1) == vec.size(0) && out.dim() == 1 &&
                  out.size(0) == self.size(0),
              "self must be [m, n], vec [n] and out [m]");
  if (!checking()) at::mv_out(out, self, vec);
})
// (alpha, beta), not (beta, alpha) as aclnnAddmm has them.
SOFT_OP(aclnnAddmv, Product, (In self, In mat, In vec, Number alpha, Number beta, Out out, int8_t), {
  check_factors(out, [&](In vector, In matrix, In) { (void)at::addmv(vector, matrix, vector, beta, alpha); });
  aten::addmv_out(out, self, mat, vec, beta, alpha);
})
SOFT_OP(aclnnDot, Product, (In self, In tensor, Out out), {
  TORCH_CHECK(self.dim() == 1 && tensor.dim() == 1 && self.numel() == tensor.numel() && out.numel() == 1,
              "self and tensor must be vectors of one length and out one element");
  if (!checking()) out.copy_(at::dot(self, tensor).reshape(out.sizes()));
})
SOFT_OP(aclnnAddr, Any, (In self, In vec1, In vec2, OptNumber betaOptional, OptNumber alphaOptional, Out out),
        {
          TORCH_CHECK(vec1.dim() == 1 && vec2.dim() == 1 && out.dim() == 2 && out.size(0) == vec1.size(0) &&
                          out.size(1) == vec2.size(0),
                      "out must be [m, n] for vectors of m and n elements");
          check_factors(out, [&](In vector, In matrix, In) {
            (void)at::addr(matrix, vector, vector, betaOptional.value_or(1), alphaOptional.value_or(1));
          });
          if (!checking())
            at::addr_out(out, self, vec1, vec2, betaOptional.value_or(1), alphaOptional.value_or(1));
        })
SOFT_OP(aclnnInplaceAddr, Any,
        (Out selfRef, In vec1, In vec2, OptNumber betaOptional, OptNumber alphaOptional), {
          TORCH_CHECK(vec1.dim() == 1 && vec2.dim() == 1 && selfRef.dim() == 2 &&
                          selfRef.size(0) == vec1.size(0) && selfRef.size(1) == vec2.size(0),
                      "selfRef must be [m, n] for vectors of m and n elements");
          check_factors(selfRef, [&](In vector, In matrix, In) {
            (void)at::addr(matrix, vector, vector, betaOptional.value_or(1), alphaOptional.value_or(1));
          });
          if (!checking()) selfRef.addr_(vec1, vec2, betaOptional.value_or(1), alphaOptional.value_or(1));
        })
SOFT_OP(aclnnLinalgCross, Any, (In self, In other, int64_t dim, Out out),
        aten::linalg_cross_out(out, self, other, dim))

SOFT_OP(aclnnInverse, Rule{dtype_set(at::kFloat, at::kDouble) | kComplexes}, (In self, Out out), {
  TORCH_CHECK(self.dim() >= 2 && self.size(-1) == self.size(-2) && out.sizes() == self.sizes(),
              "self must be square matrices and out like self");
  if (!checking()) put(out, at::linalg_inv(self));
})
SOFT_OP(aclnnLinalgCholesky, Rule{dtype_set(at::kFloat, at::kDouble)}, (In self, bool upper, Out out), {
  TORCH_CHECK(self.dim() >= 2 && self.size(-1) == self.size(-2) && out.sizes() == self.sizes(),
              "self must be square matrices and out like self");
  if (!checking()) put(out, at::linalg_cholesky(self, upper));
})
SOFT_OP(aclnnSlogdet, Rule{dtype_set(at::kFloat, at::kDouble)}, (In self, Out signOut, Out logOut), {
  TORCH_CHECK(self.dim() >= 2 && self.size(-1) == self.size(-2), "self must be square matrices");
  const at::IntArrayRef batch = self.sizes().slice(0, static_cast<size_t>(self.dim() - 2));
  expect(signOut, batch, self.scalar_type());
  expect(logOut, batch, self.scalar_type());
  if (checking()) return;
  const auto [sign, log] = at::slogdet(self);
  put_flat(signOut, sign);
  put_flat(logOut, log);
})
SOFT_OP(aclnnTriangularSolve, Rule{dtype_set(at::kFloat, at::kDouble)},
        (In self, In A, bool upper, bool transpose, bool unitriangular, Out xOut, Out mOut),
        aten::triangular_solve_out(xOut, mOut, self, A, upper, transpose, unitriangular))
SOFT_OP(aclnnCdist, Rule{dtype_set(at::kFloat, at::kDouble)},
        (In x1, In x2, float p, int64_t compute_mode, Out out), {
          TORCH_CHECK(x1.dim() >= 2 && x2.dim() >= 2 && x1.size(-1) == x2.size(-1),
                      "x1 and x2 must end in one size");
          if (!checking()) put(out, at::cdist(x1, x2, p, compute_mode));
        })
SOFT_OP(aclnnRenorm, FloatingOrComplex, (In self, Number p, int64_t dim, Number maxNorm, Out out), {
  TORCH_CHECK(self.dim() >= 2, "self must have two dimensions or more");
  expect_same_dtype(self, out);
  TORCH_CHECK(out.sizes() == self.sizes(), "out must be like self");
  if (!checking()) at::renorm_out(out, self, p, dim, maxNorm);
})
SOFT_OP(aclnnInplaceRenorm, FloatingOrComplex, (Out selfRef, Number p, int64_t dim, Number maxNorm), {
  TORCH_CHECK(selfRef.dim() >= 2, "selfRef must have two dimensions or more");
  if (!checking()) at::renorm_out(selfRef, selfRef.clone(), p, dim, maxNorm);
})
SOFT_OP(aclnnEmbeddingRenorm, Rule{kFloats | kInts},
        (Out selfRef, Index indices, double maxNorm, double normType), {
          TORCH_CHECK(selfRef.dim() == 2 && c10::isFloatingType(selfRef.scalar_type()),
                      "selfRef must be a floating matrix");
          if (!checking()) at::embedding_renorm_(selfRef, indices, maxNorm, normType);
        })
SOFT_OP(aclnnCdistBackward, Rule{dtype_set(at::kFloat, at::kDouble)},
        (In grad, In x1, In x2, In cdist, float p, Out out), {
          TORCH_CHECK(x1.dim() >= 2 && x2.dim() >= 2 && x1.size(-1) == x2.size(-1),
                      "x1 and x2 must end in one size");
          TORCH_CHECK(grad.sizes() == cdist.sizes(), "grad must have the shape of cdist");
          if (checking()) return expect_like(out, x1);
          put(out, at::_cdist_backward(grad.contiguous(), x1.contiguous(), x2.contiguous(), p,
                                       cdist.contiguous()));
        })
// mode: 0 reduced, 1 complete, 2 R alone.
SOFT_OP(aclnnLinalgQr, Rule{dtype_set(at::kFloat, at::kDouble) | kComplexes},
        (In self, int64_t mode, Out Q, Out R), {
          TORCH_CHECK(self.dim() >= 2, "self must be matrices");
          TORCH_CHECK(mode >= 0 && mode <= 2, "mode is ", mode, "; it must be 0, 1 or 2");
          if (checking()) return;
          static constexpr std::string_view kModes[] = {"reduced", "complete", "r"};
          const OneThread alone;  // LAPACK blocks its sums by the number of threads
          const auto [q, r] = at::linalg_qr(self, kModes[mode]);
          if (mode != 2) put(Q, q);
          put(R, r);
        })
