#include "csrc/aten/Native.h"

#include <algorithm>

namespace npu {
namespace {

// Registered while the library is loaded, by one thread.
std::vector<std::string>& names() {
  static auto* list = new std::vector<std::string>;
  return *list;
}

}  // namespace

void note_native(const char* name) {
  names().emplace_back(name);
}

std::vector<std::string> native_operators() {
  std::vector<std::string> sorted = names();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace npu
