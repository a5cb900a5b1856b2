#include "softnpu/acl/device.h"

#include <algorithm>
#include <memory>

#include "softnpu/acl/callback.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/handles.h"
#include "softnpu/acl/stream.h"
#include "softnpu/acl/visible.h"

namespace softnpu {
namespace {

Arena<Context, 4096>& contexts() {
  static auto* const instance = new Arena<Context, 4096>;
  return *instance;
}

std::vector<Device*>& devices() {
  static auto* const instance = [] {
    auto* list = new std::vector<Device*>;
    const std::vector<int>& logical = visible().logical;
    for (size_t id = 0; id < logical.size(); ++id) list->push_back(new Device(int(id), logical[id]));
    return list;
  }();
  return *instance;
}

Context* make_context(Device& device, bool primary) {
  static std::atomic<uint32_t> serial{0};
  return contexts().create(device, primary, serial.fetch_add(1) + 1);
}

void make_current(Context* context) {
  ThreadState& state = thread_state();
  state.context = context;
  state.context_serial = context == nullptr ? 0 : context->serial;
}

Context* find_context(aclrtContext handle, aclError* result) {
  Context* context = contexts().find(handle);
  if (context == nullptr) {
    *result = fail(ACL_ERROR_RT_CONTEXT_NULL, "%p is not a context, or its device was reset.", handle);
  }
  return context;
}

// Takes the context's streams away, then the context. Waits for all their work; with `force` drops what has
// not run and waits a second for what runs. False where something still runs: its context then stays until
// the process ends.
bool close_context(Context* context, bool force) {
  contexts().retire(context);
  std::set<Stream*> streams;
  {
    std::lock_guard<std::mutex> guard(context->mutex);
    streams.swap(context->streams);
  }
  bool quiet = true;
  const Deadline deadline(force ? 1000 : -1);
  for (Stream* stream : streams) {
    stream->share();
    stream->close(force);
  }
  for (Stream* stream : streams) {
    quiet &= stream->wait_for(stream->added(), deadline, ACL_ERROR_RT_STREAM_SYNC_TIMEOUT) == ACL_SUCCESS;
    stream->drop();
  }
  if (quiet) contexts().reclaim(context);
  return quiet;
}

// What the last aclrtResetDevice does: the default context with its streams, and the memory of the process,
// unless a kernel that would not end still uses it.
void release_device(Device& device, Context* primary, bool force) {
  const bool quiet = close_context(primary, force);
  bool last;
  {
    std::lock_guard<std::mutex> guard(device.mutex);
    last = device.contexts.empty();
  }
  if (last && quiet) device.heap.clear();
}

aclError reset_device(const char* call, int32_t id, bool force) noexcept {
  return with_device_id(call, id, [&](Device& device) -> aclError {
    Context* primary = nullptr;
    {
      std::lock_guard<std::mutex> guard(device.mutex);
      if (device.set_count == 0) {
        return fail(ACL_ERROR_RT_INVALID_DEVICEID,
                    "device %d is not in use: aclrtSetDevice was not called for it.", id);
      }
      device.set_count = force ? 0 : device.set_count - 1;
      if (device.set_count == 0) {
        primary = device.primary;
        device.primary = nullptr;
        device.contexts.erase(primary);
      }
    }
    notify_device(id, ACL_RT_DEVICE_STATE_RESET_PRE);
    if (primary != nullptr) release_device(device, primary, force);
    notify_device(id, ACL_RT_DEVICE_STATE_RESET_POST);
    return ACL_SUCCESS;
  });
}

}  // namespace

aclError device_count(int* count) {
  const Visible& seen = visible();
  *count = int(seen.logical.size());
  if (seen.problem.empty()) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_NO_DEVICE, "%s", seen.problem.c_str());
}

Device* find_device(int32_t id, aclError* result) {
  int count = 0;
  *result = device_count(&count);
  if (*result != ACL_SUCCESS) return nullptr;
  if (id >= 0 && id < count) return devices()[id];
  *result = count == 0
                ? fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d does not exist: SOFTNPU_DEVICES is 0.", id)
                : fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d does not exist: devices are 0 to %d.", id,
                       count - 1);
  return nullptr;
}

