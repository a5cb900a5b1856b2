// Every environment variable that the plugin reads is a row of EnvTable.h. Values are read when asked for; a
// caller on a hot path keeps the answer. A value outside its row is a c10::ValueError that names variable,
// value and choice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace npu::env {

enum class Type { kFlag, kInteger, kChoice, kText };

struct Variable {
  const char* name;
  Type type;
  const char* default_value;  // "" for unset
  const char* allowed;        // kChoice: "a|b|c"; otherwise words for the reader
  const char* doc;
};

const std::vector<Variable>& table();
const char* type_name(Type type) noexcept;

// The name must be a row of the matching type.
std::string get_text(const char* name);
std::string get_choice(const char* name);
int64_t get_integer(const char* name);
bool get_flag(const char* name);

// Whether the variable is set to something other than the empty string.
bool is_set(const char* name);

}  // namespace npu::env
