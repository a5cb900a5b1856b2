/* Operators: moe. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAlltoAllvGroupedMatMul, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const char* group,
         int64_t epWorldSize, const aclIntArray* sendCounts, const aclIntArray* recvCounts,
         bool transGmmWeight, bool transMmWeight, bool permuteOutFlag, aclTensor* gmmY,
         aclTensor* mmYOptional, aclTensor* permuteOutOptional);
ACLNN_OP(aclnnAlltoAllvGroupedMatMulV2, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const char* group,
         const char* commMode, int64_t epWorldSize, const aclIntArray* sendCounts,
         const aclIntArray* recvCounts, bool transGmmWeight, bool transMmWeight, bool permuteOutFlag,
         aclTensor* gmmY, aclTensor* mmYOptional, aclTensor* permuteOutOptional);
ACLNN_OP(aclnnFFNV2, const aclTensor* x, const aclTensor* weight1, const aclTensor* weight2,
         const aclIntArray* expertTokens, const aclTensor* bias1, const aclTensor* bias2,
         const aclTensor* scale, const aclTensor* offset, const aclTensor* deqScale1,
         const aclTensor* deqScale2, const aclTensor* antiquantScale1, const aclTensor* antiquantScale2,
         const aclTensor* antiquantOffset1, const aclTensor* antiquantOffset2, const char* activation,
         int64_t innerPrecise, bool tokensIndexFlag, const aclTensor* y);
ACLNN_OP(aclnnFfnWorkerBatching, const aclTensor* scheduleContext, int64_t expertNum,
         const aclIntArray* maxOutShape, int64_t tokenDtype, int64_t needSchedule, int64_t layerNum,
         const aclTensor* y, const aclTensor* groupList, const aclTensor* sessionIds,
         const aclTensor* microBatchIds, const aclTensor* tokenIds, const aclTensor* expertOffsets,
         const aclTensor* dynamicScale, const aclTensor* actualTokenNum);
ACLNN_OP(aclnnGroupedMatMulAlltoAllv, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const char* group,
         int64_t epWorldSize, const aclIntArray* sendCounts, const aclIntArray* recvCounts,
         bool transGmmWeight, bool transMmWeight, aclTensor* y, aclTensor* mmYOptional);
ACLNN_OP(aclnnGroupedMatMulAlltoAllvV2, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const char* group,
         const char* commMode, int64_t epWorldSize, const aclIntArray* sendCounts,
         const aclIntArray* recvCounts, bool transGmmWeight, bool transMmWeight, aclTensor* y,
         aclTensor* mmYOptional);
ACLNN_OP(aclnnGroupedMatmul, const aclTensorList* x, const aclTensorList* weight,
         const aclTensorList* biasOptional, const aclTensorList* scaleOptional,
         const aclTensorList* offsetOptional, const aclTensorList* antiquantScaleOptional,
         const aclTensorList* antiquantOffsetOptional, const aclIntArray* groupListOptional,
         int64_t splitItem, const aclTensorList* y);
ACLNN_OP(aclnnGroupedMatmulAdd, const aclTensor* x, const aclTensor* weight, const aclTensor* groupList,
         aclTensor* yRef, bool transposeX, bool transposeWeight, int64_t groupType);
ACLNN_OP(aclnnGroupedMatmulAddV2, const aclTensor* x, const aclTensor* weight, const aclTensor* groupList,
         aclTensor* yRef, bool transposeX, bool transposeWeight, int64_t groupType, int64_t groupListType);
ACLNN_OP(aclnnGroupedMatmulFinalizeRoutingV2, const aclTensor* x1, aclTensor* x2,
         const aclTensor* scaleOptional, const aclTensor* biasOptional, const aclTensor* offsetOptional,
         const aclTensor* antiquantScaleOptional, const aclTensor* antiquantOffsetOptional,
         const aclTensor* pertokenScaleOptional, const aclTensor* groupListOptional,
         const aclTensor* sharedInputOptional, const aclTensor* logitOptional,
         const aclTensor* rowIndexOptional, int64_t dtype, float sharedInputWeight, int64_t sharedInputOffset,
         bool transposeX1, bool transposeX2, int64_t groupListType, aclTensor* out);
ACLNN_OP(aclnnGroupedMatmulFinalizeRoutingV3, const aclTensor* x1, aclTensor* x2,
         const aclTensor* scaleOptional, const aclTensor* biasOptional, const aclTensor* offsetOptional,
         const aclTensor* antiquantScaleOptional, const aclTensor* antiquantOffsetOptional,
         const aclTensor* pertokenScaleOptional, const aclTensor* groupListOptional,
         const aclTensor* sharedInputOptional, const aclTensor* logitOptional,
         const aclTensor* rowIndexOptional, int64_t dtype, float sharedInputWeight, int64_t sharedInputOffset,
         bool transposeX1, bool transposeX2, int64_t groupListType, const aclIntArray* tuningConfigOptional,
         aclTensor* out);
ACLNN_OP(aclnnGroupedMatmulFinalizeRoutingWeightNz, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* scale, const aclTensor* bias, const aclTensor* pertokenScaleOptional,
         const aclTensor* groupList, const aclTensor* sharedInput, const aclTensor* logit,
         const aclTensor* rowIndex, int64_t dtype, float sharedInputWeight, int64_t sharedInputOffset,
         bool transposeX1, bool transposeX2, int64_t groupListType, aclTensor* out);
ACLNN_OP(aclnnGroupedMatmulFinalizeRoutingWeightNzV2, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* scale, const aclTensor* bias, const aclTensor* offsetOptional,
         const aclTensor* antiquantScaleOptional, const aclTensor* antiquantOffsetOptional,
         const aclTensor* pertokenScaleOptional, const aclTensor* groupList, const aclTensor* sharedInput,
         const aclTensor* logit, const aclTensor* rowIndex, int64_t dtype, float sharedInputWeight,
         int64_t sharedInputOffset, bool transposeX1, bool transposeX2, int64_t groupListType,
         const aclIntArray* tuningConfigOptional, aclTensor* out);
ACLNN_OP(aclnnGroupedMatmulV4, const aclTensorList* x, const aclTensorList* weight,
         const aclTensorList* biasOptional, const aclTensorList* scaleOptional,
         const aclTensorList* offsetOptional, const aclTensorList* antiquantScaleOptional,
         const aclTensorList* antiquantOffsetOptional, const aclTensorList* perTokenScaleOptional,
         const aclTensor* groupListOptional, const aclTensorList* activationInputOptional,
         const aclTensorList* activationQuantScaleOptional,
         const aclTensorList* activationQuantOffsetOptional, int64_t splitItem, int64_t groupType,
         int64_t groupListType, int64_t actType, aclTensorList* out,
         aclTensorList* activationFeatureOutOptional, aclTensorList* dynQuantScaleOutOptional);
ACLNN_OP(aclnnGroupedMatmulV5, const aclTensorList* x, const aclTensorList* weight,
         const aclTensorList* biasOptional, const aclTensorList* scaleOptional,
         const aclTensorList* offsetOptional, const aclTensorList* antiquantScaleOptional,
         const aclTensorList* antiquantOffsetOptional, const aclTensorList* perTokenScaleOptional,
         const aclTensor* groupListOptional, const aclTensorList* activationInputOptional,
         const aclTensorList* activationQuantScaleOptional,
         const aclTensorList* activationQuantOffsetOptional, int64_t splitItem, int64_t groupType,
         int64_t groupListType, int64_t actType, aclIntArray* tuningConfigOptional, aclTensorList* out,
         aclTensorList* activationFeatureOutOptional, aclTensorList* dynQuantScaleOutOptional);
ACLNN_OP(aclnnGroupedMatmulWeightNz, const aclTensorList* x, const aclTensorList* weight,
         const aclTensorList* biasOptional, const aclTensorList* scaleOptional,
         const aclTensorList* offsetOptional, const aclTensorList* antiquantScaleOptional,
         const aclTensorList* antiquantOffsetOptional, const aclTensorList* perTokenScaleOptional,
         const aclTensor* groupListOptional, const aclTensorList* activationInputOptional,
         const aclTensorList* activationQuantScaleOptional,
         const aclTensorList* activationQuantOffsetOptional, int64_t splitItem, int64_t groupType,
         int64_t groupListType, int64_t actType, aclIntArray* tuningConfigOptional, int64_t quantGroupSize,
         aclTensorList* out, aclTensorList* activationFeatureOutOptional,
         aclTensorList* dynQuantScaleOutOptional);
ACLNN_OP(aclnnInplaceFfnWorkerScheduler, aclTensor* scheduleContextRef, int32_t syncGroupSize,
         int32_t executeMode);
ACLNN_OP(aclnnMoeComputeExpertTokens, const aclTensor* sortedExperts, int64_t numExperts,
         const aclTensor* out);
ACLNN_OP(aclnnMoeFinalizeRouting, const aclTensor* expandedX, const aclTensor* x1,
         const aclTensor* x2Optional, const aclTensor* bias, const aclTensor* scales,
         const aclTensor* expandedRowIdx, const aclTensor* expandedExpertIdx, const aclTensor* out);
ACLNN_OP(aclnnMoeFinalizeRoutingV2, const aclTensor* expandedX, const aclTensor* expandedRowIdx,
         const aclTensor* x1Optional, const aclTensor* x2Optional, const aclTensor* biasOptional,
         const aclTensor* scalesOptional, const aclTensor* expertIdxOptional, int64_t dropPadMode,
         const aclTensor* out);
ACLNN_OP(aclnnMoeFinalizeRoutingV4, const aclTensor* expandedX, const aclTensor* expandedRowIdx,
         const aclTensor* x1Optional, const aclTensor* x2Optional, const aclTensor* biasOptional,
         const aclTensor* scalesOptional, const aclTensor* expertIdxOptional, const aclTensor* xOptional,
         const aclTensor* a1Optional, const aclTensor* a2Optional, const aclTensor* vOptional,
         int64_t dropPadMode, const aclIntArray* zeroExpertRange, const aclIntArray* copyExpertRange,
         const aclIntArray* constantExpertRange, int64_t k, const aclTensor* out);
ACLNN_OP(aclnnMoeGatingTopK, const aclTensor* x, const aclTensor* biasOptional, int64_t k, int64_t kGroup,
         int64_t groupCount, int64_t groupSelectMode, int64_t renorm, int64_t normType, bool outFlag,
         double routedScalingFactor, double eps, const aclTensor* yOut, const aclTensor* expertIdxOut,
         const aclTensor* outOut);
ACLNN_OP(aclnnMoeGatingTopKBackward, const aclTensor* xNorm, const aclTensor* gradY,
         const aclTensor* expertIdx, int64_t renorm, int64_t normType, double routedScalingFactor, double eps,
         const aclTensor* out);
ACLNN_OP(aclnnMoeGatingTopKSoftmax, const aclTensor* x, const aclTensor* finishedOptional, int64_t k,
         const aclTensor* yOut, const aclTensor* expertIdxOut, const aclTensor* rowIdxOut);
ACLNN_OP(aclnnMoeGatingTopKSoftmaxV2, const aclTensor* x, const aclTensor* finishedOptional, int64_t k,
         int64_t renorm, bool outputSoftmaxResultFlag, const aclTensor* yOut, const aclTensor* expertIdxOut,
         const aclTensor* softmaxResultOutOptional);
ACLNN_OP(aclnnMoeGatingTopKV2, const aclTensor* x, const aclTensor* biasOptional,
         const aclTensor* inputIdsOptional, const aclTensor* tid2eidOptional, int64_t k, int64_t kGroup,
         int64_t groupCount, int64_t groupSelectMode, int64_t renorm, int64_t normType, bool outFlag,
         double routedScalingFactor, double eps, const aclTensor* yOut, const aclTensor* expertIdxOut,
         const aclTensor* outOut);
ACLNN_OP(aclnnMoeInitRouting, const aclTensor* x, const aclTensor* rowIdx, const aclTensor* expertIdx,
         int64_t activeNum, const aclTensor* expandedXOut, const aclTensor* expandedRowIdxOut,
         const aclTensor* expandedExpertIdxOut);
ACLNN_OP(aclnnMoeInitRoutingV2, const aclTensor* x, const aclTensor* expertIdx, int64_t activeNumOptional,
         int64_t expertCapacityOptional, int64_t expertNumOptional, int64_t dropPadModeOptional,
         int64_t expertTokensCountOrCumsumFlagOptional, bool expertTokensBeforeCapacityFlagOptional,
         const aclTensor* expandedXOut, const aclTensor* expandedRowIdxOut,
         const aclTensor* expertTokensCountOrCumsumOutOptional,
         const aclTensor* expertTokensBeforeCapacityOutOptional);
ACLNN_OP(aclnnMoeInitRoutingV3, const aclTensor* x, const aclTensor* expertIdx,
         const aclTensor* scaleOptional, const aclTensor* offsetOptional, int64_t activeNum,
         int64_t expertCapacity, int64_t expertNum, int64_t dropPadMode, int64_t expertTokensNumType,
         bool expertTokensNumFlag, int64_t quantMode, const aclIntArray* activeExpertRangeOptional,
         int64_t rowIdxType, const aclTensor* expandedXOut, const aclTensor* expandedRowIdxOut,
         const aclTensor* expertTokensCountOrCumsumOut, const aclTensor* expandedScaleOut);
ACLNN_OP(aclnnMoeTokenPermute, const aclTensor* tokens, const aclTensor* indices, int64_t numOutTokens,
         bool paddedMode, const aclTensor* permuteTokensOut, const aclTensor* sortedIndicesOut);
ACLNN_OP(aclnnMoeTokenPermuteGrad, const aclTensor* permutedOutputGrad, const aclTensor* sortedIndices,
         int64_t numTopk, bool paddedMode, aclTensor* out);
ACLNN_OP(aclnnMoeTokenPermuteWithRoutingMap, const aclTensor* tokens, const aclTensor* routingMap,
         const aclTensor* probsOptional, int64_t numOutTokens, bool dropAndPad, aclTensor* permuteTokensOut,
         aclTensor* permuteProbsOutOptional, aclTensor* sortedIndicesOut);
ACLNN_OP(aclnnMoeTokenPermuteWithRoutingMapGrad, const aclTensor* permutedTokenOutputGrad,
         const aclTensor* permutedProbsOutputGradOptional, const aclTensor* sortedIndices,
         const aclTensor* routingMapOptional, int64_t numExperts, int64_t tokensNum, bool dropAndPad,
         aclTensor* tokensGradOut, aclTensor* probsGradOutOptional);
ACLNN_OP(aclnnMoeTokenUnpermute, const aclTensor* permutedTokens, const aclTensor* sortedIndices,
         const aclTensor* probsOptional, bool paddedMode, const aclIntArray* restoreShapeOptional,
         aclTensor* out);
ACLNN_OP(aclnnMoeTokenUnpermuteGrad, const aclTensor* permuteTokensOptional,
         const aclTensor* unpermutedTokensGrad, const aclTensor* sortedIndices,
         const aclTensor* probsOptional, bool paddedMode, const aclIntArray* restoreShapeOptional,
         aclTensor* permutedTokensGradOut, aclTensor* probsGradOut);
ACLNN_OP(aclnnMoeTokenUnpermuteWithRoutingMap, const aclTensor* permutedTokens,
         const aclTensor* sortedIndices, const aclTensor* routingMapOptional, const aclTensor* probsOptional,
         bool paddedMode, const aclIntArray* restoreShapeOptional, aclTensor* unpermutedTokens,
         aclTensor* outIndex, aclTensor* permuteTokenId, aclTensor* permuteProbs);
ACLNN_OP(aclnnMoeTokenUnpermuteWithRoutingMapGrad, const aclTensor* unpermutedTokensGrad,
         const aclTensor* outIndex, const aclTensor* permuteTokenId, const aclTensor* routingMapOptional,
         const aclTensor* permutedTokensOptional, const aclTensor* probsOptional, bool dropAndPad,
         const aclIntArray* restoreShapeOptional, const aclTensor* permutedTokensGradOut,
         const aclTensor* probsGradOutOptional);
ACLNN_OP(aclnnMoeUpdateExpert, const aclTensor* expertIds, const aclTensor* eplbTable,
         const aclTensor* expertScalesOptional, const aclTensor* pruningThresholdOptional,
         const aclTensor* activeMaskOptional, int64_t localRankId, int64_t worldSize, int64_t balanceMode,
         aclTensor* balancedExpertIds, aclTensor* balancedActiveMask);

#ifdef __cplusplus
} /* extern "C" */
#endif
