/* Operators: loss. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnBinaryCrossEntropy, const aclTensor* self, const aclTensor* target, const aclTensor* weight,
         int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnBinaryCrossEntropyBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* target, const aclTensor* weightOptional, int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnBinaryCrossEntropyWithLogits, const aclTensor* self, const aclTensor* target,
         const aclTensor* weightOptional, const aclTensor* posWeightOptional, int64_t reduction,
         aclTensor* out);
ACLNN_OP(aclnnBinaryCrossEntropyWithLogitsBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* target, const aclTensor* weightOptional, const aclTensor* posWeightOptional,
         int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnCrossEntropyLoss, const aclTensor* input, const aclTensor* target,
         const aclTensor* weightOptional, char* reductionOptional, int64_t ignoreIndex, double labelSmoothing,
         double lseSquareScaleForZloss, bool returnZloss, const aclTensor* lossOut,
         const aclTensor* logProbOut, const aclTensor* zlossOut, const aclTensor* lseForZlossOut);
ACLNN_OP(aclnnCrossEntropyLossGrad, const aclTensor* gradLoss, const aclTensor* logProb,
         const aclTensor* target, const aclTensor* weightOptional, const aclTensor* gradZlossOptional,
         const aclTensor* lseForZlossOptional, char* reductionOptional, int64_t ignoreIndex,
         double labelSmoothing, double lseSquareScaleForZloss, const aclTensor* out);
ACLNN_OP(aclnnCtcLoss, const aclTensor* logProbs, const aclTensor* targets, const aclIntArray* inputLengths,
         const aclIntArray* targetlengths, int64_t blank, bool zeroInfinity, aclTensor* negLogLikelihoodOut,
         aclTensor* logAlphaOut);
ACLNN_OP(aclnnCtcLossBackward, const aclTensor* gradOut, const aclTensor* logProbs, const aclTensor* targets,
         const aclIntArray* inputLengths, const aclIntArray* targetLengths, const aclTensor* negLogLikelihood,
         const aclTensor* logAlpha, int64_t blank, bool zeroInfinity, aclTensor* out);
ACLNN_OP(aclnnFusedCrossEntropyLossWithMaxSum, const aclTensor* logitsMax, const aclTensor* sumExpLogits,
         const aclTensor* predictedLogits, float labelSmoothing, const aclTensor* inputOptional,
         const aclTensor* weightOptional, const aclTensor* vocabParallelLogitsOptional, aclTensor* lossOut,
         aclTensor* softMaxOutOptional);
ACLNN_OP(aclnnFusedLinearCrossEntropyLossGrad, const aclTensor* grad, const aclTensor* input,
         const aclTensor* weight, const aclTensor* targetMask, const aclTensor* maskedTarget,
         float labelSmoothing, const aclTensor* logitsMaxOptional, const aclTensor* sumExpLogitsOptional,
         const aclTensor* softmaxOptional, aclTensor* inputGradOut, aclTensor* weightGradOut);
ACLNN_OP(aclnnKlDiv, const aclTensor* self, const aclTensor* target, int64_t reduction, bool logTarget,
         aclTensor* out);
ACLNN_OP(aclnnKlDivBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* target,
         int64_t reduction, bool logTarget, aclTensor* out);
ACLNN_OP(aclnnKlDivTargetBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* target, int64_t reduction, bool logTarget, aclTensor* gradTarget);
ACLNN_OP(aclnnL1Loss, const aclTensor* self, const aclTensor* target, int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnL1LossBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* target,
         int64_t reduction, aclTensor* gradInput);
ACLNN_OP(aclnnMseLoss, const aclTensor* self, const aclTensor* target, int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnMseLossBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* target,
         int64_t reduction, aclTensor* out);
ACLNN_OP(aclnnMultilabelMarginLoss, const aclTensor* self, const aclTensor* target, int64_t reduction,
         aclTensor* out, aclTensor* isTarget);
ACLNN_OP(aclnnNLLLoss, const aclTensor* self, const aclTensor* target, const aclTensor* weight,
         int64_t reduction, int64_t ignoreIndex, aclTensor* out, aclTensor* totalWeightOut);
ACLNN_OP(aclnnNLLLoss2d, const aclTensor* self, const aclTensor* target, const aclTensor* weight,
         int64_t reduction, int64_t ignoreIndex, aclTensor* out, aclTensor* totalWeightOut);
ACLNN_OP(aclnnNLLLoss2dBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* target,
         const aclTensor* weight, int64_t reduction, int64_t ignoreIndex, aclTensor* totalWeight,
         aclTensor* out);
ACLNN_OP(aclnnNLLLossBackward, const aclTensor* gradOutput, const aclTensor* self, const aclTensor* target,
         const aclTensor* weight, int64_t reduction, int64_t ignoreIndex, const aclTensor* totalWeight,
         aclTensor* out);
ACLNN_OP(aclnnSmoothL1Loss, const aclTensor* self, const aclTensor* target, int64_t reduction, float beta,
         aclTensor* result);
ACLNN_OP(aclnnSmoothL1LossBackward, const aclTensor* gradOut, const aclTensor* self, const aclTensor* target,
         int64_t reduction, float beta, aclTensor* gradInput);
ACLNN_OP(aclnnSoftMarginLoss, const aclTensor* self, const aclTensor* target, int64_t reduction,
         aclTensor* out);
ACLNN_OP(aclnnSoftMarginLossBackward, const aclTensor* gradOutput, const aclTensor* self,
         const aclTensor* target, int64_t reduction, aclTensor* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
