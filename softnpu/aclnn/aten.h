// ATen's functions for bodies that also run on meta tensors.
//
// at:: goes through the dispatcher, where `import torch` has registered Python functions over many of the C++
// kernels of device `meta`. The first of them to run imports a symbolic algebra package, and all of them take
// the interpreter lock: seconds and surprises in the middle of a launch. In the check pass the functions here
// call the C++ kernel itself.
#pragma once

#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/_log_softmax_backward_data.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bicubic2d_aa_backward.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa_backward.h>
#include <ATen/ops/_upsample_nearest_exact1d.h>
#include <ATen/ops/_upsample_nearest_exact1d_backward.h>
#include <ATen/ops/_upsample_nearest_exact2d.h>
#include <ATen/ops/_upsample_nearest_exact2d_backward.h>
#include <ATen/ops/_upsample_nearest_exact3d.h>
#include <ATen/ops/_upsample_nearest_exact3d_backward.h>
#include <ATen/ops/adaptive_max_pool2d.h>
#include <ATen/ops/adaptive_max_pool2d_backward.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/addmv.h>
#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/any.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/argmin.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/avg_pool2d_backward.h>
#include <ATen/ops/avg_pool3d.h>
#include <ATen/ops/avg_pool3d_backward.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumprod.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/glu.h>
#include <ATen/ops/index.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/linalg_cross.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/max.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/max_pool2d_with_indices_backward.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/min.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/nll_loss_backward.h>
#include <ATen/ops/nll_loss_forward.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/range.h>
#include <ATen/ops/reflection_pad1d.h>
#include <ATen/ops/reflection_pad1d_backward.h>
#include <ATen/ops/reflection_pad3d.h>
#include <ATen/ops/reflection_pad3d_backward.h>
#include <ATen/ops/replication_pad1d.h>
#include <ATen/ops/replication_pad1d_backward.h>
#include <ATen/ops/replication_pad2d.h>
#include <ATen/ops/replication_pad3d.h>
#include <ATen/ops/scatter_add.h>
#include <ATen/ops/smooth_l1_loss.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/triangular_solve.h>
#include <ATen/ops/tril.h>
#include <ATen/ops/triu.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bicubic2d_backward.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_bilinear2d_backward.h>
#include <ATen/ops/upsample_linear1d.h>
#include <ATen/ops/upsample_linear1d_backward.h>
#include <ATen/ops/upsample_nearest1d.h>
#include <ATen/ops/upsample_nearest1d_backward.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/upsample_nearest2d_backward.h>
#include <ATen/ops/upsample_nearest3d.h>
#include <ATen/ops/upsample_nearest3d_backward.h>
#include <ATen/ops/upsample_trilinear3d.h>
#include <ATen/ops/upsample_trilinear3d_backward.h>

