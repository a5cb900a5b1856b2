// Every operator of the ABI exists. These weak definitions give way to the rows; where there is no row, phase
// one answers that the operator is missing, with its name.
#include "softnpu/aclnn/names.h"

#include "aclnn/aclnn_base.h"
#include "softnpu.h"

namespace {

aclnnStatus missing(const char* name) {
  return softnpu_error(ACLNN_ERR_INNER_NULLPTR_EXECUTOR, "%s is not implemented by the software NPU", name);
}

}  // namespace

// Under names of their own in C++, since the prototypes are declared; without parameters, which a caller's do
// not disturb: nothing is read before the answer.
#define MISSING(name)                                                                      \
  extern "C" aclnnStatus name##_missing_1() __asm__(#name "GetWorkspaceSize");             \
  extern "C" aclnnStatus name##_missing_2() __asm__(#name);                                \
  extern "C" __attribute__((weak, visibility("default"))) aclnnStatus name##_missing_1() { \
    return missing(#name);                                                                 \
  }                                                                                        \
  extern "C" __attribute__((weak, visibility("default"))) aclnnStatus name##_missing_2() { \
    return missing(#name);                                                                 \
  }
SOFT_OP_NAMES(MISSING)
#undef MISSING
