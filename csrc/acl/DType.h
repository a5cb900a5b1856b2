// Dtypes of ATen and of CANN.
#pragma once

#include <c10/core/ScalarType.h>
#include <c10/macros/Macros.h>

#include "acl/acl_enums.h"

namespace npu {

namespace detail {

struct DTypeTable {
  aclDataType types[static_cast<int>(c10::ScalarType::NumOptions)];
};
extern const DTypeTable dtype_table;

[[noreturn]] void no_such_dtype(c10::ScalarType type);

}  // namespace detail

// ACL_DT_UNDEFINED where CANN has no such dtype.
inline aclDataType try_acl_dtype(c10::ScalarType type) noexcept {
  return type >= c10::ScalarType{} && type < c10::ScalarType::NumOptions
             ? detail::dtype_table.types[static_cast<int>(type)]
             : ACL_DT_UNDEFINED;
}

// The same, but throws a c10::TypeError that names the dtype.
inline aclDataType acl_dtype(c10::ScalarType type) {
  const aclDataType result = try_acl_dtype(type);
  if (C10_UNLIKELY(result == ACL_DT_UNDEFINED)) detail::no_such_dtype(type);
  return result;
}

// Throws a c10::TypeError where ATen has no such dtype.
c10::ScalarType scalar_type(aclDataType type);

}  // namespace npu