#include <ATen/ops/_log_softmax_backward_data_meta_dispatch.h>
#include <ATen/ops/_log_softmax_meta_dispatch.h>
#include <ATen/ops/_softmax_backward_data_meta_dispatch.h>
#include <ATen/ops/_softmax_meta_dispatch.h>
#include <ATen/ops/_upsample_bicubic2d_aa_backward_meta_dispatch.h>
#include <ATen/ops/_upsample_bicubic2d_aa_meta_dispatch.h>
#include <ATen/ops/_upsample_bilinear2d_aa_backward_meta_dispatch.h>
#include <ATen/ops/_upsample_bilinear2d_aa_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact1d_backward_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact1d_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact2d_backward_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact2d_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact3d_backward_meta_dispatch.h>
#include <ATen/ops/_upsample_nearest_exact3d_meta_dispatch.h>
#include <ATen/ops/adaptive_max_pool2d_backward_meta_dispatch.h>
#include <ATen/ops/adaptive_max_pool2d_meta_dispatch.h>
#include <ATen/ops/addmm_meta_dispatch.h>
#include <ATen/ops/addmv_meta_dispatch.h>
#include <ATen/ops/all_meta_dispatch.h>
#include <ATen/ops/amax_meta_dispatch.h>
#include <ATen/ops/amin_meta_dispatch.h>
#include <ATen/ops/aminmax_meta_dispatch.h>
#include <ATen/ops/any_meta_dispatch.h>
#include <ATen/ops/arange_meta_dispatch.h>
#include <ATen/ops/argmax_meta_dispatch.h>
#include <ATen/ops/argmin_meta_dispatch.h>
#include <ATen/ops/avg_pool2d_backward_meta_dispatch.h>
#include <ATen/ops/avg_pool2d_meta_dispatch.h>
#include <ATen/ops/avg_pool3d_backward_meta_dispatch.h>
#include <ATen/ops/avg_pool3d_meta_dispatch.h>
#include <ATen/ops/baddbmm_meta_dispatch.h>
#include <ATen/ops/bmm_meta_dispatch.h>
#include <ATen/ops/cat_meta_dispatch.h>
#include <ATen/ops/cumprod_meta_dispatch.h>
#include <ATen/ops/cumsum_meta_dispatch.h>
#include <ATen/ops/gather_meta_dispatch.h>
#include <ATen/ops/glu_meta_dispatch.h>
#include <ATen/ops/index_add_meta_dispatch.h>
#include <ATen/ops/index_meta_dispatch.h>
#include <ATen/ops/linalg_cross_meta_dispatch.h>
#include <ATen/ops/linalg_vector_norm_meta_dispatch.h>
#include <ATen/ops/max_meta_dispatch.h>
#include <ATen/ops/max_pool2d_with_indices_backward_meta_dispatch.h>
#include <ATen/ops/max_pool2d_with_indices_meta_dispatch.h>
#include <ATen/ops/mean_meta_dispatch.h>
#include <ATen/ops/min_meta_dispatch.h>
#include <ATen/ops/mm_meta_dispatch.h>
#include <ATen/ops/mse_loss_meta_dispatch.h>
#include <ATen/ops/nll_loss_backward_meta_dispatch.h>
#include <ATen/ops/nll_loss_forward_meta_dispatch.h>
#include <ATen/ops/norm_meta_dispatch.h>
#include <ATen/ops/prod_meta_dispatch.h>
#include <ATen/ops/range_meta_dispatch.h>
#include <ATen/ops/reflection_pad1d_backward_meta_dispatch.h>
#include <ATen/ops/reflection_pad1d_meta_dispatch.h>
#include <ATen/ops/reflection_pad3d_backward_meta_dispatch.h>
#include <ATen/ops/reflection_pad3d_meta_dispatch.h>
#include <ATen/ops/replication_pad1d_backward_meta_dispatch.h>
#include <ATen/ops/replication_pad1d_meta_dispatch.h>
#include <ATen/ops/replication_pad2d_meta_dispatch.h>
#include <ATen/ops/replication_pad3d_meta_dispatch.h>
#include <ATen/ops/scatter_add_meta_dispatch.h>
#include <ATen/ops/smooth_l1_loss_meta_dispatch.h>
#include <ATen/ops/sort_meta_dispatch.h>
#include <ATen/ops/sum_meta_dispatch.h>
#include <ATen/ops/topk_meta_dispatch.h>
#include <ATen/ops/triangular_solve_meta_dispatch.h>
#include <ATen/ops/tril_meta_dispatch.h>
#include <ATen/ops/triu_meta_dispatch.h>
#include <ATen/ops/upsample_bicubic2d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_bicubic2d_meta_dispatch.h>
#include <ATen/ops/upsample_bilinear2d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_bilinear2d_meta_dispatch.h>
#include <ATen/ops/upsample_linear1d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_linear1d_meta_dispatch.h>
#include <ATen/ops/upsample_nearest1d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_nearest1d_meta_dispatch.h>
#include <ATen/ops/upsample_nearest2d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_nearest2d_meta_dispatch.h>
#include <ATen/ops/upsample_nearest3d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_nearest3d_meta_dispatch.h>
#include <ATen/ops/upsample_trilinear3d_backward_meta_dispatch.h>
#include <ATen/ops/upsample_trilinear3d_meta_dispatch.h>

#include <utility>

#include "softnpu/aclnn/kernel.h"

