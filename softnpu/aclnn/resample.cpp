// Resampling of one to three spatial dimensions.
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/grid_sampler_2d_backward.h>
#include <ATen/ops/grid_sampler_3d.h>
#include <ATen/ops/grid_sampler_3d_backward.h>

#include <vector>

#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/helpers.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

namespace {

// A scale of zero stands for the ratio of the sizes.
std::optional<double> scale(double value) {
  return value > 0 ? std::optional<double>(value) : std::nullopt;
}

constexpr Rule Nearest{kFloats | kInts};

}  // namespace

SOFT_OP(aclnnUpsampleNearest2d, Nearest, (In self, Ints outputSize, Out out),
        aten::upsample_nearest2d_out(out, self, outputSize))
SOFT_OP(aclnnUpsampleNearest2dV2, Nearest, (In self, Ints outputSize, float scalesH, float scalesW, Out out),
        aten::upsample_nearest2d_out(out, self, outputSize, scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleNearest2dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, double scalesH, double scalesW, Out gradInput),
        aten::upsample_nearest2d_backward_out(gradInput, gradOut, outputSize, inputSize, scale(scalesH),
                                              scale(scalesW)))
SOFT_OP(aclnnUpsampleNearest1d, Nearest, (In self, Ints outputSize, Out out),
        aten::upsample_nearest1d_out(out, self, outputSize))
SOFT_OP(aclnnUpsampleBilinear2d, Floating,
        (In self, Ints outputSize, bool alignCorners, double scalesH, double scalesW, Out out),
        aten::upsample_bilinear2d_out(out, self, outputSize, alignCorners, scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleBilinear2dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, bool alignCorners, double scalesH, double scalesW,
         Out out),
        aten::upsample_bilinear2d_backward_out(out, gradOut, outputSize, inputSize, alignCorners,
                                               scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleBilinear2dBackwardV2, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, bool alignCorners, double scalesH, double scalesW,
         Out out),
        aten::upsample_bilinear2d_backward_out(out, gradOut, outputSize, inputSize, alignCorners,
                                               scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleNearest1dV2, Nearest, (In self, Ints outputSize, float scaleL, Out out),
        aten::upsample_nearest1d_out(out, self, outputSize, scale(scaleL)))
SOFT_OP(aclnnUpsampleNearest1dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, double scales, Out out),
        aten::upsample_nearest1d_backward_out(out, gradOut, outputSize, inputSize, scale(scales)))
SOFT_OP(aclnnUpsampleNearest3d, Nearest,
        (In self, Ints outputSize, double scalesD, double scalesH, double scalesW, Out out),
        aten::upsample_nearest3d_out(out, self, outputSize, scale(scalesD), scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleNearest3dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, double scalesD, double scalesH, double scalesW,
         Out gradInput),
        aten::upsample_nearest3d_backward_out(gradInput, gradOut, outputSize, inputSize, scale(scalesD),
                                              scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleLinear1d, Floating,
        (In self, Ints outputSize, bool alignCorners, double scales, Out out),
        aten::upsample_linear1d_out(out, self, outputSize, alignCorners, scale(scales)))
SOFT_OP(aclnnUpsampleLinear1dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, bool alignCorners, double scales, Out out),
        aten::upsample_linear1d_backward_out(out, gradOut, outputSize, inputSize, alignCorners,
                                             scale(scales)))
SOFT_OP(aclnnUpsampleTrilinear3d, Floating,
        (In self, Ints outputSize, bool alignCorners, double scalesD, double scalesH, double scalesW,
         Out out),
        aten::upsample_trilinear3d_out(out, self, outputSize, alignCorners, scale(scalesD), scale(scalesH),
                                       scale(scalesW)))
SOFT_OP(aclnnUpsampleTrilinear3dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, bool alignCorners, double scalesD, double scalesH,
         double scalesW, Out gradInput),
        aten::upsample_trilinear3d_backward_out(gradInput, gradOut, outputSize, inputSize, alignCorners,
                                                scale(scalesD), scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleBicubic2d, Floating,
        (In self, Ints outputSize, bool alignCorners, double scalesH, double scalesW, Out out),
        aten::upsample_bicubic2d_out(out, self, outputSize, alignCorners, scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleBicubic2dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, bool alignCorners, double scalesH, double scalesW,
         Out gradInput),
        aten::upsample_bicubic2d_backward_out(gradInput, gradOut, outputSize, inputSize, alignCorners,
                                              scale(scalesH), scale(scalesW)))

