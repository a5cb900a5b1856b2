// Dtypes of ATen and of CANN.
#pragma once

#include <c10/core/ScalarType.h>

#include "acl/acl_enums.h"

namespace npu {

// ACL_DT_UNDEFINED where CANN has no such dtype.
aclDataType try_acl_dtype(c10::ScalarType type) noexcept;

// The same, but throws a c10::TypeError that names the dtype.
aclDataType acl_dtype(c10::ScalarType type);

// Throws a c10::TypeError where ATen has no such dtype.
c10::ScalarType scalar_type(aclDataType type);

}  // namespace npu
