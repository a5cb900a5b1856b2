/* Operators: random. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnDropoutDoMask, const aclTensor* self, const aclTensor* mask, double prob, aclTensor* out);
ACLNN_OP(aclnnDropoutGenMask, const aclIntArray* shape, double prob, int64_t seed, int64_t offset,
         aclTensor* out);
ACLNN_OP(aclnnDropoutGenMaskV2, const aclIntArray* shape, double prob, int64_t seed, int64_t offset,
         aclDataType probDataType, aclTensor* out);
ACLNN_OP(aclnnDropoutGenMaskV2Tensor, const aclIntArray* shape, double prob, const aclTensor* seedTensor,
         const aclTensor* offsetTensor, int64_t offset, aclDataType probDataType, aclTensor* out);
ACLNN_OP(aclnnDropoutV3, const aclTensor* input, const aclTensor* optionalNoiseShape, double p, int64_t seed,
         int64_t offset, aclTensor* out, aclTensor* maskOut);
ACLNN_OP(aclnnDropoutV3Grad, const aclTensor* gradY, const aclTensor* mask, double scale, aclTensor* gradX);
ACLNN_OP(aclnnInplaceBernoulli, const aclTensor* selfRef, const aclScalar* prob, int64_t seed,
         int64_t offset);
ACLNN_OP(aclnnInplaceBernoulliTensor, const aclTensor* selfRef, const aclTensor* prob, int64_t seed,
         int64_t offset);
ACLNN_OP(aclnnInplaceNormal, const aclTensor* selfRef, float mean, float std, int64_t seed, int64_t offset);
ACLNN_OP(aclnnInplaceNormalTensor, const aclTensor* selfRef, float mean, float std,
         const aclTensor* seedTensor, const aclTensor* offsetTensor, int64_t offset);
ACLNN_OP(aclnnInplaceRandom, const aclTensor* selfRef, int64_t from, int64_t to, int64_t seed,
         int64_t offset);
ACLNN_OP(aclnnInplaceRandomTensor, const aclTensor* selfRef, int64_t from, int64_t to,
         const aclTensor* seedTensor, const aclTensor* offsetTensor, int64_t offset);
ACLNN_OP(aclnnInplaceRandomWithoutFromTo, const aclTensor* selfRef, int64_t seed, int64_t offset);
ACLNN_OP(aclnnInplaceRandomWithoutFromToTensor, const aclTensor* selfRef, const aclTensor* seedTensor,
         const aclTensor* offsetTensor, int64_t offset);
ACLNN_OP(aclnnInplaceUniform, const aclTensor* selfRef, double from, double to, uint64_t seed,
         uint64_t offset);
ACLNN_OP(aclnnInplaceUniformTensor, const aclTensor* selfRef, double from, double to,
         const aclTensor* seedTensor, const aclTensor* offsetTensor, uint64_t offset);
ACLNN_OP(aclnnMultinomial, const aclTensor* self, int64_t numsamples, bool replacement, int64_t seed,
         int64_t offset, aclTensor* out);
ACLNN_OP(aclnnMultinomialTensor, const aclTensor* self, int64_t numsamples, bool replacement,
         const aclTensor* seedTensor, const aclTensor* offsetTensor, int64_t offset, aclTensor* out);
ACLNN_OP(aclnnNormalFloatFloat, float mean, float std, int64_t seed, int64_t offset, aclTensor* out);
ACLNN_OP(aclnnNormalFloatTensor, float mean, const aclTensor* std, int64_t seed, int64_t offset,
         aclTensor* out);
ACLNN_OP(aclnnNormalTensorFloat, const aclTensor* mean, float std, int64_t seed, int64_t offset,
         aclTensor* out);
ACLNN_OP(aclnnNormalTensorTensor, const aclTensor* mean, const aclTensor* std, int64_t seed, int64_t offset,
         aclTensor* out);
ACLNN_OP(aclnnRandperm, int64_t n, int64_t seed, int64_t offset, aclTensor* out);
ACLNN_OP(aclnnSimThreadExponential, aclTensor* selfRef, int64_t count, double lambda, int64_t seed,
         int64_t offset);

#ifdef __cplusplus
} /* extern "C" */
#endif
