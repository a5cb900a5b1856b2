// The two passes over the body of a row, and what they share.
#pragma once

#include <string>

#include "softnpu/aclnn/kernel.h"

namespace softnpu {

// A kernel below both gets one thread: waking a team costs more than it saves.
inline constexpr int64_t kSmallBytes = 128 * 1024;
inline constexpr int64_t kSmallFlops = 1'000'000;

// What the tensors of a body are now.
enum class Pass : uint8_t {
  kRun,          // views of device memory
  kMeta,         // without memory
  kFewElements,  // CPU tensors of the dtypes and ranks of the call, with ones in an element or two
};
Pass current_pass();

// Runs the body as phase one does. False with the reason in `problem` where it refuses the call.
bool check_pass(aclOpExecutor& executor, Check check, std::string& problem);

// Throws where the inputs do not broadcast to the shape of every output, or elements of an output share
// memory.
void check_pointwise_shapes(aclOpExecutor& executor);

inline uint64_t mix(uint64_t hash, uint64_t word) {
  const auto product = static_cast<unsigned __int128>(hash ^ word) * 0x9E3779B97F4A7C15ull;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The value of a scalar; kNone where its data type cannot be one.
uint32_t number_from(const aclScalar& scalar, Cell& cell);

// "other"
std::string argument_name(const Operator& op, unsigned index);
// "self Float[2, 3], out Float[2, 3]"
std::string describe(aclOpExecutor& executor);

}  // namespace softnpu
