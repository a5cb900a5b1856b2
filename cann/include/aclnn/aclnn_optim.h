/* Operators: optim. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAmpUpdateScale, const aclTensor* currentScale, const aclTensor* growthTracker,
         const aclTensor* foundInf, double growthFactor, double backoffFactor, int64_t growthInterval,
         const aclTensor* updatedScale, const aclTensor* updatedGrowthTracker);
ACLNN_OP(aclnnApplyAdam, aclTensor* varRef, const aclTensor* m, const aclTensor* v,
         const aclTensor* beta1Power, const aclTensor* beta2Power, const aclTensor* lr,
         const aclTensor* beta1, const aclTensor* beta2, const aclTensor* epsilon, const aclTensor* grad,
         bool useLocking, bool useNesterov);
ACLNN_OP(aclnnApplyAdamW, aclTensor* varRef, aclTensor* mRef, aclTensor* vRef, const aclTensor* beta1Power,
         const aclTensor* beta2Power, const aclTensor* lr, const aclTensor* weightDecay,
         const aclTensor* beta1, const aclTensor* beta2, const aclTensor* eps, const aclTensor* grad,
         const aclTensor* maxGradNormOptional, bool amsgrad, bool maximize);
ACLNN_OP(aclnnApplyAdamWV2, aclTensor* varRef, aclTensor* mRef, aclTensor* vRef,
         aclTensor* maxGradNormOptionalRef, const aclTensor* grad, const aclTensor* step, float lr,
         float beta1, float beta2, float weightDecay, float eps, bool amsgrad, bool maximize);
ACLNN_OP(aclnnApplyTopKTopP, const aclTensor* logits, const aclTensor* p, const aclTensor* k, aclTensor* out);
ACLNN_OP(aclnnFusedAdam, const aclTensorList* paramsRef, const aclTensorList* gradsRef,
         const aclTensorList* expAvgsRef, const aclTensorList* expAvgSqsRef,
         const aclTensorList* maxExpAvgSqsRef, const aclTensorList* stateSteps,
         const aclTensor* gradScaleOptional, const aclTensor* foundInfOptional, double lr, double beta1,
         double beta2, double weightDecay, double eps, bool amsgrad, bool maximize);
ACLNN_OP(aclnnSilentCheck, const aclTensor* val, aclTensor* inputGradRef, aclTensor* sfdaRef,
         aclTensor* stepRef, const int32_t cMinSteps, const float cThreshL1, const float cCoeffL1,
         const float cThreshL2, const float cCoeffL2, const int32_t npuAsdDetect, aclTensor* result);
ACLNN_OP(aclnnSilentCheckV2, const aclTensor* val, const aclTensor* max, aclTensor* avgRef,
         aclTensor* inputGradRef, aclTensor* stepRef, aclIntArray* dstSize, aclIntArray* dstStride,
         aclIntArray* dstOffset, float cThreshL1, float cThreshL2, float beta1, int32_t npuAsdDetect,
         aclTensor* result);

#ifdef __cplusplus
} /* extern "C" */
#endif