namespace softnpu::aten {

#define ATEN_FUNCTION(name)                                               \
  template <class... A>                                                   \
  decltype(auto) name(A&&... arguments) {                                 \
    if (checking()) return at::meta::name(std::forward<A>(arguments)...); \
    return at::name(std::forward<A>(arguments)...);                       \
  }
ATEN_FUNCTION(_log_softmax)
ATEN_FUNCTION(_log_softmax_backward_data)
ATEN_FUNCTION(_log_softmax_backward_data_out)
ATEN_FUNCTION(_log_softmax_out)
ATEN_FUNCTION(_softmax)
ATEN_FUNCTION(_softmax_backward_data)
ATEN_FUNCTION(_softmax_backward_data_out)
ATEN_FUNCTION(_softmax_out)
ATEN_FUNCTION(_upsample_bicubic2d_aa_backward_out)
ATEN_FUNCTION(_upsample_bicubic2d_aa_out)
ATEN_FUNCTION(_upsample_bilinear2d_aa_backward_out)
ATEN_FUNCTION(_upsample_bilinear2d_aa_out)
ATEN_FUNCTION(_upsample_nearest_exact1d_backward_out)
ATEN_FUNCTION(_upsample_nearest_exact1d_out)
ATEN_FUNCTION(_upsample_nearest_exact2d_backward_out)
ATEN_FUNCTION(_upsample_nearest_exact2d_out)
ATEN_FUNCTION(_upsample_nearest_exact3d_backward_out)
ATEN_FUNCTION(_upsample_nearest_exact3d_out)
ATEN_FUNCTION(adaptive_max_pool2d)
ATEN_FUNCTION(adaptive_max_pool2d_backward_out)
ATEN_FUNCTION(addmm_out)
ATEN_FUNCTION(addmv_out)
ATEN_FUNCTION(all_out)
ATEN_FUNCTION(amax_out)
ATEN_FUNCTION(amin_out)
ATEN_FUNCTION(aminmax_out)
ATEN_FUNCTION(any_out)
ATEN_FUNCTION(arange_out)
ATEN_FUNCTION(argmax)
ATEN_FUNCTION(argmin)
ATEN_FUNCTION(avg_pool2d_backward_out)
ATEN_FUNCTION(avg_pool2d_out)
ATEN_FUNCTION(avg_pool3d_backward_out)
ATEN_FUNCTION(avg_pool3d_out)
ATEN_FUNCTION(baddbmm_out)
ATEN_FUNCTION(bmm_out)
ATEN_FUNCTION(cat_out)
ATEN_FUNCTION(cumprod_out)
ATEN_FUNCTION(cumsum_out)
ATEN_FUNCTION(gather_out)
ATEN_FUNCTION(glu_out)
ATEN_FUNCTION(index)
ATEN_FUNCTION(index_add_out)
ATEN_FUNCTION(index_out)
ATEN_FUNCTION(linalg_cross_out)
ATEN_FUNCTION(linalg_vector_norm)
ATEN_FUNCTION(linalg_vector_norm_out)
ATEN_FUNCTION(max)
ATEN_FUNCTION(max_out)
ATEN_FUNCTION(max_pool2d_with_indices)
ATEN_FUNCTION(max_pool2d_with_indices_backward_out)
ATEN_FUNCTION(max_pool2d_with_indices_out)
ATEN_FUNCTION(mean_out)
ATEN_FUNCTION(min)
ATEN_FUNCTION(min_out)
ATEN_FUNCTION(mm_out)
ATEN_FUNCTION(mse_loss)
ATEN_FUNCTION(mse_loss_out)
ATEN_FUNCTION(nll_loss_backward_out)
ATEN_FUNCTION(nll_loss_forward_out)
ATEN_FUNCTION(norm_out)
ATEN_FUNCTION(prod_out)
ATEN_FUNCTION(range_out)
ATEN_FUNCTION(reflection_pad1d_backward_out)
ATEN_FUNCTION(reflection_pad1d_out)
ATEN_FUNCTION(reflection_pad3d_backward_out)
ATEN_FUNCTION(reflection_pad3d_out)
ATEN_FUNCTION(replication_pad1d_backward_out)
ATEN_FUNCTION(replication_pad1d_out)
ATEN_FUNCTION(replication_pad2d_out)
ATEN_FUNCTION(replication_pad3d_out)
ATEN_FUNCTION(scatter_add_out)
ATEN_FUNCTION(smooth_l1_loss)
ATEN_FUNCTION(smooth_l1_loss_out)
ATEN_FUNCTION(sort_out)
ATEN_FUNCTION(sum_out)
ATEN_FUNCTION(topk_out)
ATEN_FUNCTION(triangular_solve_out)
ATEN_FUNCTION(tril_out)
ATEN_FUNCTION(triu_out)
ATEN_FUNCTION(upsample_bicubic2d_backward_out)
ATEN_FUNCTION(upsample_bicubic2d_out)
ATEN_FUNCTION(upsample_bilinear2d_backward_out)
ATEN_FUNCTION(upsample_bilinear2d_out)
ATEN_FUNCTION(upsample_linear1d_backward_out)
ATEN_FUNCTION(upsample_linear1d_out)
ATEN_FUNCTION(upsample_nearest1d_backward_out)
ATEN_FUNCTION(upsample_nearest1d_out)
ATEN_FUNCTION(upsample_nearest2d_backward_out)
ATEN_FUNCTION(upsample_nearest2d_out)
ATEN_FUNCTION(upsample_nearest3d_backward_out)
ATEN_FUNCTION(upsample_nearest3d_out)
ATEN_FUNCTION(upsample_trilinear3d_backward_out)
ATEN_FUNCTION(upsample_trilinear3d_out)
#undef ATEN_FUNCTION

}  // namespace softnpu::aten
