// Pooling and unpooling.
#include <ATen/ops/_adaptive_avg_pool2d.h>
#include <ATen/ops/_adaptive_avg_pool2d_backward.h>
#include <ATen/ops/_adaptive_avg_pool3d.h>
#include <ATen/ops/_adaptive_avg_pool3d_backward.h>
#include <ATen/ops/adaptive_max_pool3d.h>
#include <ATen/ops/adaptive_max_pool3d_backward.h>
#include <ATen/ops/max_pool3d_with_indices.h>
#include <ATen/ops/max_pool3d_with_indices_backward.h>
#include <ATen/ops/max_unpool2d.h>
#include <ATen/ops/max_unpool3d.h>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

std::optional<int64_t> divisor(int64_t value) {
  return value != 0 ? std::optional<int64_t>(value) : std::nullopt;
}

constexpr Rule Pooled{kFloats | kInts};

void max_pool(In self, Ints kernel, Ints stride, Ints padding, Ints dilation, bool ceil, Out out,
              Out indices) {
  if (indices.scalar_type() == at::kLong) {
    aten::max_pool2d_with_indices_out(out, indices, self, kernel, stride, padding, dilation, ceil);
    return;
  }
  const auto [values, positions] =
      aten::max_pool2d_with_indices(self, kernel, stride, padding, dilation, ceil);
  put(out, values);
  put(indices, positions);
}

// Volumes: `out` and `indices` alike, and the same batch and channels as self.
void check_volume(In self, In out, In indices) {
  TORCH_CHECK((self.dim() == 4 || self.dim() == 5) && out.dim() == self.dim() &&
                  out.sizes().slice(0, static_cast<size_t>(self.dim() - 3)) ==
                      self.sizes().slice(0, static_cast<size_t>(self.dim() - 3)),
              "self must have 4 or 5 dimensions, and out its batch and channels");
  TORCH_CHECK(indices.sizes() == out.sizes() && c10::isIntegralType(indices.scalar_type(), false),
              "indices must be integers of the shape of out");
}

void check_triples(Ints kernel, Ints stride, Ints padding, Ints dilation) {
  for (const Ints& values : {kernel, stride, padding, dilation})
    TORCH_CHECK(values.size() == 3 || values.size() == 1, "the window must be given in three numbers");
}

void check_unpool(In self, In indices, Ints size, In out) {
  const auto spatial = static_cast<int64_t>(size.size());
  TORCH_CHECK(indices.sizes() == self.sizes() && indices.scalar_type() == at::kLong,
              "indices must be int64 of the shape of self");
  TORCH_CHECK(out.dim() == self.dim() && out.dim() > spatial &&
                  out.sizes().slice(static_cast<size_t>(out.dim() - spatial)) == size,
              "out must end in outputSize");
}

}  // namespace

SOFT_OP(aclnnMaxPool2dWithIndices, Pooled,
        (In self, Ints kernelSize, Ints stride, Ints padding, Ints dilation, bool ceilMode, Out out,
         Out indices),
        max_pool(self, kernelSize, stride, padding, dilation, ceilMode, out, indices))
SOFT_OP(aclnnMaxPool2dWithIndicesBackward, Pooled,
        (In gradOutput, In self, Index indices, Ints kernelSize, Ints stride, Ints padding, Ints dilation,
         bool ceilMode, Out gradInput),
        aten::max_pool2d_with_indices_backward_out(gradInput, gradOutput, self, kernelSize, stride, padding,
                                                   dilation, ceilMode, indices))
// The mask is the kernel's own: the backward finds the positions again from self.
SOFT_OP(aclnnMaxPool2dWithMask, Pooled,
        (In self, Ints kernelSize, Ints stride, Ints padding, Ints dilation, bool ceilMode, Out out,
         Out indices),
        {
          const auto [values, positions] =
              aten::max_pool2d_with_indices(self, kernelSize, stride, padding, dilation, ceilMode);
          put(out, values);
          indices.zero_();
        })
