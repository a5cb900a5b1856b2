#include "csrc/acl/Env.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <c10/util/Exception.h>

#include "csrc/acl/Library.h"

namespace npu::env {
namespace {

const Variable& find(const char* name, Type type) {
  for (const Variable& variable : table()) {
    if (std::strcmp(variable.name, name) == 0) {
      TORCH_INTERNAL_ASSERT(variable.type == type, name, " is not a ", type_name(type));
      return variable;
    }
  }
  TORCH_INTERNAL_ASSERT(false, name, " is not in the table of environment variables");
}

// The empty string counts as unset: that is how shells and job scripts clear a variable.
std::string value_of(const Variable& variable) {
  const char* value = std::getenv(variable.name);
  return value != nullptr && *value != '\0' ? value : variable.default_value;
}

[[noreturn]] void refuse(const Variable& variable, const std::string& value, const std::string& allowed) {
  TORCH_CHECK_VALUE(false, "The environment variable ", variable.name, " is '", value, "', but it must be ",
                    allowed, ".");
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    choices = bar == std::string_view::npos ? std::string_view() : choices.substr(bar + 1);
  }
  return false;
}

// "a|b|c" as "a, b or c"
std::string spell_choices(const std::string& choices) {
  std::string text;
  size_t begin = 0;
  for (size_t bar; (bar = choices.find('|', begin)) != std::string::npos; begin = bar + 1) {
    text += (text.empty() ? "" : ", ") + choices.substr(begin, bar - begin);
  }
  return text + " or " + choices.substr(begin);
}

}  // namespace

const std::vector<Variable>& table() {
  static const auto* rows = new std::vector<Variable>{
#define NPU_ENV(name, type, default_value, allowed, doc) {#name, Type::type, default_value, allowed, doc},
#include "csrc/acl/EnvTable.h"
  };
  return *rows;
}

const char* type_name(Type type) noexcept {
  switch (type) {
    case Type::kFlag:
      return "flag";
    case Type::kInteger:
      return "integer";
    case Type::kChoice:
      return "choice";
    case Type::kText:
      return "text";
  }
  return "";
}

std::string get_text(const char* name) {
  return value_of(find(name, Type::kText));
}

std::string get_choice(const char* name) {
  const Variable& variable = find(name, Type::kChoice);
  std::string value = value_of(variable);
  if (!is_choice(variable.allowed, value)) refuse(variable, value, spell_choices(variable.allowed));
  return value;
}

int64_t get_integer(const char* name) {
  const Variable& variable = find(name, Type::kInteger);
  const std::string value = value_of(variable);
  char* end = nullptr;
  errno = 0;
  const int64_t number = std::strtoll(value.c_str(), &end, 10);
  if (errno != 0 || end == value.c_str() || *end != '\0' || number < -1) {
    refuse(variable, value, std::string("a number of ") + variable.allowed);
  }
  return number;
}

bool get_flag(const char* name) {
  const Variable& variable = find(name, Type::kFlag);
  const std::string value = value_of(variable);
  if (value != "0" && value != "1") refuse(variable, value, "0 or 1");
  return value == "1";
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace npu::env
