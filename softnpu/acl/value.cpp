// Words of device memory that a stream writes, or waits for.
#include <atomic>

#include "acl/acl_rt_stream.h"
#include "softnpu/acl/memory.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/stream.h"

namespace softnpu {
namespace {

enum Condition : uint32_t { kGreaterOrEqual, kEqual, kAnd, kNor };

struct Value {
  std::atomic<uint64_t>* word;
  uint64_t value;
  uint32_t condition;
};

aclError run_write(void* payload) {
  auto* task = static_cast<Value*>(payload);
  task->word->store(task->value, std::memory_order_release);
  return ACL_SUCCESS;
}

bool holds(const Value& task) {
  uint64_t now = task.word->load(std::memory_order_acquire);
  switch (task.condition) {
    case kGreaterOrEqual:
      return int64_t(now - task.value) >= 0;
    case kEqual:
      return now == task.value;
    case kAnd:
      return (now & task.value) != 0;
    default:
      return ~(now | task.value) != 0;
  }
}

// Anybody may write the word, also a process that does not know who waits, so this looks again and again.
aclError run_wait(void* payload) {
  auto* task = static_cast<Value*>(payload);
  for (long pause_ns = 1000; !holds(*task) && !Stream::current()->interrupted();) {
    timespec time{0, pause_ns};
    nanosleep(&time, nullptr);
    if (pause_ns < 1000000) pause_ns *= 2;
  }
  return ACL_SUCCESS;
}

aclError add(Stream& stream, void* address, uint64_t value, uint32_t condition, aclError (*run)(void*)) {
  if (aclError result = require(address, "devAddr"); result != ACL_SUCCESS) return result;
  int device = -1;
  if (address_of(address) % 8 != 0)
    return fail(ACL_ERROR_RT_ADDR_UNALIGNED, "%p is not a multiple of 8.", address);
  if (!exact_device_range(address_of(address), 8, &device)) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%p is not live memory of a device.", address);
  }
  return stream.add(run, nullptr,
                    Value{static_cast<std::atomic<uint64_t>*>(host_address(address)), value, condition});
}

}  // namespace
}  // namespace softnpu

using softnpu::fail;
using softnpu::Stream;

extern "C" {

aclError aclrtValueWrite(void* devAddr, uint64_t value, uint32_t flag, aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (flag != 0) return fail(ACL_ERROR_INVALID_PARAM, "flag must be 0.");
    return softnpu::add(s, devAddr, value, 0, softnpu::run_write);
  });
}

aclError aclrtValueWait(void* devAddr, uint64_t value, uint32_t flag, aclrtStream stream) {
  return softnpu::with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (flag > softnpu::kNor) return fail(ACL_ERROR_INVALID_PARAM, "%u is not a condition.", flag);
    return softnpu::add(s, devAddr, value, flag, softnpu::run_wait);
  });
}

}  // extern "C"
