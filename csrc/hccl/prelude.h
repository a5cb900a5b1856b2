// Precompiled for this room: c10d's headers, which every file of it needs.
#pragma once

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
