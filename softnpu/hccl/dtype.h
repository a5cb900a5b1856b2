// What HCCL moves and reduces, by the generation of the SoC.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hccl/hccl_types.h"

namespace softnpu::hccl {

const char* dtype_name(int32_t dtype);    // "float32"; "type 99" is "?"
const char* reduce_name(int32_t reduce);  // "sum"
size_t element_size(int32_t dtype);       // 0 where there is no such type
bool can_move(int32_t dtype);
bool can_reduce(int32_t dtype, int32_t reduce);

}  // namespace softnpu::hccl
