#include "softnpu/hccl/dtype.h"

#include <cstring>

#include "softnpu.h"

namespace softnpu::hccl {
namespace {

// Generations, as sets of bits.
enum : uint8_t { k910A = 1, k910B = 2, k950 = 4, kLater = k910B | k950, kAll = k910A | kLater };

struct Row {
  HcclDataType dtype;
  const char* name;
  size_t size;
  uint8_t moves;     // generations that move it
  uint8_t reduces;   // that sum it and take its maximum and minimum
  uint8_t products;  // that multiply it
};

constexpr Row kTable[] = {
    {HCCL_DATA_TYPE_INT8, "int8", 1, kAll, kAll, kAll},
    {HCCL_DATA_TYPE_INT16, "int16", 2, kAll, kLater, 0},
    {HCCL_DATA_TYPE_INT32, "int32", 4, kAll, kAll, kAll},
    {HCCL_DATA_TYPE_INT64, "int64", 8, kAll, kAll, kAll},
    {HCCL_DATA_TYPE_UINT8, "uint8", 1, kAll, 0, 0},
    {HCCL_DATA_TYPE_UINT16, "uint16", 2, kAll, 0, 0},
    {HCCL_DATA_TYPE_UINT32, "uint32", 4, kAll, 0, 0},
    {HCCL_DATA_TYPE_UINT64, "uint64", 8, kAll, k950, k950},
    {HCCL_DATA_TYPE_FP16, "float16", 2, kAll, kAll, kAll},
    {HCCL_DATA_TYPE_BFP16, "bfloat16", 2, kLater, kLater, 0},
    {HCCL_DATA_TYPE_FP32, "float32", 4, kAll, kAll, kAll},
    {HCCL_DATA_TYPE_FP64, "float64", 8, kAll, k950, k950},
    {HCCL_DATA_TYPE_HIF8, "hifloat8", 1, k950, 0, 0},
    {HCCL_DATA_TYPE_FP8E4M3, "float8_e4m3", 1, k950, 0, 0},
    {HCCL_DATA_TYPE_FP8E5M2, "float8_e5m2", 1, k950, 0, 0},
    {HCCL_DATA_TYPE_FP8E8M0, "float8_e8m0", 1, k950, 0, 0},
};

const Row* find(int32_t dtype) {
  for (const Row& row : kTable) {
    if (row.dtype == dtype) return &row;
  }
  return nullptr;
}

uint8_t generation() {
  static const uint8_t value = [] {
    const char* soc = softnpu_env("SOFTNPU_SOC");
    if (std::strncmp(soc, "Ascend950", 9) == 0) return k950;
    const bool first = std::strncmp(soc, "Ascend910", 9) == 0 && std::strchr("AP", soc[9]) != nullptr;
    return first ? k910A : k910B;
  }();
  return value;
}

}  // namespace

const char* dtype_name(int32_t dtype) {
  const Row* row = find(dtype);
  return row == nullptr ? "?" : row->name;
}

const char* reduce_name(int32_t reduce) {
  static constexpr const char* kNames[] = {"sum", "prod", "max", "min"};
  return reduce >= 0 && reduce < 4 ? kNames[reduce] : "?";
}

size_t element_size(int32_t dtype) {
  const Row* row = find(dtype);
  return row == nullptr ? 0 : row->size;
}

bool can_move(int32_t dtype) {
  const Row* row = find(dtype);
  return row != nullptr && (row->moves & generation()) != 0;
}

bool can_reduce(int32_t dtype, int32_t reduce) {
  const Row* row = find(dtype);
  if (row == nullptr || reduce < 0 || reduce > HCCL_REDUCE_MIN) return false;
  return ((reduce == HCCL_REDUCE_PROD ? row->products : row->reduces) & generation()) != 0;
}

}  // namespace softnpu::hccl
