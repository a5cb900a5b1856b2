// Why a stream failed. One object travels: the stream keeps it, records of events made after it carry it,
// streams that wait for these are poisoned with it, and whoever synchronises any of them reports it.
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "acl/acl_types.h"

namespace softnpu {

class Failure {
 public:
  Failure(aclError code, std::string text) : code_(code), text_(std::move(text)) {}
  aclError code() const { return code_; }
  const std::string& text() const { return text_; }
  Failure* share() {
    references_.fetch_add(1, std::memory_order_relaxed);
    return this;
  }
  void drop() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  ~Failure() = default;
  std::atomic<int> references_{1};
  const aclError code_;
  const std::string text_;
};

}  // namespace softnpu