SOFT_OP(aclnnMaxPool2dWithMaskBackward, Pooled,
        (In gradOutput, In self, In indices, Ints kernelSize, Ints stride, Ints padding, Ints dilation,
         bool ceilMode, Out gradInput),
        {
          (void)indices;
          const auto [values, positions] =
              aten::max_pool2d_with_indices(self, kernelSize, stride, padding, dilation, ceilMode);
          aten::max_pool2d_with_indices_backward_out(gradInput, gradOutput, self, kernelSize, stride, padding,
                                                     dilation, ceilMode, positions);
        })
SOFT_OP(aclnnAvgPool2d, Floating,
        (In self, Ints kernelSize, Ints strides, Ints paddings, bool ceilMode, bool countIncludePad,
         int64_t divisorOverride, int8_t, Out out),
        aten::avg_pool2d_out(out, self, kernelSize, strides, paddings, ceilMode, countIncludePad,
                             divisor(divisorOverride)))
SOFT_OP(aclnnAvgPool2dBackward, Floating,
        (In gradOutput, In self, Ints kernelSize, Ints stride, Ints padding, bool ceilMode,
         bool countIncludePad, int64_t divisorOverride, int8_t, Out gradInput),
        aten::avg_pool2d_backward_out(gradInput, gradOutput, self, kernelSize, stride, padding, ceilMode,
                                      countIncludePad, divisor(divisorOverride)))
SOFT_OP(aclnnAvgPool3d, Floating,
        (In self, Ints kernelSize, Ints stride, Ints padding, bool ceilMode, bool countIncludePad,
         int64_t divisorOverride, Out out),
        {
          if (checking())
            return void(aten::avg_pool3d_out(out, self, kernelSize, stride, padding, ceilMode,
                                             countIncludePad, divisor(divisorOverride)));
          put(out, at::avg_pool3d(wide(self), kernelSize, stride, padding, ceilMode, countIncludePad,
                                  divisor(divisorOverride)));
        })
SOFT_OP(aclnnAvgPool3dBackward, Floating,
        (In gradOutput, In self, Ints kernelSize, Ints stride, Ints padding, bool ceilMode,
         bool countIncludePad, int64_t divisorOverride, Out output),
        {
          if (checking())
            return void(aten::avg_pool3d_backward_out(output, gradOutput, self, kernelSize, stride, padding,
                                                      ceilMode, countIncludePad, divisor(divisorOverride)));
          put(output, at::avg_pool3d_backward(wide(gradOutput), wide(self), kernelSize, stride, padding,
                                              ceilMode, countIncludePad, divisor(divisorOverride)));
        })
SOFT_OP(aclnnAdaptiveAvgPool2d, Floating, (In self, Ints outputSize, Out out), {
  TORCH_CHECK(outputSize.size() == 2 && self.dim() >= 3 && out.dim() == self.dim() &&
                  out.sizes().slice(static_cast<size_t>(self.dim() - 2)) == outputSize,
              "out must end in outputSize");
  if (!checking()) put(out, at::_adaptive_avg_pool2d(self, outputSize));
})
SOFT_OP(aclnnAdaptiveAvgPool2dBackward, Floating, (In gradOutput, In self, Out out), {
  TORCH_CHECK(gradOutput.dim() == self.dim() && (self.dim() == 3 || self.dim() == 4),
              "gradOutput and self must have 3 or 4 dimensions");
  if (checking()) return expect_like(out, self);
  put(out, at::_adaptive_avg_pool2d_backward(gradOutput, self));
})
SOFT_OP(aclnnAdaptiveMaxPool2d, Floating, (In self, Ints outputSize, Out outputOut, Out indicesOut), {
  const auto [values, positions] = aten::adaptive_max_pool2d(self, outputSize);
  put(outputOut, values);
  put(indicesOut, positions);
})
SOFT_OP(aclnnAdaptiveMaxPool2dBackward, Floating, (In gradOutput, In self, Index indices, Out gradInput),
        aten::adaptive_max_pool2d_backward_out(gradInput, gradOutput, self, indices))

