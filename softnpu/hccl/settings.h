// The environment of communicators.
#pragma once

#include <cstdint>

#include "hccl/hccl_types.h"

namespace softnpu::hccl {

struct Settings {
  int64_t connect_timeout_ms;  // until all ranks of a communicator have come
  int64_t timeout_ms;          // of an operation; negative: never
};

// HCCL_SUCCESS, or the refusal of a variable that cannot be understood.
HcclResult read_settings(Settings* settings);

}  // namespace softnpu::hccl
