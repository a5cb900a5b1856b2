/* Operators: quant. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAddRmsNormDynamicMxQuant, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         const aclTensor* beta, double epsilon, int64_t scaleAlg, char* roundMode, int64_t dstType,
         bool outputRstd, aclTensor* yOut, aclTensor* xOut, aclTensor* mxscaleOut, aclTensor* rstdOut);
ACLNN_OP(aclnnAddRmsNormDynamicQuantV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         const aclTensor* smoothScale1Optional, const aclTensor* smoothScale2Optional,
         const aclTensor* betaOptional, double epsilon, const aclBoolArray* outputMask, aclTensor* y1Out,
         aclTensor* y2Out, aclTensor* xOut, aclTensor* scale1Out, aclTensor* scale2Out);
ACLNN_OP(aclnnAddRmsNormQuant, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         const aclTensor* scales1, const aclTensor* scales2Optional, const aclTensor* zeroPoints1Optional,
         const aclTensor* zeroPoints2Optional, int64_t axis, double epsilon, bool divMode, aclTensor* y1Out,
         aclTensor* y2Out, aclTensor* xOut);
ACLNN_OP(aclnnAddRmsNormQuantV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* gamma,
         const aclTensor* scales1, const aclTensor* scales2Optional, const aclTensor* zeroPoints1Optional,
         const aclTensor* zeroPoints2Optional, const aclTensor* betaOptional, int64_t axis, double epsilon,
         bool divMode, aclTensor* y1Out, aclTensor* y2Out, aclTensor* xOut, aclTensor* rmsNormOut);
ACLNN_OP(aclnnAlltoAllQuantMatmul, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x1ScaleOptional, const aclTensor* x2Scale, const aclTensor* commScaleOptional,
         const aclTensor* x1OffsetOptional, const aclTensor* x2OffsetOptional, const char* group,
         const aclIntArray* alltoAllAxesOptional, int64_t x1QuantMode, int64_t x2QuantMode,
         int64_t commQuantMode, int64_t commQuantDtype, int64_t x1QuantDtype, int64_t groupSize,
         bool transposeX1, bool transposeX2, const aclTensor* output, const aclTensor* alltoAllOutOptional);
ACLNN_OP(aclnnAlltoAllQuantMatmulV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x1ScaleOptional, const aclTensor* x2Scale, const aclTensor* commScaleOptional,
         const aclTensor* x1OffsetOptional, const aclTensor* x2OffsetOptional, const char* group,
         const char* commMode, const aclIntArray* alltoAllAxesOptional, int64_t x1QuantMode,
         int64_t x2QuantMode, int64_t commQuantMode, int64_t commQuantDtype, int64_t x1QuantDtype,
         int64_t groupSize, bool transposeX1, bool transposeX2, const aclTensor* output,
         const aclTensor* alltoAllOutOptional);
ACLNN_OP(aclnnAlltoAllvQuantGroupedMatMul, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* gmmXScale, const aclTensor* gmmWeightScale,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const aclTensor* mmXScaleOptional,
         const aclTensor* mmWeightScaleOptional, int64_t gmmXQuantMode, int64_t gmmWeightQuantMode,
         int64_t mmXQuantMode, int64_t mmWeightQuantMode, const char* group, int64_t epWorldSize,
         const aclIntArray* sendCounts, const aclIntArray* recvCounts, bool transGmmWeight,
         bool transMmWeight, int64_t groupSize, bool permuteOutFlag, aclTensor* gmmY, aclTensor* mmYOptional,
         aclTensor* permuteOutOptional);
ACLNN_OP(aclnnAlltoAllvQuantGroupedMatMulV2, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* gmmXScale, const aclTensor* gmmWeightScale,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const aclTensor* mmXScaleOptional,
         const aclTensor* mmWeightScaleOptional, int64_t gmmXQuantMode, int64_t gmmWeightQuantMode,
         int64_t mmXQuantMode, int64_t mmWeightQuantMode, const char* group, const char* commMode,
         int64_t epWorldSize, const aclIntArray* sendCounts, const aclIntArray* recvCounts,
         bool transGmmWeight, bool transMmWeight, int64_t groupSize, bool permuteOutFlag, aclTensor* gmmY,
         aclTensor* mmYOptional, aclTensor* permuteOutOptional);
ACLNN_OP(aclnnAntiMxQuant, const aclTensor* x, const aclTensor* mxscale, int64_t axis, int64_t dstType,
         const aclTensor* y);
ACLNN_OP(aclnnAscendAntiQuant, const aclTensor* x, const aclTensor* scale, const aclTensor* offset,
         int64_t dstType, bool sqrtMode, const aclTensor* y);
ACLNN_OP(aclnnAscendQuant, const aclTensor* x, const aclTensor* scale, const aclTensor* offset, bool sqrtMode,
         const char* roundMode, int32_t dstType, const aclTensor* y);
ACLNN_OP(aclnnAscendQuantV3, const aclTensor* x, const aclTensor* scale, const aclTensor* offset,
         bool sqrtMode, const char* roundMode, int32_t dstType, int32_t axis, const aclTensor* y);
ACLNN_OP(aclnnDequantRopeQuantKvcache, const aclTensor* x, const aclTensor* cos, const aclTensor* sin,
         aclTensor* kCacheRef, aclTensor* vCacheRef, const aclTensor* indices, const aclTensor* scaleK,
         const aclTensor* scaleV, const aclTensor* offsetKOptional, const aclTensor* offsetVOptional,
         const aclTensor* weightScaleOptional, const aclTensor* activationScaleOptional,
         const aclTensor* biasOptional, const aclIntArray* sizeSplits, char* quantModeOptional,
         char* layoutOptional, bool kvOutput, char* cacheModeOptional, const aclTensor* qOut,
         const aclTensor* kOut, const aclTensor* vOut);
ACLNN_OP(aclnnDequantSwigluQuant, const aclTensor* x, const aclTensor* weightScaleOptional,
         const aclTensor* activationScaleOptional, const aclTensor* biasOptional,
         const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional,
         const aclTensor* groupIndexOptional, bool activateLeft, char* quantModeOptional,
         const aclTensor* yOut, const aclTensor* scaleOut);
ACLNN_OP(aclnnDequantSwigluQuantV2, const aclTensor* x, const aclTensor* weightScaleOptional,
         const aclTensor* activationScaleOptional, const aclTensor* biasOptional,
         const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional,
         const aclTensor* groupIndexOptional, bool activateLeft, char* quantModeOptional, int64_t dstType,
         char* roundModeOptional, int64_t activateDim, int64_t swigluMode, double clampLimit, double gluAlpha,
         double gluBias, const aclTensor* yOut, const aclTensor* scaleOut);
ACLNN_OP(aclnnDualLevelQuantMatmulWeightNz, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* x1Level0Scale, const aclTensor* x2Level0Scale, const aclTensor* x1Level1Scale,
         const aclTensor* x2Level1Scale, const aclTensor* optionalBias, bool transposeX1, bool transposeX2,
         int64_t level0GroupSize, int64_t level1GroupSize, aclTensor* out);
ACLNN_OP(aclnnDynamicBlockMxQuant, const aclTensor* x, char* roundModeOptional, int64_t dstType,
         int64_t scaleAlg, double dstTypeMax, const aclTensor* yOut, const aclTensor* scale1Out,
         const aclTensor* scale2Out);
ACLNN_OP(aclnnDynamicBlockQuant, const aclTensor* x, double minScale, char* roundModeOptional,
         int64_t dstType, int64_t rowBlockSize, int64_t colBlockSize, const aclTensor* yOut,
         const aclTensor* scaleOut);
ACLNN_OP(aclnnDynamicBlockQuantV2, const aclTensor* x, double minScale, char* roundModeOptional,
         int64_t dstType, int64_t rowBlockSize, int64_t colBlockSize, double dstTypeMax,
         const aclTensor* yOut, const aclTensor* scaleOut);
ACLNN_OP(aclnnDynamicDualLevelMxQuant, const aclTensor* x, const aclTensor* smoothScaleOptional,
         char* roundModeOptional, int64_t level0BlockSize, int64_t level1BlockSize, const aclTensor* yOut,
         const aclTensor* level0ScaleOut, const aclTensor* level1ScaleOut);
ACLNN_OP(aclnnDynamicMxQuant, const aclTensor* x, int64_t axis, char* roundModeOptional, int64_t dstType,
         int64_t blocksize, int64_t scaleAlg, const aclTensor* yOut, const aclTensor* mxscaleOut);
ACLNN_OP(aclnnDynamicMxQuantV2, const aclTensor* x, int64_t axis, char* roundModeOptional, int64_t dstType,
         int64_t blocksize, int64_t scaleAlg, double dstTypeMax, const aclTensor* yOut,
         const aclTensor* mxscaleOut);
ACLNN_OP(aclnnDynamicMxQuantV3, const aclTensor* x, int64_t axis, char* roundModeOptional, int64_t dstType,
         int64_t blocksize, int64_t scaleAlg, double dstTypeMax, double maxLowBound, const aclTensor* yOut,
         const aclTensor* mxscaleOut);
ACLNN_OP(aclnnDynamicMxQuantWithDualAxis, const aclTensor* x, char* roundModeOptional, int64_t dstType,
         int64_t scaleAlg, const aclTensor* y1Out, const aclTensor* mxscale1Out, const aclTensor* y2Out,
         const aclTensor* mxscale2Out);
ACLNN_OP(aclnnDynamicMxQuantWithDualAxisV2, const aclTensor* x, char* roundModeOptional, int64_t dstType,
         int64_t scaleAlg, double dstTypeMax, const aclTensor* y1Out, const aclTensor* mxscale1Out,
         const aclTensor* y2Out, const aclTensor* mxscale2Out);
ACLNN_OP(aclnnDynamicQuant, const aclTensor* x, const aclTensor* smoothScalesOptional, const aclTensor* yOut,
         const aclTensor* scaleOut);
ACLNN_OP(aclnnDynamicQuantV2, const aclTensor* x, const aclTensor* smoothScalesOptional,
         const aclTensor* groupIndexOptional, int64_t dstType, const aclTensor* yOut,
         const aclTensor* scaleOut, const aclTensor* offsetOut);
ACLNN_OP(aclnnDynamicQuantV3, const aclTensor* x, const aclTensor* smoothScalesOptional,
         const aclTensor* groupIndexOptional, int64_t dstType, bool isSymmetrical, const char* quantMode,
         const aclTensor* yOut, const aclTensor* scaleOut, const aclTensor* offsetOut);
ACLNN_OP(aclnnDynamicQuantV4, const aclTensor* x, const aclTensor* smoothScalesOptional,
         const aclTensor* groupIndexOptional, int64_t dstType, bool isSymmetrical, const char* quantMode,
         float dstTypeMax, const aclTensor* yOut, const aclTensor* scaleOut, const aclTensor* offsetOut);
ACLNN_OP(aclnnFakeQuantPerChannelAffineCachemask, const aclTensor* self, const aclTensor* scale,
         const aclTensor* zeroPoint, int64_t axis, int64_t quantMin, int64_t quantMax, aclTensor* out,
         aclTensor* mask);
ACLNN_OP(aclnnFakeQuantPerTensorAffineCachemask, const aclTensor* self, const aclTensor* scale,
         const aclTensor* zeroPoint, float fakeQuantEnabled, int64_t quantMin, int64_t quantMax,
         aclTensor* out, aclTensor* mask);
ACLNN_OP(aclnnFlatQuant, const aclTensor* x, const aclTensor* kroneckerP1, const aclTensor* kroneckerP2,
         double clipRatio, aclTensor* out, aclTensor* quantScale);
ACLNN_OP(aclnnFlatQuantV2, const aclTensor* x, const aclTensor* kroneckerP1, const aclTensor* kroneckerP2,
         double clipRatio, double dstTypeMax, aclTensor* out, aclTensor* quantScale);
ACLNN_OP(aclnnFusedQuantMatmul, const aclTensor* x1, const aclTensor* x2, const aclTensor* x1Scale,
         const aclTensor* x2Scale, const aclTensor* yScaleOptional, const aclTensor* x1OffsetOptional,
         const aclTensor* x2OffsetOptional, const aclTensor* yOffsetOptional, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const char* fusedOpType, int64_t groupSizeOptional, aclTensor* out);
ACLNN_OP(aclnnFusedQuantMatmulWeightNz, const aclTensor* x1, const aclTensor* x2, const aclTensor* x1Scale,
         const aclTensor* x2Scale, const aclTensor* yScaleOptional, const aclTensor* x1OffsetOptional,
         const aclTensor* x2OffsetOptional, const aclTensor* yOffsetOptional, const aclTensor* biasOptional,
         const aclTensor* x3Optional, const char* fusedOpType, int64_t groupSizeOptional, aclTensor* out);
ACLNN_OP(aclnnGeluQuant, const aclTensor* self, const aclTensor* inputScaleOptional,
         const aclTensor* inputOffsetOptional, const char* approximate, const char* quantMode,
         const char* roundMode, int64_t dstType, const aclTensor* y, const aclTensor* outScaleOptional);
ACLNN_OP(aclnnGroupQuant, const aclTensor* x, const aclTensor* scale, const aclTensor* groupIndex,
         const aclTensor* offsetOptional, int32_t dstType, aclTensor* y);
ACLNN_OP(aclnnGroupedDynamicBlockQuant, const aclTensor* x, const aclTensor* groupList, double minScale,
         char* roundModeOptional, int64_t dstType, int64_t rowBlockSize, int64_t colBlockSize,
         int64_t groupListType, const aclTensor* yOut, const aclTensor* scaleOut);
ACLNN_OP(aclnnGroupedDynamicBlockQuantV2, const aclTensor* x, const aclTensor* groupList, double minScale,
         char* roundModeOptional, int64_t dstType, int64_t rowBlockSize, int64_t colBlockSize,
         int64_t groupListType, double dstTypeMax, const aclTensor* yOut, const aclTensor* scaleOut);
ACLNN_OP(aclnnGroupedDynamicMxQuant, const aclTensor* x, const aclTensor* groupIndex, const char* roundMode,
         int64_t dstType, int64_t blocksize, const aclTensor* y, const aclTensor* mxscale);
ACLNN_OP(aclnnGroupedDynamicMxQuantV2, const aclTensor* x, const aclTensor* groupIndex, const char* roundMode,
         int64_t dstType, int64_t blocksize, int64_t scaleAlg, double dstTypeMax, const aclTensor* y,
         const aclTensor* mxscale);
ACLNN_OP(aclnnGroupedMatmulSwigluQuantV2, const aclTensor* x, const aclTensorList* weight,
         const aclTensorList* weightScale, const aclTensorList* weightAssistMatrix, const aclTensor* bias,
         const aclTensor* xScale, const aclTensor* smoothScale, const aclTensor* groupList,
         int64_t dequantMode, int64_t dequantDtype, int64_t quantMode, int64_t groupListType,
         const aclIntArray* tuningConfigOptional, aclTensor* output, aclTensor* outputScale);
ACLNN_OP(aclnnGroupedMatmulSwigluQuantWeightNZ, const aclTensor* x, const aclTensor* weight,
         const aclTensor* bias, const aclTensor* offset, const aclTensor* weightScale,
         const aclTensor* xScale, const aclTensor* groupList, aclTensor* output, aclTensor* outputScale,
         aclTensor* outputOffset);
ACLNN_OP(aclnnGroupedMatmulSwigluQuantWeightNzV2, const aclTensor* x, const aclTensorList* weight,
         const aclTensorList* weightScale, const aclTensorList* weightAssistMatrix, const aclTensor* bias,
         const aclTensor* xScale, const aclTensor* smoothScale, const aclTensor* groupList,
         int64_t dequantMode, int64_t dequantDtype, int64_t quantMode, int64_t groupListType,
         const aclIntArray* tuningConfigOptional, aclTensor* output, aclTensor* outputScale);
ACLNN_OP(aclnnGroupedQuantMax, const aclTensor* x, const aclTensor* scale, const aclTensor* groupList,
         const char* roundMode, int64_t dstType, const aclTensor* y, const aclTensor* amax);
ACLNN_OP(aclnnHansDecode, const aclTensor* mantissa, const aclTensor* fixed, const aclTensor* var,
         const aclTensor* pdf, bool reshuff, const aclTensor* out);
ACLNN_OP(aclnnHansEncode, const aclTensor* inputTensor, aclTensor* pdfRef, bool statistic, bool reshuff,
         const aclTensor* mantissaOut, const aclTensor* fixedOut, const aclTensor* varOut);
ACLNN_OP(aclnnInplaceQuantScatter, aclTensor* selfRef, const aclTensor* indices, const aclTensor* updates,
         const aclTensor* quantScales, const aclTensor* quantZeroPoints, int64_t axis, int64_t quantAxis,
         int64_t reduction);
ACLNN_OP(aclnnInplaceQuantScatterV2, aclTensor* selfRef, const aclTensor* indices, const aclTensor* updates,
         const aclTensor* quantScales, const aclTensor* quantZeroPoints, int64_t axis, int64_t quantAxis,
         int64_t reduction, const char* roundMode);
ACLNN_OP(aclnnKvQuantSparseFlashAttention, const aclTensor* query, const aclTensor* key,
         const aclTensor* value, const aclTensor* sparseIndices, const aclTensor* keyDequantScaleOptional,
         const aclTensor* valueDequantScaleOptional, const aclTensor* blockTableOptional,
         const aclTensor* actualSeqLengthsQueryOptional, const aclTensor* actualSeqLengthsKvOptional,
         double scaleValue, int64_t keyQuantMode, int64_t valueQuantMode, int64_t sparseBlockSize,
         char* layoutQueryOptional, char* layoutKvOptional, int64_t sparseMode, int64_t preTokens,
         int64_t nextTokens, int64_t attentionMode, int64_t quantScaleRepoMode, int64_t tileSize,
         int64_t ropeHeadDim, const aclTensor* out);
ACLNN_OP(aclnnMoeInitRoutingQuantV2, const aclTensor* x, const aclTensor* expertIdx,
         const aclTensor* scaleOptional, const aclTensor* offsetOptional, int64_t activeNum,
         int64_t expertCapacity, int64_t expertNum, int64_t dropPadMode,
         int64_t expertTokensCountOrCumsumFlag, bool expertTokensBeforeCapacityFlag, int64_t quantMode,
         const aclTensor* expandedXOut, const aclTensor* expandedRowIdxOut,
         const aclTensor* expertTokensCountOrCumsumOutOptional,
         const aclTensor* expertTokensBeforeCapacityOutOptional,
         const aclTensor* dynamicQuantScaleOutOptional);
ACLNN_OP(aclnnQuantBatchMatmulInplaceAdd, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* x1ScaleOptional, const aclTensor* x2Scale, aclTensor* yRef, bool transposeX1,
         bool transposeX2, int64_t groupSize);
ACLNN_OP(aclnnQuantConvolution, const aclTensor* input, const aclTensor* weight, const aclTensor* bias,
         const aclTensor* scale, const aclTensor* offset, const aclIntArray* stride,
         const aclIntArray* padding, const aclIntArray* dilation, bool transposed,
         const aclIntArray* outputPadding, int64_t groups, int32_t offsetx, const char* roundMode,
         aclTensor* output);
ACLNN_OP(aclnnQuantFlashAttentionScore, const aclTensor* query, const aclTensor* key, const aclTensor* value,
         const aclTensor* attenMaskOptional, const aclTensor* dScaleQ, const aclTensor* dScaleK,
         const aclTensor* dScaleV, const aclTensor* pScale, double scaleValue, int64_t preTokens,
         int64_t nextTokens, int64_t headNum, char* inputLayout, int64_t sparseMode, aclTensor* softmaxMaxOut,
         aclTensor* softmaxSumOut, aclTensor* softmaxOutout, aclTensor* attentionOutOut);
ACLNN_OP(aclnnQuantFlashAttentionScoreGrad, const aclTensor* query, const aclTensor* keyIn,
         const aclTensor* value, const aclTensor* dy, const aclTensor* attenMaskOptional,
         const aclTensor* softmaxMax, const aclTensor* softmaxSum, const aclTensor* attentionIn,
         const aclTensor* dScaleQ, const aclTensor* dScaleK, const aclTensor* dScaleV,
         const aclTensor* dScaleDy, const aclTensor* dsScale, const aclTensor* pScale, double scaleValue,
         int64_t preTokens, int64_t nextTokens, int64_t headNum, char* inputLayout, int64_t sparseMode,
         int64_t outDtype, aclTensor* dqOut, aclTensor* dkOut, aclTensor* dvOut);
ACLNN_OP(aclnnQuantGroupedMatMulAlltoAllv, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* gmmXScale, const aclTensor* gmmWeightScale,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const aclTensor* mmXScaleOptional,
         const aclTensor* mmWeightScaleOptional, const aclTensor* commQuantScaleOptional,
         int64_t gmmXQuantMode, int64_t gmmWeightQuantMode, int64_t mmXQuantMode, int64_t mmWeightQuantMode,
         int64_t commQuantMode, int64_t commQuantDtypeOptional, int64_t groupSize, const char* group,
         int64_t epWorldSize, const aclIntArray* sendCounts, const aclIntArray* recvCounts,
         bool transGmmWeight, bool transMmWeight, const aclTensor* y, const aclTensor* mmYOptional);
ACLNN_OP(aclnnQuantGroupedMatMulAlltoAllvV2, const aclTensor* gmmX, const aclTensor* gmmWeight,
         const aclTensor* gmmXScale, const aclTensor* gmmWeightScale,
         const aclTensor* sendCountsTensorOptional, const aclTensor* recvCountsTensorOptional,
         const aclTensor* mmXOptional, const aclTensor* mmWeightOptional, const aclTensor* mmXScaleOptional,
         const aclTensor* mmWeightScaleOptional, const aclTensor* commQuantScaleOptional,
         int64_t gmmXQuantMode, int64_t gmmWeightQuantMode, int64_t mmXQuantMode, int64_t mmWeightQuantMode,
         int64_t commQuantMode, int64_t commQuantDtypeOptional, int64_t groupSize, const char* group,
         const char* commMode, int64_t epWorldSize, const aclIntArray* sendCounts,
         const aclIntArray* recvCounts, bool transGmmWeight, bool transMmWeight, const aclTensor* y,
         const aclTensor* mmYOptional);
ACLNN_OP(aclnnQuantGroupedMatmulDequant, const aclTensor* x, const aclTensor* weight,
         const aclTensor* weightScale, const aclTensor* groupList, const aclTensor* biasOptional,
         const aclTensor* xScaleOptional, const aclTensor* xOffsetOptional,
         const aclTensor* smoothScaleOptional, char* xQuantMode, bool transposeWeight, const aclTensor* out);
ACLNN_OP(aclnnQuantGroupedMatmulDequantWeightNZ, const aclTensor* x, const aclTensor* weight,
         const aclTensor* weightScale, const aclTensor* groupList, const aclTensor* biasOptional,
         const aclTensor* xScaleOptional, const aclTensor* xOffsetOptional,
         const aclTensor* smoothScaleOptional, char* xQuantMode, bool transposeWeight, aclTensor* out);
ACLNN_OP(aclnnQuantGroupedMatmulInplaceAdd, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* scale1Optional, const aclTensor* scale2, const aclTensor* groupList,
         aclTensor* yRef, int64_t groupListType, int64_t groupSize);
ACLNN_OP(aclnnQuantLightningIndexer, const aclTensor* query, const aclTensor* key, const aclTensor* weights,
         const aclTensor* queryDequantScale, const aclTensor* keyDequantScale,
         const aclTensor* actualSeqLengthsQueryOptional, const aclTensor* actualSeqLengthsKeyOptional,
         const aclTensor* blockTableOptional, int64_t queryQuantMode, int64_t keyQuantMode,
         char* layoutQueryOptional, char* layoutKeyOptional, int64_t sparseCount, int64_t sparseMode,
         int64_t preTokens, int64_t nextTokens, const aclTensor* out);
ACLNN_OP(aclnnQuantMatmulAlltoAll, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x1Scale, const aclTensor* x2Scale, const aclTensor* commScaleOptional,
         const aclTensor* x1OffsetOptional, const aclTensor* x2OffsetOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, int64_t x1QuantMode, int64_t x2QuantMode,
         int64_t commQuantMode, int64_t commQuantDtype, int64_t groupSize, bool transposeX1, bool transposeX2,
         const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulAlltoAllV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclTensor* x1Scale, const aclTensor* x2Scale, const aclTensor* commScaleOptional,
         const aclTensor* x1OffsetOptional, const aclTensor* x2OffsetOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, const char* commMode,
         int64_t x1QuantMode, int64_t x2QuantMode, int64_t commQuantMode, int64_t commQuantDtype,
         int64_t groupSize, bool transposeX1, bool transposeX2, const aclTensor* output);
ACLNN_OP(aclnnQuantMatmulDequant, const aclTensor* x, const aclTensor* weight, const aclTensor* weightScale,
         const aclTensor* biasOptional, const aclTensor* xScaleOptional, const aclTensor* xOffsetOptional,
         const aclTensor* smoothScaleOptional, char* xQuantMode, bool transposeWeight, const aclTensor* out);
ACLNN_OP(aclnnQuantMatmulReduceSumWeightNz, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* x1Scale, const aclTensor* x2Scale, const aclTensor* yScale,
         const aclTensor* x1Offset, const aclTensor* x2Offset, const aclTensor* yOffset,
         const aclTensor* bias, bool transposeX1, bool transposeX2, int64_t groupSize,
         const aclIntArray* dims, bool keepDims, aclTensor* out);
ACLNN_OP(aclnnQuantMatmulV5, const aclTensor* x1, const aclTensor* x2, const aclTensor* x1Scale,
         const aclTensor* x2Scale, const aclTensor* yScale, const aclTensor* x1Offset,
         const aclTensor* x2Offset, const aclTensor* yOffset, const aclTensor* bias, bool transposeX1,
         bool transposeX2, int64_t groupSize, aclTensor* out);
ACLNN_OP(aclnnQuantMatmulWeightNz, const aclTensor* x1, const aclTensor* x2, const aclTensor* x1Scale,
         const aclTensor* x2Scale, const aclTensor* yScale, const aclTensor* x1Offset,
         const aclTensor* x2Offset, const aclTensor* yOffset, const aclTensor* bias, bool transposeX1,
         bool transposeX2, int64_t groupSize, aclTensor* out);
ACLNN_OP(aclnnQuantMax, const aclTensor* x, const aclTensor* scale, char* roundMode, int64_t dstType,
         const aclTensor* y, const aclTensor* amax);
ACLNN_OP(aclnnQuantize, const aclTensor* x, const aclTensor* scales, const aclTensor* zeroPoints,
         aclDataType dtype, int32_t axis, aclTensor* out);
ACLNN_OP(aclnnRmsNormDynamicMxQuant, const aclTensor* x, const aclTensor* gamma, const aclTensor* beta,
         double epsilon, int64_t scaleAlg, char* roundMode, int64_t dstType, bool outputRstd, aclTensor* yOut,
         aclTensor* mxscaleOut, aclTensor* rstdOut);
ACLNN_OP(aclnnRmsNormGradQuant, const aclTensor* dy, const aclTensor* x, const aclTensor* rstd,
         const aclTensor* gamma, const aclTensor* scalesX, const aclTensor* offsetXOptional,
         const char* quantMode, bool divMode, aclTensor* dxOut, aclTensor* dgammaOut);
ACLNN_OP(aclnnRmsNormQuant, const aclTensor* x, const aclTensor* gamma, const aclTensor* beta,
         const aclTensor* scale, const aclTensor* offset, double epsilon, aclTensor* y);
ACLNN_OP(aclnnRmsNormQuantV3, const aclTensor* x, const aclTensor* gamma, const aclTensor* scale,
         const aclTensor* offset, const aclTensor* beta, double epsilon, bool divMode, bool outputRstd,
         aclTensor* y, aclTensor* rstd);
ACLNN_OP(aclnnRotateQuant, const aclTensor* x, const aclTensor* rotation, const aclTensor* alpha,
         int64_t axis, char* roundMode, int64_t scaleAlg, double dstTypeMax, bool trans, aclTensor* yOut,
         aclTensor* scaleOut);
ACLNN_OP(aclnnSwiGluQuantV2, const aclTensor* x, const aclTensor* smoothScalesOptional,
         const aclTensor* offsetsOptional, const aclTensor* groupIndexOptional, bool activateLeft,
         char* quantModeOptional, int64_t groupListType, int64_t dstType, const aclTensor* yOut,
         const aclTensor* scaleOut);
ACLNN_OP(aclnnSwigluBackwardMxQuantWithDualAxis, const aclTensor* x, const aclTensor* yGrad,
         const aclTensor* groupIndexOptional, bool activateLeft, char* roundModeOptional, int64_t scaleAlg,
         int64_t dstDtype, double maxDtypeValue, const aclTensor* y1Out, const aclTensor* mxscale1Out,
         const aclTensor* y2Out, const aclTensor* mxscale2Out);
ACLNN_OP(aclnnSwigluGroupQuant, const aclTensor* x, const aclTensor* weightOptional,
         const aclTensor* groupIndexOptional, const aclTensor* scaleOptional, int64_t dstType,
         int64_t quantMode, int64_t blockSize, bool roundScale, double clampLimit, double dstTypeMax,
         bool outputOrigin, const aclTensor* yOut, const aclTensor* yScaleOut, const aclTensor* yOriginOut);
ACLNN_OP(aclnnSwigluGroupQuantGrad, const aclTensor* gradY, const aclTensor* x,
         const aclTensor* weightOptional, const aclTensor* yOriginOptional,
         const aclTensor* groupIndexOptional, double clampLimit, const aclTensor* gradXOut,
         const aclTensor* gradWeightOutOptional);
ACLNN_OP(aclnnSwigluMxQuant, const aclTensor* x, const aclTensor* groupIndexOptional, int64_t activateDim,
         bool activateLeft, int64_t swigluMode, double clampLimit, double gluAlpha, double gluBias,
         int64_t groupMode, int64_t axis, int64_t dstType, char* roundModeOptional, int64_t scaleAlg,
         double maxDtypeValue, const aclTensor* yOut, const aclTensor* mxscaleOut);
ACLNN_OP(aclnnSwigluMxQuantWithDualAxis, const aclTensor* x, const aclTensor* groupIndexOptional,
         bool activateLeft, char* roundModeOptional, int64_t scaleAlg, int64_t dstType, double maxDtypeValue,
         const aclTensor* y1Out, const aclTensor* mxscale1Out, const aclTensor* y2Out,
         const aclTensor* mxscale2Out);
ACLNN_OP(aclnnTransQuantParamV2, const aclTensor* scale, const aclTensor* offset, const aclTensor* out);
ACLNN_OP(aclnnTransQuantParamV3, const aclTensor* scale, const aclTensor* offset, int64_t roundMode,
         const aclTensor* out);
ACLNN_OP(aclnnTransposeQuantBatchMatMul, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x1Scale, const aclTensor* x2Scale, int32_t dtype, int64_t groupSize,
         const aclIntArray* permX1, const aclIntArray* permX2, const aclIntArray* permY,
         int32_t batchSplitFactor, aclTensor* out);
ACLNN_OP(aclnnTransposeQuantBatchMatMulWeightNz, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* bias, const aclTensor* x1Scale, const aclTensor* x2Scale, int32_t dtype,
         int64_t groupSize, const aclIntArray* permX1, const aclIntArray* permX2, const aclIntArray* permY,
         int32_t batchSplitFactor, aclTensor* out);
ACLNN_OP(aclnnWeightQuantBatchMatmulNz, const aclTensor* x, const aclTensor* weight,
         const aclTensor* antiquantScale, const aclTensor* antiquantOffsetOptional,
         const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional,
         const aclTensor* biasOptional, int antiquantGroupSize, const aclTensor* y);
ACLNN_OP(aclnnWeightQuantBatchMatmulV2, const aclTensor* x, const aclTensor* weight,
         const aclTensor* antiquantScale, const aclTensor* antiquantOffsetOptional,
         const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional,
         const aclTensor* biasOptional, int antiquantGroupSize, const aclTensor* y);
ACLNN_OP(aclnnWeightQuantBatchMatmulV3, const aclTensor* x, const aclTensor* weight,
         const aclTensor* antiquantScale, const aclTensor* antiquantOffsetOptional,
         const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional,
         const aclTensor* biasOptional, int antiquantGroupSize, int innerPrecise, const aclTensor* y);
ACLNN_OP(aclnnWeightQuantPreprocess, const aclTensor* weight, const aclTensor* weightScale,
         const aclTensor* weightOffsetOptional, const aclTensor* biasOptional, const aclDataType xDtype,
         const aclDataType xScaleDtype, const int64_t kGroupSize, aclTensor* outWeight,
         aclTensor* outWeightScale, aclTensor* outWeightOffsetOptional, aclTensor* outBiasOptional);

#ifdef __cplusplus
} /* extern "C" */
#endif