SOFT_OP(aclnnMaxPool3dWithArgmax, Pooled,
        (In self, Ints kernelSize, Ints stride, Ints padding, Ints dilation, bool ceilMode, Out out,
         Out indices),
        {
          check_volume(self, out, indices);
          check_triples(kernelSize, stride, padding, dilation);
          if (checking()) return;
          const auto [values, positions] =
              at::max_pool3d_with_indices(self, kernelSize, stride, padding, dilation, ceilMode);
          put(out, values);
          put(indices, positions);
        })
SOFT_OP(aclnnMaxPool3dWithArgmaxBackward, Pooled,
        (In gradOutput, In self, In indices, Ints kernelSize, Ints stride, Ints padding, Ints dilation,
         bool ceilMode, Out gradInput),
        {
          check_volume(self, gradOutput, indices);
          check_triples(kernelSize, stride, padding, dilation);
          expect_same_dtype(gradOutput, self);
          if (checking()) return expect_like(gradInput, self);
          put(gradInput, at::max_pool3d_with_indices_backward(gradOutput, self, kernelSize, stride, padding,
                                                              dilation, ceilMode, indices.to(at::kLong)));
        })
SOFT_OP(aclnnAdaptiveMaxPool3d, Pooled, (In self, Ints outputSize, Out outputOut, Out indicesOut), {
  check_volume(self, outputOut, indicesOut);
  TORCH_CHECK(outputSize.size() == 3, "outputSize must be three numbers");
  if (checking()) return;
  const auto [values, positions] = at::adaptive_max_pool3d(self, outputSize);
  put(outputOut, values);
  put(indicesOut, positions);
})
SOFT_OP(aclnnAdaptiveMaxPool3dBackward, Pooled, (In gradOutput, In self, In indices, Out gradInput), {
  check_volume(self, gradOutput, indices);
  expect_same_dtype(gradOutput, self);
  if (checking()) return expect_like(gradInput, self);
  put(gradInput, at::adaptive_max_pool3d_backward(gradOutput, self, indices.to(at::kLong)));
})
SOFT_OP(aclnnAdaptiveAvgPool3d, Floating, (In self, Ints outputSize, Out out), {
  TORCH_CHECK(outputSize.size() == 3 && self.dim() >= 4 && out.dim() == self.dim() &&
                  out.sizes().slice(static_cast<size_t>(self.dim() - 3)) == outputSize,
              "out must end in outputSize");
  if (!checking()) put(out, at::_adaptive_avg_pool3d(wide(self), outputSize));
})
SOFT_OP(aclnnAdaptiveAvgPool3dBackward, Floating, (In gradOutput, In self, Out out), {
  TORCH_CHECK(gradOutput.dim() == self.dim() && (self.dim() == 4 || self.dim() == 5),
              "gradOutput and self must have 4 or 5 dimensions");
  if (checking()) return expect_like(out, self);
  put(out, at::_adaptive_avg_pool3d_backward(wide(gradOutput), wide(self)));
})
SOFT_OP(aclnnMaxUnpool2d, Pooled, (In self, In indices, Ints outputSize, Out out), {
  TORCH_CHECK(outputSize.size() == 2, "outputSize must be two numbers");
  check_unpool(self, indices, outputSize, out);
  if (!checking()) put(out, at::max_unpool2d(self, indices, outputSize));
})
SOFT_OP(aclnnMaxUnpool3d, Pooled,
        (In self, In indices, Ints outputSize, Ints stride, Ints padding, Out outRef), {
          TORCH_CHECK(outputSize.size() == 3, "outputSize must be three numbers");
          check_unpool(self, indices, outputSize, outRef);
          if (!checking()) put(outRef, at::max_unpool3d(self, indices, outputSize, stride, padding));
        })
