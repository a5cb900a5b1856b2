/* Operators: convolution. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAdaptiveAvgPool2d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* out);
ACLNN_OP(aclnnAdaptiveAvgPool2dBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnAdaptiveAvgPool3d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* out);
ACLNN_OP(aclnnAdaptiveAvgPool3dBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnAdaptiveMaxPool2d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* outputOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnAdaptiveMaxPool2dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* indices, aclTensor* gradInput);
ACLNN_OP(aclnnAdaptiveMaxPool3d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* outputOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnAdaptiveMaxPool3dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* indices, aclTensor* gradInput);
ACLNN_OP(aclnnAffineGrid, const aclTensor* theta, const aclIntArray* size, bool alignCorners, aclTensor* out);
ACLNN_OP(aclnnAvgPool2d, const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* strides,
         const aclIntArray* paddings, const bool ceilMode, const bool countIncludePad,
         const int64_t divisorOverride, const int8_t cubeMathType, aclTensor* out);
ACLNN_OP(aclnnAvgPool2dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* kernelSize, const aclIntArray* stride, const aclIntArray* padding, bool ceilMode,
         bool countIncludePad, int64_t divisorOverride, int8_t cubeMathType, aclTensor* gradInput);
ACLNN_OP(aclnnAvgPool3d, const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* stride,
         const aclIntArray* padding, bool ceilMode, bool countIncludePad, int64_t divisorOverride,
         aclTensor* out);
ACLNN_OP(aclnnAvgPool3dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* kernelSize, const aclIntArray* stride, const aclIntArray* padding, bool ceilMode,
         bool countIncludePad, int64_t divisorOverride, aclTensor* output);
ACLNN_OP(aclnnChannelShuffle, const aclTensor* self, int64_t groups, aclTensor* out);
ACLNN_OP(aclnnConstantPadNd, const aclTensor* self, const aclIntArray* pad, const aclScalar* value,
         aclTensor* out);
ACLNN_OP(aclnnConvDepthwise2d, const aclTensor* self, const aclTensor* weight, const aclIntArray* kernelSize,
         const aclTensor* bias, const aclIntArray* stride, const aclIntArray* padding,
         const aclIntArray* dilation, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnConvTbc, const aclTensor* self, const aclTensor* weight, const aclTensor* bias,
         const int64_t pad, aclTensor* output, int8_t cubeMathType);
ACLNN_OP(aclnnConvTbcBackward, const aclTensor* self, const aclTensor* input, const aclTensor* weight,
         const aclTensor* bias, int64_t pad, int8_t cubeMathType, aclTensor* gradInput, aclTensor* gradWeight,
         aclTensor* gradBias);
ACLNN_OP(aclnnConvolution, const aclTensor* input, const aclTensor* weight, const aclTensor* bias,
         const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool transposed,
         const aclIntArray* outputPadding, const int64_t groups, aclTensor* output, int8_t cubeMathType);
ACLNN_OP(aclnnConvolutionBackward, const aclTensor* gradOutput, const aclTensor* input,
         const aclTensor* weight, const aclIntArray* biasSizes, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, bool transposed,
         const aclIntArray* outputPadding, int groups, const aclBoolArray* outputMask, int8_t cubeMathType,
         aclTensor* gradInput, aclTensor* gradWeight, aclTensor* gradBias);
ACLNN_OP(aclnnDeformableConv2d, const aclTensor* x, const aclTensor* weight, const aclTensor* offset,
         const aclTensor* biasOptional, const aclIntArray* kernelSize, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, int64_t groups, int64_t deformableGroups,
         bool modulated, aclTensor* out, aclTensor* deformOutOptional);
ACLNN_OP(aclnnDeformableConv2dBackward, const aclTensor* input, const aclTensor* gradOutput,
         const aclTensor* offsetOut, const aclTensor* weight, const aclTensor* offset,
         const aclIntArray* kernelSize, const aclIntArray* stride, const aclIntArray* padding,
         const aclIntArray* dilation, int64_t groups, int64_t deformableGroups, bool modulated,
         aclTensor* gradInput, aclTensor* gradWeight, aclTensor* gradOffset, aclTensor* gradBias);
ACLNN_OP(aclnnGridSampler2D, const aclTensor* input, const aclTensor* grid, int64_t interpolationMode,
         int64_t paddingMode, bool alignCorners, aclTensor* out);
ACLNN_OP(aclnnGridSampler2DBackward, const aclTensor* gradOutput, const aclTensor* input,
         const aclTensor* grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners,
         const aclBoolArray* outputMask, aclTensor* inputGrad, aclTensor* gridGrad);
ACLNN_OP(aclnnGridSampler3D, const aclTensor* input, const aclTensor* grid, int64_t interpolationMode,
         int64_t paddingMode, bool alignCorners, aclTensor* out);
ACLNN_OP(aclnnGridSampler3DBackward, const aclTensor* gradOutput, const aclTensor* input,
         const aclTensor* grid, int64_t interpolationMode, int64_t paddingMode, bool alignCorners,
         const aclBoolArray* outputMask, aclTensor* inputGrad, aclTensor* gridGrad);
ACLNN_OP(aclnnIm2col, const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* dilation,
         const aclIntArray* padding, const aclIntArray* stride, const aclTensor* out);
ACLNN_OP(aclnnIm2colBackward, const aclTensor* gradOutput, const aclIntArray* inputSize,
         const aclIntArray* kernelSize, const aclIntArray* dilation, const aclIntArray* padding,
         const aclIntArray* stride, aclTensor* out);
ACLNN_OP(aclnnIou, const aclTensor* bBoxes, const aclTensor* gtBoxes, const char* mode, float eps,
         bool aligned, aclTensor* overlap);
ACLNN_OP(aclnnMaxPool2dWithIndices, const aclTensor* self, const aclIntArray* kernelSize,
         const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode,
         aclTensor* out, aclTensor* indices);
ACLNN_OP(aclnnMaxPool2dWithIndicesBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* indices, const aclIntArray* kernelSize, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode, aclTensor* gradInput);
ACLNN_OP(aclnnMaxPool2dWithMask, const aclTensor* self, const aclIntArray* kernelSize,
         const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode,
         aclTensor* out, aclTensor* indices);
ACLNN_OP(aclnnMaxPool2dWithMaskBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* indices, const aclIntArray* kernelSize, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode, aclTensor* gradInput);
ACLNN_OP(aclnnMaxPool3dWithArgmax, const aclTensor* self, const aclIntArray* kernelSize,
         const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode,
         aclTensor* out, aclTensor* indices);
ACLNN_OP(aclnnMaxPool3dWithArgmaxBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* indices, const aclIntArray* kernelSize, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, bool ceilMode, aclTensor* gradInput);
ACLNN_OP(aclnnReflectionPad1d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReflectionPad1dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnReflectionPad2d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReflectionPad2dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnReflectionPad3d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReflectionPad3dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnReplicationPad1d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReplicationPad1dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnReplicationPad2d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReplicationPad2dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnReplicationPad3d, const aclTensor* self, const aclIntArray* padding, aclTensor* out);
ACLNN_OP(aclnnReplicationPad3dBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclIntArray* padding, aclTensor* gradInput);
ACLNN_OP(aclnnRoll, const aclTensor* x, const aclIntArray* shifts, const aclIntArray* dims, aclTensor* out);
ACLNN_OP(aclnnUnfoldGrad, const aclTensor* gradOut, const aclIntArray* inputSizes, int64_t dim, int64_t size,
         int64_t step, const aclTensor* gradIn);
ACLNN_OP(aclnnUpsampleBicubic2d, const aclTensor* self, const aclIntArray* outputSize,
         const bool alignCorners, const double scalesH, const double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBicubic2dAA, const aclTensor* x, const aclIntArray* outputSize, const bool alignCorners,
         const double scalesH, const double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBicubic2dAAGrad, const aclTensor* gradOutput, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBicubic2dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, const bool alignCorners, double scalesH, double scalesW,
         aclTensor* gradInput);
ACLNN_OP(aclnnUpsampleBilinear2d, const aclTensor* self, const aclIntArray* outputSize,
         const bool alignCorners, const double scalesH, const double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBilinear2dAA, const aclTensor* input, const aclIntArray* outputSize, bool alignCorners,
         double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBilinear2dAABackward, const aclTensor* gradOutput, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBilinear2dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleBilinear2dBackwardV2, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleLinear1d, const aclTensor* self, const aclIntArray* outputSize, const bool alignCorners,
         const double scale, aclTensor* out);
ACLNN_OP(aclnnUpsampleLinear1dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scales, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest1d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest1dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scales, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest1dV2, const aclTensor* self, const aclIntArray* outputSize, float scaleL,
         aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest2d, const aclTensor* self, const aclIntArray* outputSize, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest2dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scalesH, double scalesW, aclTensor* gradInput);
ACLNN_OP(aclnnUpsampleNearest2dV2, const aclTensor* self, const aclIntArray* outputSize, float scalesH,
         float scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest3d, const aclTensor* self, const aclIntArray* outputSize, double scalesD,
         double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearest3dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scalesD, double scalesH, double scalesW, aclTensor* gradInput);
ACLNN_OP(aclnnUpsampleNearestExact1d, const aclTensor* self, const aclIntArray* outputSize, double scales,
         aclTensor* out);
ACLNN_OP(aclnnUpsampleNearestExact1dBackward, const aclTensor* gradOutput, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scales, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearestExact2d, const aclTensor* self, const aclIntArray* outputSize, double scalesH,
         double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearestExact2dBackward, const aclTensor* gradOutput, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearestExact3d, const aclTensor* self, const aclIntArray* outputSize, double scalesD,
         double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleNearestExact3dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, double scalesD, double scalesH, double scalesW, aclTensor* gradInput);
ACLNN_OP(aclnnUpsampleTrilinear3d, const aclTensor* self, const aclIntArray* outputSize, bool alignCorners,
         double scalesD, double scalesH, double scalesW, aclTensor* out);
ACLNN_OP(aclnnUpsampleTrilinear3dBackward, const aclTensor* gradOut, const aclIntArray* outputSize,
         const aclIntArray* inputSize, bool alignCorners, double scalesD, double scalesH, double scalesW,
         aclTensor* gradInput);

#ifdef __cplusplus
} /* extern "C" */
#endif
