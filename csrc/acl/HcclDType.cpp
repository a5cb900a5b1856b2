#include "csrc/acl/HcclDType.h"

namespace npu {
namespace {

struct Row {
  c10::ScalarType torch;
  HcclDataType hccl;
};

constexpr Row kRows[] = {
    {c10::ScalarType::Char, HCCL_DATA_TYPE_INT8},     {c10::ScalarType::Short, HCCL_DATA_TYPE_INT16},
    {c10::ScalarType::Int, HCCL_DATA_TYPE_INT32},     {c10::ScalarType::Long, HCCL_DATA_TYPE_INT64},
    {c10::ScalarType::Byte, HCCL_DATA_TYPE_UINT8},    {c10::ScalarType::UInt16, HCCL_DATA_TYPE_UINT16},
    {c10::ScalarType::UInt32, HCCL_DATA_TYPE_UINT32}, {c10::ScalarType::UInt64, HCCL_DATA_TYPE_UINT64},
    {c10::ScalarType::Half, HCCL_DATA_TYPE_FP16},     {c10::ScalarType::BFloat16, HCCL_DATA_TYPE_BFP16},
    {c10::ScalarType::Float, HCCL_DATA_TYPE_FP32},    {c10::ScalarType::Double, HCCL_DATA_TYPE_FP64},
};

}  // namespace

HcclElement hccl_element(c10::ScalarType type) noexcept {
  for (const Row& row : kRows) {
    if (row.torch == type) return {row.hccl, 1};
  }
  return {HCCL_DATA_TYPE_UINT8, static_cast<int64_t>(c10::elementSize(type))};
}

}  // namespace npu
