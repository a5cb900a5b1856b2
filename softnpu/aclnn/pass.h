// The two passes over the body of a row, and what they share.
#pragma once

#include <string>

#include "softnpu/aclnn/kernel.h"

namespace softnpu {

// A kernel below both gets one thread: waking a team costs more than it saves.
inline constexpr int64_t kSmallBytes = 128 * 1024;
inline constexpr int64_t kSmallFlops = 1'000'000;

// Runs the body on meta tensors. False with the reason in `problem` where it refuses the call.
bool check_pass(aclOpExecutor& executor, std::string& problem);

// The value of a scalar; kNone where its data type cannot be one.
uint32_t number_from(const aclScalar& scalar, Cell& cell);

// "other"
std::string argument_name(const Operator& op, unsigned index);
// "self Float[2, 3], out Float[2, 3]"
std::string describe(aclOpExecutor& executor);

}  // namespace softnpu
