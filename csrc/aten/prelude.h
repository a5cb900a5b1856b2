// Precompiled for this room: what nearly every file of it needs, and nothing that is edited often.
#pragma once

#include <c10/util/Exception.h>

#include <ATen/MemoryOverlap.h>
#include <ATen/TensorIterator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include "aclnn/aclnn.h"
