#include "csrc/acl/DType.h"

#include <c10/util/Exception.h>

namespace npu {
namespace {

struct Row {
  c10::ScalarType torch;
  aclDataType acl;
};

constexpr Row kRows[] = {
    {c10::ScalarType::Byte, ACL_UINT8},
    {c10::ScalarType::Char, ACL_INT8},
    {c10::ScalarType::Short, ACL_INT16},
    {c10::ScalarType::Int, ACL_INT32},
    {c10::ScalarType::Long, ACL_INT64},
    {c10::ScalarType::UInt16, ACL_UINT16},
    {c10::ScalarType::UInt32, ACL_UINT32},
    {c10::ScalarType::UInt64, ACL_UINT64},
    {c10::ScalarType::Bool, ACL_BOOL},
    {c10::ScalarType::Half, ACL_FLOAT16},
    {c10::ScalarType::BFloat16, ACL_BF16},
    {c10::ScalarType::Float, ACL_FLOAT},
    {c10::ScalarType::Double, ACL_DOUBLE},
    {c10::ScalarType::ComplexHalf, ACL_COMPLEX32},
    {c10::ScalarType::ComplexFloat, ACL_COMPLEX64},
    {c10::ScalarType::ComplexDouble, ACL_COMPLEX128},
    {c10::ScalarType::Float8_e5m2, ACL_FLOAT8_E5M2},
    {c10::ScalarType::Float8_e4m3fn, ACL_FLOAT8_E4M3FN},
    {c10::ScalarType::Float8_e8m0fnu, ACL_FLOAT8_E8M0},
};

constexpr detail::DTypeTable filled_table() {
  detail::DTypeTable table{};
  for (aclDataType& type : table.types) type = ACL_DT_UNDEFINED;
  for (const Row& row : kRows) table.types[static_cast<int>(row.torch)] = row.acl;
  return table;
}

}  // namespace

constinit const detail::DTypeTable detail::dtype_table = filled_table();

void detail::no_such_dtype(c10::ScalarType type) {
  TORCH_CHECK_TYPE(false, "The dtype ", type, " does not exist on npu.");
}

c10::ScalarType scalar_type(aclDataType type) {
  for (const Row& row : kRows) {
    if (row.acl == type) return row.torch;
  }
  TORCH_CHECK_TYPE(false, "The CANN data type ", static_cast<int>(type), " has no counterpart in torch.");
}

}  // namespace npu
