/* Operators: activation. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAddRelu, const aclTensor* self, const aclTensor* other, aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnCelu, const aclTensor* self, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnClippedSwiglu, const aclTensor* x, const aclTensor* groupIndexOptional, int64_t dim,
         double alpha, double limit, double bias, bool interleaved, const aclTensor* out);
ACLNN_OP(aclnnElu, const aclTensor* self, const aclScalar* alpha, const aclScalar* scale,
         const aclScalar* inputScale, aclTensor* out);
ACLNN_OP(aclnnEluBackward, const aclTensor* gradOutput, const aclScalar* alpha, const aclScalar* scale,
         const aclScalar* inputScale, bool isResult, const aclTensor* selfOrResult, aclTensor* gradInput);
ACLNN_OP(aclnnErf, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnErfc, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnErfinv, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnFastGelu, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnFastGeluBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* gradInput);
ACLNN_OP(aclnnGeGluV3, const aclTensor* self, int64_t dim, int64_t approximate, bool activateLeft,
         aclTensor* out, aclTensor* outGelu);
ACLNN_OP(aclnnGeGluV3Backward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* gelu,
         int64_t dim, int64_t approximate, bool activateLeft, aclTensor* gradInput);
ACLNN_OP(aclnnGelu, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnGeluBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* gradInput);
ACLNN_OP(aclnnGeluBackwardV2, const aclTensor* gradOutput, const aclTensor* self, char* approximate,
         aclTensor* gradInput);
ACLNN_OP(aclnnGeluMul, const aclTensor* input, char* approximateOptional, const aclTensor* out);
ACLNN_OP(aclnnGeluV2, const aclTensor* x, int64_t approximate, aclTensor* y);
ACLNN_OP(aclnnGlu, const aclTensor* self, int64_t dim, const aclTensor* out);
ACLNN_OP(aclnnGluBackward, const aclTensor* gradOut, const aclTensor* self, int64_t dim,
         const aclTensor* out);
ACLNN_OP(aclnnHardshrink, const aclTensor* self, const aclScalar* lambd, aclTensor* out);
ACLNN_OP(aclnnHardshrinkBackward, const aclTensor* gradOutput, const aclTensor* self, const aclScalar* lambd,
         aclTensor* gradInput);
ACLNN_OP(aclnnHardsigmoid, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnHardsigmoidBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnHardswish, const aclTensor* self, const aclTensor* out);
ACLNN_OP(aclnnHardswishBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnHardswishBackwardV2, const aclTensor* gradOutput, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnHardtanh, const aclTensor* self, const aclScalar* clipValueMin, const aclScalar* clipValueMax,
         aclTensor* out);
ACLNN_OP(aclnnHardtanhBackward, const aclTensor* gradOutput, const aclTensor* self, const aclScalar* min,
         const aclScalar* max, aclTensor* out);
ACLNN_OP(aclnnInplaceAddRelu, aclTensor* selfRef, const aclTensor* other, aclScalar* alpha);
ACLNN_OP(aclnnInplaceCelu, aclTensor* selfRef, const aclScalar* alpha);
ACLNN_OP(aclnnInplaceElu, aclTensor* selfRef, const aclScalar* alpha, const aclScalar* scale,
         const aclScalar* inputScale);
ACLNN_OP(aclnnInplaceErf, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceErfc, const aclTensor* selfRef);
ACLNN_OP(aclnnInplaceErfinv, const aclTensor* selfRef);
ACLNN_OP(aclnnInplaceHardsigmoid, const aclTensor* self);
ACLNN_OP(aclnnInplaceHardswish, const aclTensor* self);
ACLNN_OP(aclnnInplaceHardtanh, aclTensor* selfRef, const aclScalar* clipValueMin,
         const aclScalar* clipValueMax);
ACLNN_OP(aclnnInplaceLeakyRelu, aclTensor* selfRef, const aclScalar* negativeSlope);
ACLNN_OP(aclnnInplaceMish, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceRReluWithNoise, const aclTensor* self, const aclTensor* noise, const aclScalar* lower,
         const aclScalar* upper, bool training, int64_t seed, int64_t offset);
ACLNN_OP(aclnnInplaceRelu, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceSigmoid, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceTanh, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceThreshold, aclTensor* selfRef, const aclScalar* threshold, const aclScalar* value);
ACLNN_OP(aclnnLeakyRelu, const aclTensor* self, const aclScalar* negativeSlope, aclTensor* out);
ACLNN_OP(aclnnLeakyReluBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclScalar* negativeSlope, bool selfIsResult, aclTensor* out);
ACLNN_OP(aclnnLogSigmoid, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLogSigmoidBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* buffer,
         aclTensor* gradInput);
ACLNN_OP(aclnnLogSigmoidForward, const aclTensor* self, aclTensor* out, aclTensor* buffer);
ACLNN_OP(aclnnLstmBackward, const aclTensor* input, const aclTensorList* hx, const aclTensorList* params,
         const aclTensor* dy, const aclTensor* dh, const aclTensor* dc, const aclTensorList* i,
         const aclTensorList* g, const aclTensorList* f, const aclTensorList* o, const aclTensorList* h,
         const aclTensorList* c, const aclTensorList* tanhc, const aclTensor* batchSizesOptional,
         bool hasBias, int64_t numLayers, double dropout, bool train, bool bidirectional, bool batchFirst,
         const aclBoolArray* outputMask, aclTensor* dxOut, aclTensor* dhPrevOut, aclTensor* dcPrevOut,
         aclTensorList* dparamsOut);
ACLNN_OP(aclnnMish, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnMishBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* gradInput);
ACLNN_OP(aclnnPrelu, const aclTensor* self, const aclTensor* weight, aclTensor* out);
ACLNN_OP(aclnnPreluBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* weight,
         aclTensor* gradInput, aclTensor* gradWeight);
ACLNN_OP(aclnnRReluWithNoise, const aclTensor* self, const aclTensor* noise, const aclScalar* lower,
         const aclScalar* upper, bool training, int64_t seed, int64_t offset, aclTensor* out);
ACLNN_OP(aclnnRelu, const aclTensor* self, const aclTensor* out);
ACLNN_OP(aclnnSigmoid, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSigmoidBackward, const aclTensor* gradOutput, const aclTensor* output, aclTensor* gradInput);
ACLNN_OP(aclnnSilu, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSiluBackward, const aclTensor* gradOutput, const aclTensor* self, aclTensor* gradInput);
ACLNN_OP(aclnnSoftplus, const aclTensor* self, const aclScalar* beta, const aclScalar* threshold,
         aclTensor* out);
ACLNN_OP(aclnnSoftplusBackward, const aclTensor* gradOutput, const aclTensor* self, const aclScalar* beta,
         const aclScalar* threshold, aclTensor* gradInput);
ACLNN_OP(aclnnSwiGlu, const aclTensor* x, int64_t dim, const aclTensor* out);
ACLNN_OP(aclnnSwiGluGrad, const aclTensor* yGrad, const aclTensor* x, int64_t dim, const aclTensor* out);
ACLNN_OP(aclnnTanh, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnTanhBackward, const aclTensor* gradOutput, const aclTensor* output, aclTensor* gradInput);
ACLNN_OP(aclnnThnnFusedLstmCell, const aclTensor* inputGates, const aclTensor* hiddenGates,
         const aclTensor* cx, const aclTensor* inputBiasOptional, const aclTensor* hiddenBiasOptional,
         aclTensor* hyOut, aclTensor* cyOut, aclTensor* storageOut);
ACLNN_OP(aclnnThnnFusedLstmCellBackward, const aclTensor* gradHyOptional, const aclTensor* gradCOptional,
         const aclTensor* cx, const aclTensor* cy, const aclTensor* storage, bool hasBias,
         aclTensor* gradGatesOut, aclTensor* gradCxOut, aclTensor* gradBiasOut);
ACLNN_OP(aclnnThreshold, const aclTensor* self, const aclScalar* threshold, const aclScalar* value,
         aclTensor* out);
ACLNN_OP(aclnnThresholdBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclScalar* threshold, aclTensor* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