Context* current_context(aclError* result) {
  ThreadState& state = thread_state();
  Context* context = state.context == nullptr ? nullptr : contexts().find(state.context);
  if (context != nullptr && context->serial == state.context_serial) [[likely]]
    return context;
  *result =
      fail(ACL_ERROR_RT_CONTEXT_NULL, "no device is current on this thread; call aclrtSetDevice first.");
  return nullptr;
}

Device* current_device(aclError* result) {
  Context* context = current_context(result);
  return context == nullptr ? nullptr : &context->device;
}

Stream* default_stream(Context& context, aclError* result) {
  if (Stream* stream = context.default_stream.load(std::memory_order_acquire)) return stream;
  std::lock_guard<std::mutex> guard(context.default_mutex);
  if (context.default_stream.load() == nullptr) {
    Stream* stream = nullptr;
    *result = create_stream(&context, 0, 0, &stream);
    context.default_stream.store(stream);
  }
  return context.default_stream.load();
}

std::vector<Stream*> share_streams(Device& device) {
  std::vector<Stream*> streams;
  std::lock_guard<std::mutex> guard(device.mutex);
  for (Context* context : device.contexts) {
    std::lock_guard<std::mutex> inner(context->mutex);
    for (Stream* stream : context->streams) {
      stream->share();
      streams.push_back(stream);
    }
  }
  return streams;
}

namespace {

aclError synchronize_device(Device& device, int32_t timeout_ms) {
  Deadline deadline(timeout_ms);
  aclError first = ACL_SUCCESS;
  for (Stream* stream : share_streams(device)) {
    int64_t left = deadline.left();
    if (first == ACL_SUCCESS) first = stream->synchronize(left < 0 ? -1 : (left + 999999) / 1000000);
    stream->drop();
  }
  return first;
}

aclError abort_device(Device& device) {
  for (Stream* stream : share_streams(device)) {
    stream->abort();
    stream->drop();
  }
  return ACL_SUCCESS;
}

}  // namespace
}  // namespace softnpu

using softnpu::Context;
using softnpu::Device;
using softnpu::entry;
using softnpu::fail;
using softnpu::require;

extern "C" {

aclError softnpu_require_device(int32_t* device) {
  if (softnpu::forked()) return softnpu::refuse_forked(nullptr);
  softnpu::thread_state().call = nullptr;
  aclError result = ACL_SUCCESS;
  Device* current = softnpu::current_device(&result);
  if (current != nullptr && device != nullptr) *device = current->id;
  return result;
}

int32_t softnpu_logical_device(int32_t device) {
  aclError result = ACL_SUCCESS;
  Device* found = softnpu::find_device(device, &result);
  return found == nullptr ? -1 : found->logical;
}

aclError aclrtGetDeviceCount(uint32_t* count) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = require(count, "count"); result != ACL_SUCCESS) return result;
    int found = 0;
    aclError result = softnpu::device_count(&found);
    if (result == ACL_SUCCESS) *count = static_cast<uint32_t>(found);
    return result;
  });
}

aclError aclrtSetDevice(int32_t deviceId) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    softnpu::mark_in_use();
    softnpu::notify_device(deviceId, ACL_RT_DEVICE_STATE_SET_PRE);
    {
      std::lock_guard<std::mutex> guard(device.mutex);
      if (device.primary == nullptr) {
        device.primary = softnpu::make_context(device, true);
        if (device.primary == nullptr) {
          return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the process has too many contexts.");
        }
        device.contexts.insert(device.primary);
      }
      ++device.set_count;
      softnpu::make_current(device.primary);
    }
    softnpu::notify_device(deviceId, ACL_RT_DEVICE_STATE_SET_POST);
    return ACL_SUCCESS;
  });
}

aclError aclrtGetDevice(int32_t* deviceId) {
  return softnpu::with_device(__func__, [&](Device& device) -> aclError {
    if (aclError result = require(deviceId, "deviceId"); result != ACL_SUCCESS) return result;
    *deviceId = device.id;
    return ACL_SUCCESS;
  });
}

