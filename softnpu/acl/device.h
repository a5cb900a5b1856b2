// Devices, and the contexts through which a thread uses them.
//
// aclrtSetDevice makes the default context of the device current on the calling thread, and counts;
// aclrtResetDevice counts down, and at zero releases what the process has on the device. Contexts made by
// aclrtCreateContext belong to their maker.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

#include "acl/acl_rt.h"
#include "softnpu/acl/error.h"
#include "softnpu/acl/heap.h"
#include "softnpu/acl/store.h"

namespace softnpu {

class Stream;

struct Device;

struct Context {
  static constexpr int kParameters = 3;
  Context(Device& device, bool primary, uint32_t serial) : device(device), primary(primary), serial(serial) {}

  Device& device;
  const bool primary;
  const uint32_t serial;  // a handle that is used again is another context
  std::mutex mutex;       // of streams
  std::set<Stream*> streams;
  std::mutex default_mutex;
  std::atomic<Stream*> default_stream{nullptr};
  std::atomic<int64_t> parameter[kParameters] = {};
  std::atomic<bool> parameter_set[kParameters] = {};
};

struct Device {
  Device(int id, int logical) : id(id), logical(logical), store(logical, id), heap(store, id) {}

  const int id;       // as this process counts
  const int logical;  // as the host counts
  std::atomic<int> streams{0};
  Store store;
  Heap heap;

  std::mutex mutex;  // of what follows
  int set_count = 0;
  Context* primary = nullptr;
  std::set<Context*> contexts;
  std::atomic<uint64_t> peers{0};  // bit i: peer access to device i is on
  std::atomic<int> saturation{ACL_RT_OVERFLOW_MODE_INFNAN};
  std::atomic<uint32_t> resource_limit[2] = {0, 0};  // 0: the hardware's
};

// Of this process, by the rules of ASCEND_RT_VISIBLE_DEVICES; an error where they are broken.
aclError device_count(int* count);
// Null, and an error in *result, where the id is out of range.
Device* find_device(int32_t id, aclError* result);
// The context of the calling thread, or null and 107002.
Context* current_context(aclError* result);
Device* current_device(aclError* result);
Stream* default_stream(Context& context, aclError* result);
// Every stream of the device, each with a reference that the caller drops.
std::vector<Stream*> share_streams(Device& device);

// The body of a call that needs the thread's device.
template <class Body>
aclError with_device(const char* call, Body&& body) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Device* device = current_device(&result);
    return device == nullptr ? result : body(*device);
  });
}

// The body of a call about the device of a given number.
template <class Body>
aclError with_device_id(const char* call, int32_t id, Body&& body) noexcept {
  return entry(call, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Device* device = find_device(id, &result);
    return device == nullptr ? result : body(*device);
  });
}

}  // namespace softnpu
