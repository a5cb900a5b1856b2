/* Operators: communication. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAllGatherMatmul, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const char* group, int64_t gatherIndex, int64_t commTurn, int64_t streamMode,
         const aclTensor* output, const aclTensor* gatherOut);
ACLNN_OP(aclnnAllGatherMatmulV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x1Scale, const aclTensor* x2Scale, const aclTensor* quantScale, int64_t blockSize,
         const char* group, int64_t gatherIndex, int64_t commTurn, int64_t streamMode, int64_t groupSize,
         const char* commMode, aclTensor* output, aclTensor* gatherOut, aclTensor* amaxOut);
ACLNN_OP(aclnnAttentionToFFN, const aclTensor* x, const aclTensor* sessionId, const aclTensor* microBatchId,
         const aclTensor* layerId, const aclTensor* expertIds, const aclTensor* expertRankTable,
         const aclTensor* scales, const aclTensor* activeMask, const char* group, int64_t worldSize,
         const aclIntArray* ffnTokenInfoTableShape, const aclIntArray* ffnTokenDataShape,
         const aclIntArray* attnTokenInfoTableShape, int64_t moeExpertNum, int64_t quantMode,
         int64_t syncFlag, int64_t ffnStartRankId);
ACLNN_OP(aclnnDistributeBarrier, aclTensor* xRef, const char* group, int64_t worldSize);
ACLNN_OP(aclnnDistributeBarrierV2, const aclTensor* xRef, const aclTensor* timeOut,
         const aclTensor* elasticInfo, const char* group, int64_t worldSize);
ACLNN_OP(aclnnFFNToAttention, const aclTensor* x, const aclTensor* sessionIds, const aclTensor* microBatchIds,
         const aclTensor* tokenIds, const aclTensor* expertOffsets, const aclTensor* actualTokenNum,
         const aclTensor* attnRankTable, const char* group, int64_t worldSize,
         const aclIntArray* tokenInfoTableShape, const aclIntArray* tokenDataShape);
ACLNN_OP(aclnnMatmulAllReduce, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         const aclTensor* output);
ACLNN_OP(aclnnMatmulAllReduceV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x3, const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         const aclTensor* output);
ACLNN_OP(aclnnMatmulAllReduceV3, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x3, const char* group, const char* reduceOp, const char* commMode, int64_t commTurn,
         int64_t streamMode, const aclTensor* output);
ACLNN_OP(aclnnMatmulReduceScatter, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         const aclTensor* output);
ACLNN_OP(aclnnMatmulReduceScatterV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x1Scale, const aclTensor* x2Scale, const aclTensor* quantScale, int64_t blockSize,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode, int64_t groupSize,
         const char* commMode, aclTensor* output, aclTensor* amaxOutOptional);
ACLNN_OP(aclnnMoeDistributeCombine, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* expandIdx, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* tpSendCounts, const aclTensor* xActiveMask, const aclTensor* activationScale,
         const aclTensor* weightScale, const aclTensor* groupList, const aclTensor* expandScales,
         const char* groupEp, int64_t epWorldSize, int64_t epRankId, int64_t moeExpertNum,
         const char* groupTp, int64_t tpWorldSize, int64_t tpRankId, int64_t expertShardType,
         int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t globalBs, int64_t outDtype,
         int64_t commQuantMode, int64_t groupListType, aclTensor* x);
ACLNN_OP(aclnnMoeDistributeCombineAddRmsNorm, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* assistInfoForCombine, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* residualX, const aclTensor* gamma, const aclTensor* tpSendCountsOptional,
         const aclTensor* xActiveMaskOptional, const aclTensor* activationScaleOptional,
         const aclTensor* weightScaleOptional, const aclTensor* groupListOptional,
         const aclTensor* expandScalesOptional, const aclTensor* sharedExpertXOptional, const char* groupEp,
         int64_t epWorldSize, int64_t epRankId, int64_t moeExpertNum, const char* groupTp,
         int64_t tpWorldSize, int64_t tpRankId, int64_t expertShardType, int64_t sharedExpertNum,
         int64_t sharedExpertRankNum, int64_t globalBs, int64_t outDtype, int64_t commQuantMode,
         int64_t groupListType, const char* commAlg, float normEps, aclTensor* yOut, aclTensor* rstdOut,
         aclTensor* xOut);
ACLNN_OP(aclnnMoeDistributeCombineAddRmsNormV2, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* assistInfoForCombine, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* residualX, const aclTensor* gamma, const aclTensor* tpSendCountsOptional,
         const aclTensor* xActiveMaskOptional, const aclTensor* activationScaleOptional,
         const aclTensor* weightScaleOptional, const aclTensor* groupListOptional,
         const aclTensor* expandScalesOptional, const aclTensor* sharedExpertXOptional,
         const aclTensor* elasticInfoOptional, const aclTensor* oriXOptional,
         const aclTensor* constExpertAlpha1Optional, const aclTensor* constExpertAlpha2Optional,
         const aclTensor* constExpertVOptional, const char* groupEp, int64_t epWorldSize, int64_t epRankId,
         int64_t moeExpertNum, const char* groupTp, int64_t tpWorldSize, int64_t tpRankId,
         int64_t expertShardType, int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t globalBs,
         int64_t outDtype, int64_t commQuantMode, int64_t groupListType, const char* commAlg, float normEps,
         int64_t zeroExpertNum, int64_t copyExpertNum, int64_t constExpertNum, aclTensor* yOut,
         aclTensor* rstdOut, aclTensor* xOut);
ACLNN_OP(aclnnMoeDistributeCombineV2, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* assistInfoForCombine, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* tpSendCountsOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* activationScaleOptional, const aclTensor* weightScaleOptional,
         const aclTensor* groupListOptional, const aclTensor* expandScalesOptional,
         const aclTensor* sharedExpertXOptional, const char* groupEp, int64_t epWorldSize, int64_t epRankId,
         int64_t moeExpertNum, const char* groupTp, int64_t tpWorldSize, int64_t tpRankId,
         int64_t expertShardType, int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t globalBs,
         int64_t outDtype, int64_t commQuantMode, int64_t groupListType, const char* commAlg,
         aclTensor* xOut);
ACLNN_OP(aclnnMoeDistributeCombineV3, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* assistInfoForCombine, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* tpSendCountsOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* activationScaleOptional, const aclTensor* weightScaleOptional,
         const aclTensor* groupListOptional, const aclTensor* expandScalesOptional,
         const aclTensor* sharedExpertXOptional, const aclTensor* elasticInfoOptional,
         const aclTensor* oriXOptional, const aclTensor* constExpertAlpha1Optional,
         const aclTensor* constExpertAlpha2Optional, const aclTensor* constExpertVOptional,
         const char* groupEp, int64_t epWorldSize, int64_t epRankId, int64_t moeExpertNum,
         const char* groupTp, int64_t tpWorldSize, int64_t tpRankId, int64_t expertShardType,
         int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t globalBs, int64_t outDtype,
         int64_t commQuantMode, int64_t groupListType, const char* commAlg, int64_t zeroExpertNum,
         int64_t copyExpertNum, int64_t constExpertNum, aclTensor* xOut);
ACLNN_OP(aclnnMoeDistributeCombineV4, const aclTensor* expandX, const aclTensor* expertIds,
         const aclTensor* assistInfoForCombine, const aclTensor* epSendCounts, const aclTensor* expertScales,
         const aclTensor* tpSendCountsOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* activationScaleOptional, const aclTensor* weightScaleOptional,
         const aclTensor* groupListOptional, const aclTensor* expandScalesOptional,
         const aclTensor* sharedExpertXOptional, const aclTensor* elasticInfoOptional,
         const aclTensor* oriXOptional, const aclTensor* constExpertAlpha1Optional,
         const aclTensor* constExpertAlpha2Optional, const aclTensor* constExpertVOptional,
         const aclTensor* performanceInfoOptional, const char* groupEp, int64_t epWorldSize, int64_t epRankId,
         int64_t moeExpertNum, const char* groupTp, int64_t tpWorldSize, int64_t tpRankId,
         int64_t expertShardType, int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t globalBs,
         int64_t outDtype, int64_t commQuantMode, int64_t groupListType, const char* commAlg,
         int64_t zeroExpertNum, int64_t copyExpertNum, int64_t constExpertNum, aclTensor* xOut);
ACLNN_OP(aclnnMoeDistributeDispatch, const aclTensor* x, const aclTensor* expertIds, const aclTensor* scales,
         const aclTensor* xActiveMask, const aclTensor* expertScales, const char* groupEp,
         int64_t epWorldSize, int64_t epRankId, int64_t moeExpertNum, const char* groupTp,
         int64_t tpWorldSize, int64_t tpRankId, int64_t expertShardType, int64_t sharedExpertNum,
         int64_t sharedExpertRankNum, int64_t quantMode, int64_t globalBs, int64_t expertTokenNumsType,
         aclTensor* expandX, aclTensor* dynamicScales, aclTensor* expandIdx, aclTensor* expertTokenNums,
         aclTensor* epRecvCounts, aclTensor* tpRecvCounts, aclTensor* expandScales);
ACLNN_OP(aclnnMoeDistributeDispatchV2, const aclTensor* x, const aclTensor* expertIds,
         const aclTensor* scalesOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* expertScalesOptional, const char* groupEp, int64_t epWorldSize, int64_t epRankId,
         int64_t moeExpertNum, const char* groupTp, int64_t tpWorldSize, int64_t tpRankId,
         int64_t expertShardType, int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t quantMode,
         int64_t globalBs, int64_t expertTokenNumsType, const char* commAlg, aclTensor* expandXOut,
         aclTensor* dynamicScalesOut, aclTensor* assistInfoForCombineOut, aclTensor* expertTokenNumsOut,
         aclTensor* epRecvCountsOut, aclTensor* tpRecvCountsOut, aclTensor* expandScalesOut);
ACLNN_OP(aclnnMoeDistributeDispatchV3, const aclTensor* x, const aclTensor* expertIds,
         const aclTensor* scalesOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* expertScalesOptional, const aclTensor* elasticInfoOptional, const char* groupEp,
         int64_t epWorldSize, int64_t epRankId, int64_t moeExpertNum, const char* groupTp,
         int64_t tpWorldSize, int64_t tpRankId, int64_t expertShardType, int64_t sharedExpertNum,
         int64_t sharedExpertRankNum, int64_t quantMode, int64_t globalBs, int64_t expertTokenNumsType,
         const char* commAlg, int64_t zeroExpertNum, int64_t copyExpertNum, int64_t constExpertNum,
         aclTensor* expandXOut, aclTensor* dynamicScalesOut, aclTensor* assistInfoForCombineOut,
         aclTensor* expertTokenNumsOut, aclTensor* epRecvCountsOut, aclTensor* tpRecvCountsOut,
         aclTensor* expandScalesOut);
ACLNN_OP(aclnnMoeDistributeDispatchV4, const aclTensor* x, const aclTensor* expertIds,
         const aclTensor* scalesOptional, const aclTensor* xActiveMaskOptional,
         const aclTensor* expertScalesOptional, const aclTensor* elasticInfoOptional,
         const aclTensor* performanceInfoOptional, const char* groupEp, int64_t epWorldSize, int64_t epRankId,
         int64_t moeExpertNum, const char* groupTp, int64_t tpWorldSize, int64_t tpRankId,
         int64_t expertShardType, int64_t sharedExpertNum, int64_t sharedExpertRankNum, int64_t quantMode,
         int64_t globalBs, int64_t expertTokenNumsType, const char* commAlg, int64_t zeroExpertNum,
         int64_t copyExpertNum, int64_t constExpertNum, aclTensor* expandXOut, aclTensor* dynamicScalesOut,
         aclTensor* assistInfoForCombineOut, aclTensor* expertTokenNumsOut, aclTensor* epRecvCountsOut,
         aclTensor* tpRecvCountsOut, aclTensor* expandScalesOut);
ACLNN_OP(aclnnQuantMatmulAllReduce, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x3, const aclTensor* dequantScale, const char* group, const char* reduceOp,
         int64_t commTurn, int64_t streamMode, const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulAllReduceV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const aclTensor* dequantScale, const aclTensor* pertokenScaleOptional,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulAllReduceV3, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const aclTensor* dequantScale, const aclTensor* pertokenScaleOptional,
         const aclTensor* commQuantScale1Optional, const aclTensor* commQuantScale2Optional,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulAllReduceV4, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const aclTensor* x1ScaleOptional, const aclTensor* x2Scale,
         const aclTensor* commQuantScale1Optional, const aclTensor* commQuantScale2Optional,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode, int64_t groupSize,
         int64_t commQuantMode, const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulAllReduceV5, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const aclTensor* x1ScaleOptional, const aclTensor* x2Scale,
         const aclTensor* commQuantScale1Optional, const aclTensor* commQuantScale2Optional,
         const char* group, const char* reduceOp, const char* commMode, int64_t commTurn, int64_t streamMode,
         int64_t groupSize, int64_t commQuantMode, const aclTensor* output);
ACLNN_OP(aclnnWeightQuantMatmulAllReduce, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* antiquantScale, const aclTensor* antiquantOffset, const aclTensor* x3,
         const char* group, const char* reduceOp, int64_t commTurn, int64_t streamMode,
         int64_t antiquantGroupSize, const aclTensor* output);
ACLNN_OP(aclnnWeightQuantMatmulAllReduceV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* antiquantScale, const aclTensor* antiquantOffset, const aclTensor* x3,
         const char* group, const char* reduceOp, const char* commMode, int64_t commTurn, int64_t streamMode,
         int64_t antiquantGroupSize, const aclTensor* output);

#ifdef __cplusplus
} /* extern "C" */
#endif
