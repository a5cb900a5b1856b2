// Which of torch's operators have a kernel here that launches operators of CANN: what `make ops` prints.
#pragma once

#include <string>
#include <vector>

namespace npu {

// Called where a kernel is registered, with the dispatcher's name without its namespace: "add.Tensor".
void note_native(const char* name);

// All of them, sorted.
std::vector<std::string> native_operators();

}  // namespace npu
