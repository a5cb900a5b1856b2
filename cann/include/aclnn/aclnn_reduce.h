/* Operators: reduce. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAll, const aclTensor* self, const aclIntArray* dim, bool keepdim, aclTensor* out);
ACLNN_OP(aclnnAmax, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out);
ACLNN_OP(aclnnAmin, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out);
ACLNN_OP(aclnnAminmax, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* minOut,
         aclTensor* maxOut);
ACLNN_OP(aclnnAminmaxAll, const aclTensor* self, aclTensor* minOut, aclTensor* maxOut);
ACLNN_OP(aclnnAminmaxDim, const aclTensor* self, const int64_t dim, bool keepDim, aclTensor* minOut,
         aclTensor* maxOut);
ACLNN_OP(aclnnAny, const aclTensor* self, const aclIntArray* dim, bool keepdim, aclTensor* out);
ACLNN_OP(aclnnArgMax, const aclTensor* self, int64_t dim, bool keepdim, aclTensor* out);
ACLNN_OP(aclnnArgMin, const aclTensor* self, int64_t dim, bool keepdim, aclTensor* out);
ACLNN_OP(aclnnClampMax, const aclTensor* self, const aclScalar* clipValueMax, aclTensor* out);
ACLNN_OP(aclnnClampMaxTensor, const aclTensor* self, const aclTensor* max, aclTensor* out);
ACLNN_OP(aclnnClampMin, const aclTensor* self, const aclScalar* clipValueMin, aclTensor* out);
ACLNN_OP(aclnnClampMinTensor, const aclTensor* self, const aclTensor* clipValueMin, aclTensor* out);
ACLNN_OP(aclnnCummax, const aclTensor* self, int64_t dim, aclTensor* valuesOut, aclTensor* indicesOut);
ACLNN_OP(aclnnCummin, const aclTensor* self, int64_t dim, aclTensor* valuesOut, aclTensor* indicesOut);
ACLNN_OP(aclnnCumprod, const aclTensor* input, const aclScalar* dim, const aclDataType dtype, aclTensor* out);
ACLNN_OP(aclnnCumsum, const aclTensor* self, int64_t dim, aclDataType dtype, aclTensor* out);
ACLNN_OP(aclnnFusedLinearOnlineMaxSum, const aclTensor* input, const aclTensor* weight,
         const aclTensor* target, int64_t vocabStartIndex, int64_t vocabEndIndex,
         aclTensor* logitsMaxLocalOut, aclTensor* sumExpLogitsLocalOut, aclTensor* predictedLogitsLocalOut,
         aclTensor* targetMaskOut, aclTensor* maskedTargetOut, aclTensor* vocabParallelLogitsOutOptional);
ACLNN_OP(aclnnInplaceClampMax, const aclTensor* selfRef, const aclScalar* clipValueMax);
ACLNN_OP(aclnnInplaceClampMaxTensor, aclTensor* selfRef, const aclTensor* max);
ACLNN_OP(aclnnInplaceClampMinTensor, aclTensor* selfRef, const aclTensor* clipValueMin);
ACLNN_OP(aclnnLogAddExp, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLogAddExp2, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLogSumExp, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out);
ACLNN_OP(aclnnMax, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnMaxDim, const aclTensor* self, int64_t dim, bool keepdim, aclTensor* out, aclTensor* indices);
ACLNN_OP(aclnnMaxUnpool2d, const aclTensor* self, const aclTensor* indices, const aclIntArray* outputSize,
         aclTensor* out);
ACLNN_OP(aclnnMaxUnpool3d, const aclTensor* self, const aclTensor* indices, const aclIntArray* outputSize,
         const aclIntArray* stride, const aclIntArray* padding, aclTensor* outRef);
ACLNN_OP(aclnnMaximum, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnMean, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclDataType dtype,
         aclTensor* out);
ACLNN_OP(aclnnMin, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnMinDim, const aclTensor* self, int64_t dim, bool keepdim, aclTensor* out, aclTensor* indices);
ACLNN_OP(aclnnMinimum, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnProd, const aclTensor* self, const aclDataType dtype, aclTensor* out);
ACLNN_OP(aclnnProdDim, const aclTensor* self, int64_t dim, bool keepDim, const aclDataType dtype,
         aclTensor* out);
ACLNN_OP(aclnnReduceSum, const aclTensor* self, const aclIntArray* dims, bool keepDims, aclDataType dtype,
         aclTensor* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