SOFT_OP(aclnnUpsampleNearestExact1d, Nearest, (In self, Ints outputSize, double scales, Out out),
        aten::_upsample_nearest_exact1d_out(out, self, outputSize, scale(scales)))
SOFT_OP(aclnnUpsampleNearestExact1dBackward, Floating,
        (In gradOutput, Ints outputSize, Ints inputSize, double scales, Out out),
        aten::_upsample_nearest_exact1d_backward_out(out, gradOutput, outputSize, inputSize, scale(scales)))
SOFT_OP(aclnnUpsampleNearestExact2d, Nearest,
        (In self, Ints outputSize, double scalesH, double scalesW, Out out),
        aten::_upsample_nearest_exact2d_out(out, self, outputSize, scale(scalesH), scale(scalesW)))
SOFT_OP(aclnnUpsampleNearestExact2dBackward, Floating,
        (In gradOutput, Ints outputSize, Ints inputSize, double scalesH, double scalesW, Out out),
        aten::_upsample_nearest_exact2d_backward_out(out, gradOutput, outputSize, inputSize, scale(scalesH),
                                                     scale(scalesW)))
SOFT_OP(aclnnUpsampleNearestExact3d, Nearest,
        (In self, Ints outputSize, double scalesD, double scalesH, double scalesW, Out out),
        aten::_upsample_nearest_exact3d_out(out, self, outputSize, scale(scalesD), scale(scalesH),
                                            scale(scalesW)))
SOFT_OP(aclnnUpsampleNearestExact3dBackward, Floating,
        (In gradOut, Ints outputSize, Ints inputSize, double scalesD, double scalesH, double scalesW,
         Out gradInput),
        aten::_upsample_nearest_exact3d_backward_out(gradInput, gradOut, outputSize, inputSize,
                                                     scale(scalesD), scale(scalesH), scale(scalesW)))
// The CPU antialiases float and double alone: half types are computed in float.
SOFT_OP(aclnnUpsampleBilinear2dAA, Floating,
        (In input, Ints outputSize, bool alignCorners, double scalesH, double scalesW, Out out), {
          if (checking())
            return void(aten::_upsample_bilinear2d_aa_out(out, input, outputSize, alignCorners,
                                                          scale(scalesH), scale(scalesW)));
          put(out, at::_upsample_bilinear2d_aa(wide(input), outputSize, alignCorners, scale(scalesH),
                                               scale(scalesW)));
        })
SOFT_OP(aclnnUpsampleBilinear2dAABackward, Floating,
        (In gradOutput, Ints outputSize, Ints inputSize, bool alignCorners, double scalesH, double scalesW,
         Out out),
        {
          if (checking())
            return void(aten::_upsample_bilinear2d_aa_backward_out(
                out, gradOutput, outputSize, inputSize, alignCorners, scale(scalesH), scale(scalesW)));
          put(out, at::_upsample_bilinear2d_aa_backward(wide(gradOutput), outputSize, inputSize, alignCorners,
                                                        scale(scalesH), scale(scalesW)));
        })
SOFT_OP(aclnnUpsampleBicubic2dAA, Floating,
        (In x, Ints outputSize, bool alignCorners, double scalesH, double scalesW, Out out), {
          if (checking())
            return void(aten::_upsample_bicubic2d_aa_out(out, x, outputSize, alignCorners, scale(scalesH),
                                                         scale(scalesW)));
          put(out,
              at::_upsample_bicubic2d_aa(wide(x), outputSize, alignCorners, scale(scalesH), scale(scalesW)));
        })