aclError aclrtResetDevice(int32_t deviceId) {
  return softnpu::reset_device(__func__, deviceId, false);
}
aclError aclrtResetDeviceForce(int32_t deviceId) {
  return softnpu::reset_device(__func__, deviceId, true);
}

aclError aclrtSynchronizeDevice(void) {
  return softnpu::with_device(__func__,
                              [](Device& device) { return softnpu::synchronize_device(device, -1); });
}

aclError aclrtSynchronizeDeviceWithTimeout(int32_t timeout) {
  return softnpu::with_device(__func__, [&](Device& device) -> aclError {
    if (timeout < -1) return fail(ACL_ERROR_RT_PARAM_INVALID, "timeout is %d ms; -1 is for ever.", timeout);
    return softnpu::synchronize_device(device, timeout);
  });
}

aclError aclrtDeviceTaskAbort(int32_t deviceId, uint32_t) {
  return softnpu::with_device_id(__func__, deviceId, softnpu::abort_device);
}

aclError aclrtCreateContext(aclrtContext* context, int32_t deviceId) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(context, "context"); result != ACL_SUCCESS) return result;
    softnpu::mark_in_use();
    Context* created = softnpu::make_context(device, false);
    if (created == nullptr)
      return fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the process has too many contexts.");
    std::lock_guard<std::mutex> guard(device.mutex);
    device.contexts.insert(created);
    softnpu::make_current(created);
    *context = created;
    return ACL_SUCCESS;
  });
}

aclError aclrtDestroyContext(aclrtContext context) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(context, "context");
    if (result != ACL_SUCCESS) return result;
    Context* found = softnpu::find_context(context, &result);
    if (found == nullptr) return result;
    if (found->primary) {
      return fail(ACL_ERROR_RT_PARAM_INVALID,
                  "this is the default context of device %d; aclrtResetDevice releases it.",
                  found->device.id);
    }
    if (softnpu::settings().strict) {
      std::lock_guard<std::mutex> guard(found->mutex);
      auto busy = [](softnpu::Stream* stream) { return !stream->idle(); };
      if (std::any_of(found->streams.begin(), found->streams.end(), busy)) {
        return fail(ACL_ERROR_RT_CONTEXT_RELEASE_ERROR,
                    "a stream of this context of device %d still has tasks; synchronise it first.",
                    found->device.id);
      }
    }
    {
      std::lock_guard<std::mutex> guard(found->device.mutex);
      if (found->device.contexts.erase(found) == 0) {
        return fail(ACL_ERROR_RT_CONTEXT_NULL, "the context is being destroyed by another thread.");
      }
    }
    softnpu::close_context(found, false);
    return ACL_SUCCESS;
  });
}

aclError aclrtSetCurrentContext(aclrtContext context) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(context, "context");
    if (result != ACL_SUCCESS) return result;
    Context* found = softnpu::find_context(context, &result);
    if (found != nullptr) softnpu::make_current(found);
    return result;
  });
}

aclError aclrtGetCurrentContext(aclrtContext* context) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(context, "context");
    if (result != ACL_SUCCESS) return result;
    Context* current = softnpu::current_context(&result);
    if (current != nullptr) *context = current;
    return result;
  });
}

aclError aclrtCtxGetCurrentDefaultStream(aclrtStream* stream) {
  return entry(__func__, [&]() -> aclError {
    aclError result = require(stream, "stream");
    if (result != ACL_SUCCESS) return result;
    if (softnpu::Stream* found = softnpu::find_stream(nullptr, &result)) *stream = found;
    return result;
  });
}

aclError aclrtGetPrimaryCtxState(int32_t deviceId, uint32_t* flags, int32_t* active) {
  return softnpu::with_device_id(__func__, deviceId, [&](Device& device) -> aclError {
    if (aclError result = require(active, "active"); result != ACL_SUCCESS) return result;
    if (flags != nullptr) *flags = 0;
    std::lock_guard<std::mutex> guard(device.mutex);
    *active = device.primary != nullptr ? 1 : 0;
    return ACL_SUCCESS;
  });
}

}  // extern "C"
