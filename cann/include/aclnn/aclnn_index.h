/* Operators: index. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnBincount, const aclTensor* self, const aclTensor* weights, int64_t minlength, aclTensor* out);
ACLNN_OP(aclnnBucketize, const aclTensor* self, const aclTensor* boundaries, const bool outInt32,
         const bool right, aclTensor* out);
ACLNN_OP(aclnnCast, const aclTensor* self, const aclDataType dtype, aclTensor* out);
ACLNN_OP(aclnnCat, const aclTensorList* tensors, int64_t dim, aclTensor* out);
ACLNN_OP(aclnnChunkCat, const aclTensorList* tensors, int64_t dim, int64_t numChunks, aclTensor* out);
ACLNN_OP(aclnnConfusionTranspose, const aclTensor* x, const aclIntArray* perm, const aclIntArray* shape,
         bool transpose_first, aclTensor* out);
ACLNN_OP(aclnnEmbedding, const aclTensor* weight, const aclTensor* indices, const aclTensor* out);
ACLNN_OP(aclnnEmbeddingBag, const aclTensor* weight, const aclTensor* indices, const aclTensor* offsets,
         bool scaleGradByFreq, int64_t mode, bool sparse, const aclTensor* perSampleWeights,
         bool includeLastOffset, int64_t paddingIdx, aclTensor* output, aclTensor* offset2bag,
         aclTensor* bagSize, aclTensor* maxIndices);
ACLNN_OP(aclnnEmbeddingDenseBackward, const aclTensor* grad, const aclTensor* indices, uint64_t numWeights,
         uint64_t paddingIdx, bool scaleGradByFreq, const aclTensor* out);
ACLNN_OP(aclnnFlip, const aclTensor* self, const aclIntArray* dims, aclTensor* out);
ACLNN_OP(aclnnGather, const aclTensor* self, const int64_t dim, const aclTensor* index, aclTensor* out);
ACLNN_OP(aclnnGatherV3, const aclTensor* self, int64_t dim, const aclTensor* index, int64_t batchDims,
         int64_t mode, aclTensor* out);
ACLNN_OP(aclnnHistc, const aclTensor* self, int64_t bins, const aclScalar* min, const aclScalar* max,
         aclTensor* out);
ACLNN_OP(aclnnIndex, const aclTensor* self, const aclTensorList* indices, aclTensor* out);
ACLNN_OP(aclnnIndexAdd, const aclTensor* self, const int64_t dim, const aclTensor* index,
         const aclTensor* source, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnIndexAddV2, const aclTensor* self, const int64_t dim, const aclTensor* index,
         const aclTensor* source, const aclScalar* alpha, int64_t mode, aclTensor* out);
ACLNN_OP(aclnnIndexCopy, aclTensor* selfRef, int64_t dim, const aclTensor* index, const aclTensor* source,
         aclTensor* outRef);
ACLNN_OP(aclnnIndexFill, const aclTensor* self, int64_t dim, const aclTensor* index, const aclScalar* value,
         aclTensor* out);
ACLNN_OP(aclnnIndexFillTensor, const aclTensor* self, int64_t dim, const aclIntArray* index,
         const aclScalar* value, aclTensor* out);
ACLNN_OP(aclnnIndexPutImpl, aclTensor* selfRef, const aclTensorList* indices, const aclTensor* values,
         const bool accumulate, const bool unsafe);
ACLNN_OP(aclnnIndexSelect, const aclTensor* self, int64_t dim, const aclTensor* index, aclTensor* out);
ACLNN_OP(aclnnInplaceCopy, aclTensor* selfRef, const aclTensor* src);
ACLNN_OP(aclnnInplaceIndexCopy, aclTensor* selfRef, int64_t dim, const aclTensor* index,
         const aclTensor* source);
ACLNN_OP(aclnnInplaceIndexFill, aclTensor* selfRef, int64_t dim, const aclTensor* index,
         const aclScalar* value);
ACLNN_OP(aclnnInplaceIndexFillTensor, aclTensor* selfRef, int64_t dim, const aclIntArray* index,
         const aclScalar* value);
ACLNN_OP(aclnnInplaceMaskedFillScalar, aclTensor* selfRef, const aclTensor* mask, const aclScalar* value);
ACLNN_OP(aclnnInplaceMaskedFillTensor, aclTensor* selfRef, const aclTensor* mask, const aclTensor* value);
ACLNN_OP(aclnnInplaceMaskedScatter, aclTensor* selfRef, const aclTensor* mask, const aclTensor* source);
ACLNN_OP(aclnnInplacePut, aclTensor* selfRef, const aclTensor* index, const aclTensor* source,
         bool accumulate);
ACLNN_OP(aclnnInplaceScatter, aclTensor* selfRef, int64_t dim, const aclTensor* index, const aclTensor* src,
         int64_t reduce);
ACLNN_OP(aclnnInplaceScatterReduce, aclTensor* selfRef, int64_t dim, const aclTensor* index,
         const aclTensor* src, int64_t reduce, bool includeSelf);
ACLNN_OP(aclnnInplaceScatterUpdate, aclTensor* data, const aclTensor* indices, const aclTensor* updates,
         int64_t axis);
ACLNN_OP(aclnnInplaceScatterValue, aclTensor* selfRef, int64_t dim, const aclTensor* index,
         const aclScalar* value, int64_t reduce);
ACLNN_OP(aclnnKthvalue, const aclTensor* self, int64_t k, int64_t dim, bool keepdim, aclTensor* valuesOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnMaskedScale, const aclTensor* self, const aclTensor* mask, float scale, aclTensor* out);
ACLNN_OP(aclnnMaskedSelect, const aclTensor* self, const aclTensor* mask, aclTensor* out);
ACLNN_OP(aclnnMedian, const aclTensor* self, aclTensor* valuesOut);
ACLNN_OP(aclnnMedianDim, const aclTensor* self, int64_t dim, bool keepDim, aclTensor* valuesOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnNanMedian, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnNanMedianDim, const aclTensor* self, int64_t dim, bool keepDim, aclTensor* valuesOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnNonzero, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnNonzeroV2, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnNpuFormatCast, const aclTensor* srcTensor, aclTensor* dstTensor);
ACLNN_OP(aclnnOneHot, const aclTensor* self, int numClasses, const aclTensor* onValue,
         const aclTensor* offValue, int64_t axis, aclTensor* out);
ACLNN_OP(aclnnRepeat, const aclTensor* self, const aclIntArray* repeats, aclTensor* out);
ACLNN_OP(aclnnRepeatInterleave, const aclTensor* self, const aclTensor* repeats, int64_t outputSize,
         aclTensor* out);
ACLNN_OP(aclnnRepeatInterleaveGrad, const aclTensor* yGrad, const aclTensor* repeats, int64_t axis,
         const aclTensor* out);
ACLNN_OP(aclnnRepeatInterleaveInt, const aclTensor* self, int64_t repeats, int64_t outputSize,
         aclTensor* out);
ACLNN_OP(aclnnRepeatInterleaveIntWithDim, const aclTensor* self, int64_t repeats, int64_t dim,
         int64_t outputSize, aclTensor* out);
ACLNN_OP(aclnnRepeatInterleaveTensor, const aclTensor* repeats, int64_t outputSize, aclTensor* out);
ACLNN_OP(aclnnRepeatInterleaveWithDim, const aclTensor* self, const aclTensor* repeats, int64_t dim,
         int64_t outputSize, aclTensor* out);
ACLNN_OP(aclnnSWhere, const aclTensor* condition, const aclTensor* self, const aclTensor* other,
         aclTensor* out);
ACLNN_OP(aclnnScatter, const aclTensor* self, int64_t dim, const aclTensor* index, const aclTensor* src,
         int64_t reduce, aclTensor* out);
ACLNN_OP(aclnnScatterAdd, const aclTensor* self, int64_t dim, const aclTensor* index, const aclTensor* src,
         aclTensor* out);
ACLNN_OP(aclnnScatterList, aclTensorList* varRef, const aclTensor* indice, const aclTensor* updates,
         const aclTensor* maskOptional, char* reduceOptional, int64_t axis);
ACLNN_OP(aclnnScatterNdUpdate, aclTensor* varRef, const aclTensor* indices, const aclTensor* updates);
ACLNN_OP(aclnnScatterReduce, const aclTensor* self, int64_t dim, const aclTensor* index, const aclTensor* src,
         int64_t reduce, bool includeSelf, aclTensor* out);
ACLNN_OP(aclnnScatterValue, const aclTensor* self, int64_t dim, const aclTensor* index,
         const aclScalar* value, int64_t reduce, aclTensor* out);
ACLNN_OP(aclnnSearchSorted, const aclTensor* sortedSequence, const aclTensor* self, bool outInt32, bool right,
         const aclTensor* sorter, aclTensor* out);
ACLNN_OP(aclnnSearchSorteds, const aclTensor* sortedSequence, const aclScalar* self, const bool outInt32,
         const bool right, const aclTensor* sorter, aclTensor* out);
ACLNN_OP(aclnnSort, const aclTensor* self, bool stable, int64_t dim, bool descending, aclTensor* valuesOut,
         aclTensor* indicesOut);
ACLNN_OP(aclnnSplitWithSize, const aclTensor* self, const aclIntArray* splitSize, int64_t dim,
         aclTensorList* out);
ACLNN_OP(aclnnStack, const aclTensorList* tensors, int64_t dim, aclTensor* out);
ACLNN_OP(aclnnStridedSlice, const aclTensor* self, const aclIntArray* begin, const aclIntArray* end,
         const aclIntArray* strides, int64_t beginMask, int64_t endMask, int64_t ellipsisMask,
         int64_t newAxisMask, int64_t shrinkAxisMask, aclTensor* out);
ACLNN_OP(aclnnTake, const aclTensor* self, const aclTensor* index, aclTensor* out);
ACLNN_OP(aclnnTopKTopPSample, const aclTensor* logits, const aclTensor* topK, const aclTensor* topP,
         const aclTensor* q, double eps, bool isNeedLogits, int64_t topKGuess,
         const aclTensor* logitsSelectIdx, const aclTensor* logitsTopKPSelect);
ACLNN_OP(aclnnTopKTopPSampleV2, const aclTensor* logits, const aclTensor* topK, const aclTensor* topP,
         const aclTensor* q, const aclTensor* minPs, double eps, bool isNeedLogits, int64_t topKGuess,
         int64_t ksMax, bool inputIsLogits, bool isNeedSampleResult, const aclTensor* logitsSelectIdx,
         const aclTensor* logitsTopKPSelect, const aclTensor* logitsIdx, const aclTensor* logitsSortMasked);
ACLNN_OP(aclnnTopk, const aclTensor* self, int64_t k, int64_t dim, bool largest, bool sorted,
         aclTensor* valuesOut, aclTensor* indicesOut);
ACLNN_OP(aclnnTransformBiasRescaleQkv, const aclTensor* qkv, const aclTensor* qkvBias, int64_t numHeads,
         const aclTensor* qOut, const aclTensor* kOut, const aclTensor* vOut);
ACLNN_OP(aclnnUnique, const aclTensor* self, bool sorted, bool returnInverse, aclTensor* valueOut,
         aclTensor* inverseOut);
ACLNN_OP(aclnnUnique2, const aclTensor* self, bool sorted, bool returnInverse, bool returnCounts,
         aclTensor* valueOut, aclTensor* inverseOut, aclTensor* countsOut);
ACLNN_OP(aclnnUniqueConsecutive, const aclTensor* self, bool returnInverse, bool returnCounts, int64_t dim,
         aclTensor* valueOut, aclTensor* inverseOut, aclTensor* countsOut);
ACLNN_OP(aclnnUniqueDim, const aclTensor* self, bool sorted, bool returnInverse, int64_t dim,
         aclTensor* valueOut, aclTensor* inverseOut, aclTensor* countsOut);

#ifdef __cplusplus
} /* extern "C" */
#endif
