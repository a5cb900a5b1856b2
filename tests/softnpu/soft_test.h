// Common to the tests of what only the software NPU promises.
#pragma once

#include "softnpu.h"
#include "tests/cann/cann_test.h"
#include "tests/cann/child.h"

namespace soft_test {

using cann_test::Child;
using cann_test::Gate;
using cann_test::ok;
using cann_test::OnDevice;
using cann_test::refused;
using cann_test::seconds_since;

// A task that fails, and one that counts how it ended.
inline aclError fails(void*) {
  softnpu_task_message("the kernel met a bad index.");
  return ACL_ERROR_RT_AICORE_EXCEPTION;
}

struct Tally {
  std::atomic<int> ran{0}, discarded{0};
  int enqueue(aclrtStream stream) {
    return softnpu_enqueue(
        stream,
        [](void* t) -> aclError {
          static_cast<Tally*>(t)->ran.fetch_add(1);
          return ACL_SUCCESS;
        },
        [](void* t) { static_cast<Tally*>(t)->discarded.fetch_add(1); }, this);
  }
};

inline int enqueue_failure(aclrtStream stream) {
  return softnpu_enqueue(stream, fails, nullptr, nullptr);
}

inline std::string message() {
  const char* text = aclGetRecentErrMsg();
  return text == nullptr ? "" : text;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Variables for a child that counts to the byte: one device that neither this process nor, most likely,
// another uses. Not one of the first eight, which every process without these variables uses, pytest's own
// too.
inline Child::Variables private_device(const std::string& memory) {
  const char* visible = std::getenv("ASCEND_RT_VISIBLE_DEVICES");
  int first = visible == nullptr ? 0 : std::atoi(visible);  // this process has eight from here on
  int device = 8 + getpid() % 48;
  if (device >= first) device += 8;
  return {{"SOFTNPU_DEVICES", "64"},
          {"ASCEND_RT_VISIBLE_DEVICES", std::to_string(device)},
          {"SOFTNPU_MEMORY", memory}};
}

}  // namespace soft_test