SOFT_OP(aclnnUpsampleBicubic2dAAGrad, Floating,
        (In gradOutput, Ints outputSize, Ints inputSize, bool alignCorners, double scalesH, double scalesW,
         Out out),
        {
          if (checking())
            return void(aten::_upsample_bicubic2d_aa_backward_out(
                out, gradOutput, outputSize, inputSize, alignCorners, scale(scalesH), scale(scalesW)));
          put(out, at::_upsample_bicubic2d_aa_backward(wide(gradOutput), outputSize, inputSize, alignCorners,
                                                       scale(scalesH), scale(scalesW)));
        })

namespace {

constexpr int64_t kBicubic = 2;

// (batch, channels, ...) at the points of (batch, ..., 2 or 3).
std::vector<int64_t> sampled_shape(In input, In grid, int64_t mode, int64_t padding, int64_t dims) {
  TORCH_CHECK(input.dim() == dims + 2 && grid.dim() == dims + 2 && grid.size(0) == input.size(0) &&
                  grid.size(-1) == dims,
              "input must be (batch, channels, ", dims, " sizes) and grid (batch, ", dims, " sizes, ", dims,
              "), but they are ", input.sizes(), " and ", grid.sizes());
  expect_same_dtype(input, grid);
  TORCH_CHECK(mode >= 0 && mode <= (dims == 2 ? kBicubic : kBicubic - 1) && padding >= 0 && padding <= 2,
              "interpolationMode ", mode, " or paddingMode ", padding, " does not exist");
  std::vector<int64_t> shape = {input.size(0), input.size(1)};
  for (int64_t i = 1; i <= dims; ++i) shape.push_back(grid.size(i));
  return shape;
}

}  // namespace

SOFT_OP(aclnnGridSampler2D, Floating,
        (In input, In grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners, Out out), {
          const auto shape = sampled_shape(input, grid, interpolationMode, paddingMode, 2);
          if (checking()) return expect(out, shape, input.scalar_type());
          put(out, at::grid_sampler_2d(input, grid, interpolationMode, paddingMode, alignCorners));
        })
SOFT_OP(aclnnGridSampler2DBackward, Floating,
        (In gradOutput, In input, In grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners,
         Bools outputMask, Out inputGrad, Out gridGrad),
        {
          const auto shape = sampled_shape(input, grid, interpolationMode, paddingMode, 2);
          TORCH_CHECK(gradOutput.sizes() == at::IntArrayRef(shape), "gradOutput must be ", shape);
          TORCH_CHECK(outputMask.size() == 2, "outputMask must have 2 entries");
          if (checking()) {
            expect_like(inputGrad, input);
            return expect_like(gridGrad, grid);
          }
          const auto [of_input, of_grid] =
              at::grid_sampler_2d_backward(gradOutput, input, grid, interpolationMode, paddingMode,
                                           alignCorners, {outputMask[0], outputMask[1]});
          if (outputMask[0]) put(inputGrad, of_input);
          if (outputMask[1]) put(gridGrad, of_grid);
        })
SOFT_OP(aclnnGridSampler3D, Floating,
        (In input, In grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners, Out out), {
          const auto shape = sampled_shape(input, grid, interpolationMode, paddingMode, 3);
          if (checking()) return expect(out, shape, input.scalar_type());
          put(out, at::grid_sampler_3d(input, grid, interpolationMode, paddingMode, alignCorners));
        })
SOFT_OP(aclnnGridSampler3DBackward, Floating,
        (In gradOutput, In input, In grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners,
         Bools outputMask, Out inputGrad, Out gridGrad),
        {
          const auto shape = sampled_shape(input, grid, interpolationMode, paddingMode, 3);
          TORCH_CHECK(gradOutput.sizes() == at::IntArrayRef(shape), "gradOutput must be ", shape);
          TORCH_CHECK(outputMask.size() == 2, "outputMask must have 2 entries");
          if (checking()) {
            expect_like(inputGrad, input);
            return expect_like(gridGrad, grid);
          }
          const auto [of_input, of_grid] =
              at::grid_sampler_3d_backward(gradOutput, input, grid, interpolationMode, paddingMode,
                                           alignCorners, {outputMask[0], outputMask[1]});
          if (outputMask[0]) put(inputGrad, of_input);
          if (outputMask[1]) put(gridGrad, of_grid);
        })
