/* Operators: pointwise. */
#pragma once

#include "aclnn/aclnn_base.h"

#ifdef __cplusplus
extern "C" {
#endif

ACLNN_OP(aclnnAbs, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnAcos, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnAcosh, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnAdd, const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnAddLora, const aclTensor* y, const aclTensor* x, const aclTensor* weightB,
         const aclTensor* indices, const aclTensor* weightAOptional, int64_t layerIdx, double scale,
         int64_t yOffset, int64_t ySliceSize, const aclTensor* out);
ACLNN_OP(aclnnAddV3, const aclScalar* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnAddcdiv, const aclTensor* self, const aclTensor* tensor1, const aclTensor* tensor2,
         const aclScalar* value, const aclTensor* out);
ACLNN_OP(aclnnAddcmul, const aclTensor* self, const aclTensor* tensor1, const aclTensor* tensor2,
         const aclScalar* value, aclTensor* out);
ACLNN_OP(aclnnAddmm, const aclTensor* self, const aclTensor* mat1, const aclTensor* mat2,
         const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnAddmmWeightNz, const aclTensor* self, const aclTensor* mat1, const aclTensor* mat2,
         const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnAddmv, const aclTensor* self, const aclTensor* mat, const aclTensor* vec,
         const aclScalar* alpha, const aclScalar* beta, aclTensor* out, int8_t cubeMathType);
ACLNN_OP(aclnnAdds, const aclTensor* self, const aclScalar* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnAdvanceStep, const aclTensor* inputTokens, const aclTensor* sampledTokenIds,
         const aclTensor* inputPositions, const aclTensor* seqLens, const aclTensor* slotMapping,
         const aclTensor* blockTables, int64_t numSeqs, int64_t numQueries, int64_t blockSize);
ACLNN_OP(aclnnAdvanceStepV2, const aclTensor* inputTokens, const aclTensor* sampledTokenIds,
         const aclTensor* inputPositions, const aclTensor* seqLens, const aclTensor* slotMapping,
         const aclTensor* blockTables, const aclTensor* specToken, const aclTensor* acceptedNum,
         int64_t numSeqs, int64_t numQueries, int64_t blockSize);
ACLNN_OP(aclnnAngleV2, const aclTensor* x, const aclTensor* out);
ACLNN_OP(aclnnArange, const aclScalar* start, const aclScalar* end, const aclScalar* step, aclTensor* out);
ACLNN_OP(aclnnAsin, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnAsinh, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnAtan, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnAtan2, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnAtanh, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnBitwiseAndScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnBitwiseAndTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnBitwiseNot, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnBitwiseOrScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnBitwiseOrTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnBitwiseXorScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnBitwiseXorTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnCIoU, const aclTensor* bBoxes, const aclTensor* gtBoxes, bool trans, bool isCross,
         const char* mode, aclTensor* overlap, aclTensor* atanSub);
ACLNN_OP(aclnnCeil, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnClamp, const aclTensor* self, const aclScalar* clipValueMin, const aclScalar* clipValueMax,
         aclTensor* out);
ACLNN_OP(aclnnClampTensor, const aclTensor* self, const aclTensor* clipValueMin,
         const aclTensor* clipValueMax, aclTensor* out);
ACLNN_OP(aclnnCoalesceSparse, const aclTensor* uniqueLen, const aclTensor* uniqueIndices,
         const aclTensor* indices, const aclTensor* values, const aclTensor* newIndices,
         const aclTensor* newValues);
ACLNN_OP(aclnnComplex, const aclTensor* real, const aclTensor* imag, aclTensor* out);
ACLNN_OP(aclnnCos, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnCosh, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnDequantBias, const aclTensor* x, const aclTensor* weightScale,
         const aclTensor* activateScaleOptional, const aclTensor* biasOptional, int64_t outputDtype,
         const aclTensor* out);
ACLNN_OP(aclnnDiv, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnDivMod, const aclTensor* self, const aclTensor* other, int mode, aclTensor* out);
ACLNN_OP(aclnnDivMods, const aclTensor* self, const aclScalar* other, int mode, aclTensor* out);
ACLNN_OP(aclnnDivs, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnEqScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnEqTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnEqual, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnExp, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnExp2, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnExpm1, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnEye, int64_t n, int64_t m, aclTensor* out);
ACLNN_OP(aclnnFloor, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnFloorDivide, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnFloorDivides, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnFmodScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnFmodTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnFrac, const aclTensor* input, aclTensor* out);
ACLNN_OP(aclnnFusedSgd, const aclTensorList* paramsRef, const aclTensorList* gradsRef,
         const aclTensorList* momentumBufferListOptionalRef, const aclTensor* gradScaleOptional,
         float weightDecay, float momentum, float lr, float dampening, bool nesterov, bool maximize,
         bool isFirstStep);
ACLNN_OP(aclnnGRU, const aclTensor* input, const aclTensorList* params, const aclTensor* hx,
         const aclTensor* batchSizes, bool hasBias, int64_t numLayers, double dropout, bool train,
         bool bidirection, bool batchFirst, aclTensor* output, aclTensor* hy, aclTensorList* rOut,
         aclTensorList* zOut, aclTensorList* nOut, aclTensorList* hnOut, aclTensorList* hOut);
ACLNN_OP(aclnnGRUBackward, const aclTensor* input, const aclTensorList* params, const aclTensor* hx,
         const aclTensor* dy, const aclTensor* dh, const aclTensorList* r, const aclTensorList* z,
         const aclTensorList* n, const aclTensorList* hn, const aclTensorList* h, const aclTensor* batchSizes,
         bool hasBias, int64_t numLayers, bool bidirection, bool batchFirst, aclTensor* dxOut,
         aclTensor* dhPrevOut, aclTensorList* dparamsOut);
ACLNN_OP(aclnnGcd, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnGeScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnGeTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnGtScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnGtTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnInplaceAcos, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceAcosh, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceAdd, const aclTensor* selfRef, const aclTensor* other, const aclScalar* alpha);
ACLNN_OP(aclnnInplaceAddcdiv, const aclTensor* selfRef, const aclTensor* tensor1, const aclTensor* tensor2,
         const aclScalar* value);
ACLNN_OP(aclnnInplaceAddcmul, const aclTensor* selfRef, const aclTensor* tensor1, const aclTensor* tensor2,
         const aclScalar* value);
ACLNN_OP(aclnnInplaceAddmm, const aclTensor* selfRef, const aclTensor* mat1, const aclTensor* mat2,
         const aclScalar* beta, const aclScalar* alpha, int8_t cubeMathType);
ACLNN_OP(aclnnInplaceAdds, const aclTensor* selfRef, const aclScalar* other, const aclScalar* alpha);
ACLNN_OP(aclnnInplaceAsin, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceAsinh, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceAtan, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceAtan2, aclTensor* selfRef, aclTensor* other);
ACLNN_OP(aclnnInplaceAtanh, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceBitwiseAndScalar, const aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceBitwiseAndTensor, const aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceBitwiseXorScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceBitwiseXorTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceCeil, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceCos, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceCosh, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceDiv, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceDivMod, aclTensor* selfRef, const aclTensor* other, int mode);
ACLNN_OP(aclnnInplaceDivMods, aclTensor* selfRef, const aclScalar* other, int mode);
ACLNN_OP(aclnnInplaceDivs, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceEqScalar, const aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceEqTensor, const aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceExp, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceExp2, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceExpm1, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceFillScalar, aclTensor* selfRef, const aclScalar* value);
ACLNN_OP(aclnnInplaceFillTensor, aclTensor* selfRef, const aclTensor* value);
ACLNN_OP(aclnnInplaceFloor, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceFloorDivide, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceFloorDivides, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceFmodScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceFmodTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceFrac, aclTensor* inputRef);
ACLNN_OP(aclnnInplaceGeScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceGeTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceGtScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceGtTensor, const aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceLeScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceLeTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceLerp, aclTensor* selfRef, const aclTensor* end, const aclTensor* weight);
ACLNN_OP(aclnnInplaceLerps, aclTensor* selfRef, const aclTensor* end, const aclScalar* weight);
ACLNN_OP(aclnnInplaceLog, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceLog10, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceLog1p, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceLog2, const aclTensor* selfRef);
ACLNN_OP(aclnnInplaceLogicalAnd, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceLogicalNot, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceLogicalOr, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceLtScalar, const aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceLtTensor, const aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceMul, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceMuls, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceNanToNum, aclTensor* selfRef, float nan, float posinf, float neginf);
ACLNN_OP(aclnnInplaceNeScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceNeTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceOne, const aclTensor* selfRef);
ACLNN_OP(aclnnInplacePowTensorScalar, const aclTensor* self, const aclScalar* exponent);
ACLNN_OP(aclnnInplacePowTensorTensor, const aclTensor* self, const aclTensor* exponent);
ACLNN_OP(aclnnInplaceReciprocal, const aclTensor* selfRef);
ACLNN_OP(aclnnInplaceRemainderTensorScalar, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceRemainderTensorTensor, aclTensor* selfRef, const aclTensor* other);
ACLNN_OP(aclnnInplaceRoundDecimals, aclTensor* selfRef, int64_t decimals);
ACLNN_OP(aclnnInplaceRsqrt, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceSin, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceSinc, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceSinh, aclTensor* selfRef);
ACLNN_OP(aclnnInplaceSqrt, aclTensor* self);
ACLNN_OP(aclnnInplaceSub, aclTensor* selfRef, const aclTensor* other, const aclScalar* alpha);
ACLNN_OP(aclnnInplaceSubs, aclTensor* selfRef, const aclScalar* other, const aclScalar* alpha);
ACLNN_OP(aclnnInplaceTan, const aclTensor* selfRef);
ACLNN_OP(aclnnInplaceXLogYScalarOther, aclTensor* selfRef, const aclScalar* other);
ACLNN_OP(aclnnInplaceZero, aclTensor* selfRef);
ACLNN_OP(aclnnIsClose, const aclTensor* self, const aclTensor* other, double rtol, double atol, bool equalNan,
         aclTensor* out);
ACLNN_OP(aclnnIsFinite, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnIsInScalarTensor, const aclScalar* element, const aclTensor* testElements, bool assumeUnique,
         bool invert, aclTensor* out);
ACLNN_OP(aclnnIsInTensorScalar, const aclTensor* element, const aclScalar* testElement, bool assumeUnique,
         bool invert, aclTensor* out);
ACLNN_OP(aclnnIsNegInf, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnIsPosInf, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLSTM, const aclTensor* input, const aclTensorList* params, const aclTensorList* hx,
         const aclTensor* batchSizes, bool hasBias, int64_t numLayers, double dropout, bool train,
         bool bidirectional, bool batchFirst, aclTensor* output, aclTensor* hy, aclTensor* cy,
         aclTensorList* iOut, aclTensorList* jOut, aclTensorList* fOut, aclTensorList* oOut,
         aclTensorList* hOut, aclTensorList* cOut, aclTensorList* tanhCOut);
ACLNN_OP(aclnnLeScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnLeTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLeftShift, const aclTensor* self, const aclTensor* shiftBits, aclTensor* out);
ACLNN_OP(aclnnLeftShifts, const aclTensor* self, const aclScalar* shiftBits, aclTensor* out);
ACLNN_OP(aclnnLerp, const aclTensor* self, const aclTensor* end, const aclTensor* weight, aclTensor* out);
ACLNN_OP(aclnnLerps, const aclTensor* self, const aclTensor* end, const aclScalar* weight, aclTensor* out);
ACLNN_OP(aclnnLinspace, const aclScalar* start, const aclScalar* end, int64_t steps, aclTensor* out);
ACLNN_OP(aclnnLog, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLog10, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLog1p, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLog2, const aclTensor* self, const aclTensor* out);
ACLNN_OP(aclnnLogSpace, const aclScalar* start, const aclScalar* end, int64_t steps, double base,
         const aclTensor* result);
ACLNN_OP(aclnnLogicalAnd, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLogicalNot, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnLogicalOr, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLogicalXor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnLogit, const aclTensor* input, double eps, const aclTensor* out);
ACLNN_OP(aclnnLogitGrad, const aclTensor* x, const aclTensor* dy, double eps, const aclTensor* out);
ACLNN_OP(aclnnLtScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnLtTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnMul, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnMuls, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnNanToNum, const aclTensor* self, float nan, float posinf, float neginf, aclTensor* out);
ACLNN_OP(aclnnNeScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnNeTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnNeg, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnPolar, const aclTensor* input, const aclTensor* angle, aclTensor* out);
ACLNN_OP(aclnnPowScalarTensor, const aclScalar* self, const aclTensor* exponent, const aclTensor* out);
ACLNN_OP(aclnnPowTensorScalar, const aclTensor* self, const aclScalar* exponent, const aclTensor* out);
ACLNN_OP(aclnnPowTensorTensor, const aclTensor* self, const aclTensor* exponent, aclTensor* out);
ACLNN_OP(aclnnRange, const aclScalar* start, const aclScalar* end, const aclScalar* step, aclTensor* out);
ACLNN_OP(aclnnReciprocal, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnReduceNansum, const aclTensor* self, const aclIntArray* dim, bool keepDim, aclDataType dtype,
         aclTensor* out);
ACLNN_OP(aclnnRemainderScalarTensor, const aclScalar* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnRemainderTensorScalar, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnRemainderTensorTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnRightShift, const aclTensor* input, const aclTensor* shiftBits, aclTensor* out);
ACLNN_OP(aclnnRound, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnRoundDecimals, const aclTensor* self, int64_t decimals, aclTensor* out);
ACLNN_OP(aclnnRsqrt, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnRsub, const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnRsubs, const aclTensor* self, const aclScalar* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnSign, const aclTensor* self, aclTensor* result);
ACLNN_OP(aclnnSignbit, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSin, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSinc, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSinh, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSleep, const aclIntArray* cycles);
ACLNN_OP(aclnnSlogdet, const aclTensor* self, aclTensor* signOut, aclTensor* logOut);
ACLNN_OP(aclnnSoftshrink, const aclTensor* self, const aclScalar* lambd, aclTensor* out);
ACLNN_OP(aclnnSoftshrinkBackward, const aclTensor* gradOutput, const aclTensor* self, const aclScalar* lambda,
         aclTensor* gradInput);
ACLNN_OP(aclnnSqrt, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnSub, const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnSubs, const aclTensor* self, const aclScalar* other, const aclScalar* alpha, aclTensor* out);
ACLNN_OP(aclnnTan, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnTrunc, const aclTensor* self, aclTensor* out);
ACLNN_OP(aclnnXLogYScalarOther, const aclTensor* self, const aclScalar* other, aclTensor* out);
ACLNN_OP(aclnnXLogYScalarSelf, const aclScalar* self, const aclTensor* other, aclTensor* out);
ACLNN_OP(aclnnXLogYTensor, const aclTensor* self, const aclTensor* other, aclTensor* out);

#ifdef __cplusplus
} /* extern "C" */
#endif
