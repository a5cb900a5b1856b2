// Precompiled for every file of libopapi: what each of them includes anyway.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aclnn/aclnn.h"
#include "softnpu.h"
#include "softnpu/aclnn/aten.h"
#include "softnpu/aclnn/kernel.h"
