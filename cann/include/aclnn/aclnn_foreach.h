/* Operators: foreach. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnForeachAbs, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachAcos, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachAddList, const aclTensorList* x1, const aclTensorList* x2, const aclTensor* alpha,
         aclTensorList* out);
ACLNN_OP(aclnnForeachAddListV2, const aclTensorList* x1, const aclTensorList* x2, const aclScalar* alpha,
         aclTensorList* out);
ACLNN_OP(aclnnForeachAddScalar, const aclTensorList* x, const aclTensor* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachAddScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachAddScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachAddcdivScalar, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* x3,
         const aclTensor* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachAddcdivScalarList, const aclTensorList* x1, const aclTensorList* x2,
         const aclTensorList* x3, const aclTensor* scalars, aclTensorList* out);
ACLNN_OP(aclnnForeachAddcdivScalarV2, const aclTensorList* x1, const aclTensorList* x2,
         const aclTensorList* x3, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachAddcmulScalar, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* x3,
         const aclTensor* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachAddcmulScalarList, const aclTensorList* x1, const aclTensorList* x2,
         const aclTensorList* x3, const aclTensor* scalars, const aclTensorList* out);
ACLNN_OP(aclnnForeachAddcmulScalarV2, const aclTensorList* x1, const aclTensorList* x2,
         const aclTensorList* x3, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachAsin, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachAtan, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachCopy, const aclTensorList* x, aclTensorList* out);
ACLNN_OP(aclnnForeachCos, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachCosh, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachDivList, const aclTensorList* x1, const aclTensorList* x2, aclTensorList* out);
ACLNN_OP(aclnnForeachDivScalar, const aclTensorList* x, const aclTensor* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachDivScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachDivScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachErf, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachErfc, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachExp, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachExpm1, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachLerpList, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* weight,
         aclTensorList* out);
ACLNN_OP(aclnnForeachLerpScalar, const aclTensorList* x1, const aclTensorList* x2, const aclScalar* weight,
         aclTensorList* out);
ACLNN_OP(aclnnForeachLog, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachLog10, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachLog1p, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachLog2, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachMaximumList, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* out);
ACLNN_OP(aclnnForeachMaximumScalar, const aclTensorList* x, const aclTensor* scalar,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachMaximumScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachMaximumScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachMinimumList, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* out);
ACLNN_OP(aclnnForeachMinimumScalar, const aclTensorList* x, const aclTensor* scalar,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachMinimumScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachMinimumScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachMulList, const aclTensorList* x1, const aclTensorList* x2, aclTensorList* out);
ACLNN_OP(aclnnForeachMulScalar, const aclTensorList* x, const aclTensor* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachMulScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachMulScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachNeg, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachNonFiniteCheckAndUnscale, const aclTensorList* scaledGrads, const aclTensor* foundInf,
         const aclTensor* invScale);
ACLNN_OP(aclnnForeachNorm, const aclTensorList* x, const aclScalar* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachPowList, const aclTensorList* x1, const aclTensorList* x2, const aclTensorList* out);
ACLNN_OP(aclnnForeachPowScalar, const aclTensorList* x, const aclTensor* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachPowScalarAndTensor, const aclScalar* scalar, const aclTensorList* x,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachPowScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachPowScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachReciprocal, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachRoundOffNumber, const aclTensorList* x, const aclTensor* roundMode,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachRoundOffNumberV2, const aclTensorList* x, const aclScalar* roundMode,
         aclTensorList* out);
ACLNN_OP(aclnnForeachSigmoid, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachSign, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachSin, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachSinh, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachSqrt, const aclTensorList* x, aclTensorList* out);
ACLNN_OP(aclnnForeachSubList, const aclTensorList* x1, const aclTensorList* x2, const aclTensor* alpha,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachSubListV2, const aclTensorList* x1, const aclTensorList* x2, const aclScalar* alpha,
         aclTensorList* out);
ACLNN_OP(aclnnForeachSubScalar, const aclTensorList* x, const aclTensor* scalar, const aclTensorList* out);
ACLNN_OP(aclnnForeachSubScalarList, const aclTensorList* x, const aclScalarList* scalars,
         const aclTensorList* out);
ACLNN_OP(aclnnForeachSubScalarV2, const aclTensorList* x, const aclScalar* scalar, aclTensorList* out);
ACLNN_OP(aclnnForeachTan, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachTanh, const aclTensorList* x, const aclTensorList* out);
ACLNN_OP(aclnnForeachZeroInplace, const aclTensorList* x);

#ifdef __cplusplus
} /* extern "C" */
#endif
