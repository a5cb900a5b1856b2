/* Operators: norm. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAddLayerNorm, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         const aclTensor* beta, const aclTensor* biasOptional, double epsilon, bool additionalOutput,
         const aclTensor* yOut, const aclTensor* meanOut, const aclTensor* rstdOut, const aclTensor* xOut);
ACLNN_OP(aclnnAddLayerNormGrad, const aclTensor* dy, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* rstd, const aclTensor* mean, const aclTensor* gamma, const aclTensor* dsumOptional,
         const aclTensor* dxOut, const aclTensor* dgammaOut, const aclTensor* dbetaOut);
ACLNN_OP(aclnnAddRmsNorm, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma, double epsilon,
         aclTensor* yOut, aclTensor* rstdOut, aclTensor* xOut);
ACLNN_OP(aclnnAddRmsNormCast, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         double epsilon, const aclTensor* y1Out, const aclTensor* y2Out, const aclTensor* rstdOut,
         const aclTensor* xOut);
ACLNN_OP(aclnnBatchNorm, const aclTensor* input, const aclTensor* weight, const aclTensor* bias,
         aclTensor* runningMean, aclTensor* runningVar, bool training, double momentum, double eps,
         aclTensor* output, aclTensor* saveMean, aclTensor* saveInvstd);
ACLNN_OP(aclnnBatchNormBackward, const aclTensor* gradOut, const aclTensor* input, const aclTensor* weight,
         const aclTensor* runningMean, const aclTensor* runningVar, const aclTensor* saveMean,
         const aclTensor* saveInvstd, bool training, double eps, const aclBoolArray* outputMask,
         aclTensor* gradInput, aclTensor* gradWeight, aclTensor* gradBias);
ACLNN_OP(aclnnBatchNormElemt, const aclTensor* input, const aclTensor* weight, const aclTensor* bias,
         aclTensor* mean, aclTensor* invstd, double eps, aclTensor* output);
ACLNN_OP(aclnnBatchNormElemtBackward, const aclTensor* gradOut, const aclTensor* input, const aclTensor* mean,
         const aclTensor* invstd, const aclTensor* weight, const aclTensor* sumDy, const aclTensor* sumDyXmu,
         aclTensor* counter, aclTensor* gradInput);
ACLNN_OP(aclnnBatchNormGatherStatsWithCounts, const aclTensor* input, const aclTensor* mean,
         const aclTensor* invstd, aclTensor* runningMean, aclTensor* runningVar, double momentum, double eps,
         const aclTensor* counts, aclTensor* meanAll, aclTensor* invstdAll);
ACLNN_OP(aclnnBatchNormReduce, const aclTensor* x, aclTensor* sum, aclTensor* squareSum);
ACLNN_OP(aclnnBatchNormReduceBackward, const aclTensor* gradOut, const aclTensor* input,
         const aclTensor* mean, const aclTensor* invstd, const aclTensor* weight, const bool inputG,
         const bool weightG, const bool biasG, aclTensor* sumDy, aclTensor* sumDyXmu, aclTensor* gradWeight,
         aclTensor* gradBias);
ACLNN_OP(aclnnBatchNormStats, const aclTensor* input, double eps, aclTensor* mean, aclTensor* invstd);
ACLNN_OP(aclnnDeepNorm, const aclTensor* x, const aclTensor* gx, const aclTensor* beta,
         const aclTensor* gamma, double alpha, double epsilon, const aclTensor* meanOut,
         const aclTensor* rstdOut, const aclTensor* yOut);
ACLNN_OP(aclnnDeepNormGrad, const aclTensor* dy, const aclTensor* x, const aclTensor* gx,
         const aclTensor* gamma, const aclTensor* mean, const aclTensor* rstd, double alpha,
         const aclTensor* dxOut, const aclTensor* dgxOut, const aclTensor* dbetaOut,
         const aclTensor* dgammaOut);
ACLNN_OP(aclnnFastLayerNorm, const aclTensor* input, const aclIntArray* normalizedShape,
         const aclTensor* weightOptional, const aclTensor* biasOptional, double eps, aclTensor* out,
         aclTensor* meanOutOptional, aclTensor* rstdOutOptional);
ACLNN_OP(aclnnGemmaRmsNorm, const aclTensor* x, const aclTensor* gamma, double epsilon, const aclTensor* yOut,
         const aclTensor* rstdOut);
ACLNN_OP(aclnnGroupNorm, const aclTensor* self, const aclTensor* gamma, const aclTensor* beta, int64_t N,
         int64_t C, int64_t HxW, int64_t group, double eps, aclTensor* out, aclTensor* meanOut,
         aclTensor* rstdOut);
ACLNN_OP(aclnnGroupNormBackward, const aclTensor* gradOut, const aclTensor* input, const aclTensor* mean,
         const aclTensor* rstd, const aclTensor* gamma, int64_t N, int64_t C, int64_t HxW, int64_t group,
         const aclBoolArray* outputMask, aclTensor* gradInput, aclTensor* gradGammaOut,
         aclTensor* gradBetaOut);
ACLNN_OP(aclnnGroupNormSilu, const aclTensor* self, const aclTensor* gamma, const aclTensor* beta,
         int64_t group, double eps, aclTensor* out, aclTensor* meanOut, aclTensor* rstdOut);
ACLNN_OP(aclnnGroupNormSwish, const aclTensor* x, const aclTensor* gamma, const aclTensor* beta,
         int64_t numGroups, char* dataFormatOptional, double eps, bool activateSwish, double swishScale,
         const aclTensor* yOut, const aclTensor* meanOut, const aclTensor* rstdOut);
ACLNN_OP(aclnnGroupNormSwishGrad, const aclTensor* dy, const aclTensor* mean, const aclTensor* rstd,
         const aclTensor* x, const aclTensor* gamma, const aclTensor* beta, int64_t numGroups,
         char* dataFormatOptional, double swishScale, bool dgammaIsRequire, bool dbetaIsRequire,
         const aclTensor* dxOut, const aclTensor* dgammaOut, const aclTensor* dbetaOut);
ACLNN_OP(aclnnInplaceAddRmsNorm, aclTensor* x1Ref, aclTensor* x2Ref, const aclTensor* gamma, double epsilon,
         const aclTensor* rstdOut);
ACLNN_OP(aclnnLayerNorm, const aclTensor* input, const aclIntArray* normalizedShape,
         const aclTensor* weightOptional, const aclTensor* biasOptional, double eps, aclTensor* out,
         aclTensor* meanOutOptional, aclTensor* rstdOutOptional);
ACLNN_OP(aclnnLayerNormBackward, const aclTensor* gradOut, const aclTensor* input,
         const aclIntArray* normalizedShape, const aclTensor* mean, const aclTensor* rstd,
         const aclTensor* weightOptional, const aclTensor* biasOptional, const aclBoolArray* outputMask,
         aclTensor* gradInputOut, aclTensor* gradWeightOut, aclTensor* gradBiasOut);
ACLNN_OP(aclnnLinalgVectorNorm, const aclTensor* self, const aclScalar* ord, const aclIntArray* dims,
         bool keepDims, const aclDataType dtype, aclTensor* out);
ACLNN_OP(aclnnLogSoftmax, const aclTensor* self, int64_t dim, aclTensor* out);
ACLNN_OP(aclnnLogSoftmaxBackward, const aclTensor* gradOutput, const aclTensor* output, int64_t dim,
         aclTensor* out);
ACLNN_OP(aclnnMaskedSoftmaxWithRelPosBias, const aclTensor* x, const aclTensor* attenMaskOptional,
         const aclTensor* relativePosBias, double scaleValue, int64_t innerPrecisionMode,
         const aclTensor* out);
ACLNN_OP(aclnnNorm, const aclTensor* self, const aclScalar* pScalar, const aclIntArray* dim, bool keepdim,
         aclTensor* out);
ACLNN_OP(aclnnRmsNorm, const aclTensor* x, const aclTensor* gamma, double epsilon, const aclTensor* yOut,
         const aclTensor* rstdOut);
ACLNN_OP(aclnnRmsNormGrad, const aclTensor* dy, const aclTensor* x, const aclTensor* rstd,
         const aclTensor* gamma, const aclTensor* dxOut, const aclTensor* dgammaOut);
ACLNN_OP(aclnnScaledMaskedSoftmax, const aclTensor* x, const aclTensor* mask, double scale,
         bool fixedTriuMask, aclTensor* y);
ACLNN_OP(aclnnScaledMaskedSoftmaxBackward, const aclTensor* gradOutput, const aclTensor* y,
         const aclTensor* mask, double scale, bool fixTriuMask, aclTensor* out);
ACLNN_OP(aclnnSoftmax, const aclTensor* self, int64_t dim, aclTensor* out);
ACLNN_OP(aclnnSoftmaxBackward, const aclTensor* gradOutput, const aclTensor* output, int64_t dim,
         aclTensor* out);
ACLNN_OP(aclnnStd, const aclTensor* self, const aclIntArray* dim, const int64_t correction, bool keepdim,
         aclTensor* out);
ACLNN_OP(aclnnStdMeanCorrection, const aclTensor* self, const aclIntArray* dim, int64_t correction,
         bool keepdim, aclTensor* stdOut, aclTensor* meanOut);
ACLNN_OP(aclnnSyncBatchNormGatherStats, const aclTensor* totalSum, const aclTensor* totalSquareSum,
         const aclTensor* sampleCount, aclTensor* mean, aclTensor* variance, float momentum, float eps,
         aclTensor* batchMean, aclTensor* batchInvstd);
ACLNN_OP(aclnnVarCorrection, const aclTensor* self, const aclIntArray* dim, int64_t correction, bool keepdim,
         aclTensor* out);
ACLNN_OP(aclnnVarMean, const aclTensor* self, const aclIntArray* dim, int64_t correction, bool keepdim,
         aclTensor* varOut, aclTensor* meanOut);

#ifdef __cplusplus
} /* extern "C" */
#endif
