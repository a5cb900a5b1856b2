/* Operators: linalg. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAddbmm, const aclTensor* self, const aclTensor* batch1, const aclTensor* batch2,
         const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnAddr, const aclTensor* self, const aclTensor* vec1, const aclTensor* vec2,
         const aclScalar* betaOptional, const aclScalar* alphaOptional, aclTensor* out);
ACLNN_OP(aclnnAlltoAllMatmul, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, bool transposeX1, bool transposeX2,
         const aclTensor* output, const aclTensor* alltoAllOutOptional);
ACLNN_OP(aclnnAlltoAllMatmulV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, const char* commMode, bool transposeX1,
         bool transposeX2, const aclTensor* output, const aclTensor* alltoAllOutOptional);
ACLNN_OP(aclnnBaddbmm, const aclTensor* self, const aclTensor* batch1, const aclTensor* batch2,
         const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnBatchMatMul, const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnBatchMatMulWeightNz, const aclTensor* self, const aclTensor* mat2, aclTensor* out,
         int8_t cubeMathType);
ACLNN_OP(aclnnCdist, const aclTensor* x1, const aclTensor* x2, float p, int64_t compute_mode, aclTensor* out);
ACLNN_OP(aclnnCdistBackward, const aclTensor* grad, const aclTensor* x1, const aclTensor* x2,
         const aclTensor* cdist, float p, aclTensor* out);
ACLNN_OP(aclnnDot, const aclTensor* self, const aclTensor* tensor, aclTensor* out);
ACLNN_OP(aclnnEmbeddingRenorm, aclTensor* selfRef, const aclTensor* indices, double maxNorm, double normType);
ACLNN_OP(aclnnFusedMatmul, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* x3, const char* fusedOpType, int8_t cubeMathType, const aclTensor* y);
ACLNN_OP(aclnnInplaceAddr, aclTensor* selfRef, const aclTensor* vec1, const aclTensor* vec2,
         const aclScalar* betaOptional, const aclScalar* alphaOptional);
ACLNN_OP(aclnnInplaceFillDiagonal, aclTensor* selfRef, const aclScalar* fillValue, bool wrap);
ACLNN_OP(aclnnInplaceRenorm, aclTensor* selfRef, const aclScalar* p, int64_t dim, const aclScalar* maxNorm);
ACLNN_OP(aclnnInplaceTril, const aclTensor* selfRef, int64_t diagonal);
ACLNN_OP(aclnnInplaceTriu, aclTensor* selfRef, int64_t diagonal);
ACLNN_OP(aclnnInverse, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLinalgCholesky, const aclTensor* self, bool upper, aclTensor* out);
ACLNN_OP(aclnnLinalgCross, const aclTensor* self, const aclTensor* other, int64_t dim, aclTensor* out);
ACLNN_OP(aclnnLinalgQr, const aclTensor* self, int64_t mode, aclTensor* Q, aclTensor* R);
ACLNN_OP(aclnnMatmul, const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnMatmulAlltoAll, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, bool transposeX1, bool transposeX2,
         const aclTensor* output);
ACLNN_OP(aclnnMatmulAlltoAllV2, const aclTensor* x1, const aclTensor* x2, const aclTensor* biasOptional,
         const aclIntArray* alltoAllAxesOptional, const char* group, const char* commMode, bool transposeX1,
         bool transposeX2, const aclTensor* output);
ACLNN_OP(aclnnMatmulCompressDequant, const aclTensor* x1, const aclTensor* x2, const aclTensor* compressIndex,
         const aclTensor* bias, const aclTensor* deqScale, const aclTensor* offsetW, int offsetX,
         const aclIntArray* compressInfo, aclTensor* out);
ACLNN_OP(aclnnMatmulWeightNz, const aclTensor* self, const aclTensor* mat2, aclTensor* out,
         int8_t cubeMathType);
ACLNN_OP(aclnnMm, const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnMv, const aclTensor* self, const aclTensor* vec, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnPdist, const aclTensor* self, float p, aclTensor* out);
ACLNN_OP(aclnnRenorm, const aclTensor* self, const aclScalar* p, int64_t dim, const aclScalar* maxNorm,
         aclTensor* out);
ACLNN_OP(aclnnSvd, const aclTensor* input, const bool fullMatrices, const bool computeUV, aclTensor* sigma,
         aclTensor* u, aclTensor* v);
ACLNN_OP(aclnnTrace, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnTransposeBatchMatMul, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* scale, const aclIntArray* permX1, const aclIntArray* permX2,
         const aclIntArray* permY, int8_t cubeMathType, const int32_t batchSplitFactor, aclTensor* out);
ACLNN_OP(aclnnTransposeBatchMatMulWeightNz, const aclTensor* x1, const aclTensor* x2, const aclTensor* bias,
         const aclTensor* scale, const aclIntArray* permX1, const aclIntArray* permX2,
         const aclIntArray* permY, int8_t cubeMathType, const int32_t batchSplitFactor, aclTensor* out);
ACLNN_OP(aclnnTriangularSolve, const aclTensor* self, const aclTensor* A, bool upper, bool transpose,
         bool unitriangular, aclTensor* xOut, aclTensor* mOut);
ACLNN_OP(aclnnTril, const aclTensor* self, int64_t diagonal, aclTensor* out);
ACLNN_OP(aclnnTriu, const aclTensor* self, int64_t diagonal, aclTensor* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
