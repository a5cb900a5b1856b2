// Settings of a communicator, by the names that users give them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "hccl/hccl_types.h"

namespace npu {

using HcclConfigValues = std::map<std::string, std::variant<int64_t, std::string>>;

// Throws c10::ValueError for an unknown key, which it names with the known ones, and for a value that a key
// does not take.
void check_hccl_config(const HcclConfigValues& values);

// What HCCL takes. `name` is that of the communicator; where it is empty, HCCL makes one up.
HcclCommConfig make_hccl_config(const HcclConfigValues& values, const std::string& name);

}  // namespace npu
