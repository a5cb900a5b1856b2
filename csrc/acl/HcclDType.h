// Dtypes of ATen and of HCCL.
#pragma once

#include <cstdint>

#include <c10/core/ScalarType.h>

#include "hccl/hccl_types.h"

namespace npu {

// As what one element travels. HCCL moves integers and floats as they are; what it does not know (bool,
// complex, float8, ...) is moved as bytes.
struct HcclElement {
  HcclDataType dtype;
  int64_t parts;  // how many of `dtype` one element is
};

HcclElement hccl_element(c10::ScalarType type) noexcept;

}  // namespace npu
