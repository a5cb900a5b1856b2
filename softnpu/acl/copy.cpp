// Copies and fills.
//
// Rules, as CANN documents them. A synchronous copy is done by the calling thread and waits for no stream. An
// asynchronous copy is a task of its stream; where memory of the host takes part that is not pinned, the call
// returns only after the task has finished, so that the program may free or change the memory. A copy inside
// the host is never asynchronous.
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "acl/acl_rt_memory.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/fault.h"
#include "softnpu/acl/host.h"
#include "softnpu/acl/memory.h"
#include "softnpu/acl/pages.h"
#include "softnpu/acl/stream.h"

namespace softnpu {
namespace {

struct Side {
  char* bytes = nullptr;  // where the worker reads or writes
  int device = -1;        // -1: host
  bool pinned = false;
};

const char* kind_name(aclrtMemcpyKind kind) {
  switch (kind) {
    case ACL_MEMCPY_HOST_TO_HOST:
      return "ACL_MEMCPY_HOST_TO_HOST";
    case ACL_MEMCPY_HOST_TO_DEVICE:
      return "ACL_MEMCPY_HOST_TO_DEVICE";
    case ACL_MEMCPY_DEVICE_TO_HOST:
      return "ACL_MEMCPY_DEVICE_TO_HOST";
    case ACL_MEMCPY_DEVICE_TO_DEVICE:
      return "ACL_MEMCPY_DEVICE_TO_DEVICE";
    case ACL_MEMCPY_DEFAULT:
      return "ACL_MEMCPY_DEFAULT";
    case ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE:
      return "ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE";
    case ACL_MEMCPY_INNER_DEVICE_TO_DEVICE:
      return "ACL_MEMCPY_INNER_DEVICE_TO_DEVICE";
    case ACL_MEMCPY_INTER_DEVICE_TO_DEVICE:
      return "ACL_MEMCPY_INTER_DEVICE_TO_DEVICE";
  }
  return nullptr;
}

// What the kind says about a side: 1 device, 0 host, -1 either.
int source_side(aclrtMemcpyKind kind) {
  if (kind == ACL_MEMCPY_DEFAULT) return -1;
  return kind == ACL_MEMCPY_HOST_TO_HOST || kind == ACL_MEMCPY_HOST_TO_DEVICE ||
                 kind == ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE
             ? 0
             : 1;
}
int destination_side(aclrtMemcpyKind kind) {
  if (kind == ACL_MEMCPY_DEFAULT) return -1;
  return kind == ACL_MEMCPY_HOST_TO_HOST || kind == ACL_MEMCPY_DEVICE_TO_HOST ? 0 : 1;
}

// Finds out what is behind a pointer, and refuses what is not all there or not on the side that was promised.
aclError look(const char* role, const void* pointer, uint64_t size, int expected, Side* side) {
  uintptr_t address = address_of(pointer);
  if (!in_window(address)) {
    if (expected == 1) {
      return fail(ACL_ERROR_RT_PARAM_INVALID,
                  "the %s %p is memory of the host, but the kind of copy promises device "
                  "memory.",
                  role, pointer);
    }
    if (in_window(address - kHostOffset)) {
      return fail(ACL_ERROR_RT_PARAM_INVALID, "the %s %p is no address that a program was given.", role,
                  pointer);
    }
    *side = {reinterpret_cast<char*>(address), -1, is_pinned(address, size)};
    return ACL_SUCCESS;
  }
  int device = -1;
  if (!exact_device_range(address, size, &device)) {
    return fail(ACL_ERROR_RT_PARAM_INVALID,
                "the %s, %llu bytes at %p, is not live memory of a device: it was freed, or "
                "the size exceeds its block.",
                role, static_cast<unsigned long long>(size), pointer);
  }
  if (expected == 0) {
    return fail(ACL_ERROR_RT_PARAM_INVALID,
                "the %s %p is memory of device %d, but the kind of copy promises memory of "
                "the host.",
                role, pointer, device);
  }
  *side = {static_cast<char*>(host_address(pointer)), device, true};
  return ACL_SUCCESS;
}

aclError check_peer(const Side& to, const Side& from) {
  if (!settings().strict || to.device < 0 || from.device < 0 || to.device == from.device) return ACL_SUCCESS;
  aclError result = ACL_SUCCESS;
  Device* device = find_device(from.device, &result);
  Device* other = find_device(to.device, &result);
  bool on = device != nullptr && other != nullptr &&
            ((device->peers >> to.device & 1) != 0 || (other->peers >> from.device & 1) != 0);
  if (on) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_PARAM_INVALID,
              "devices %d and %d have no access to each other; call "
              "aclrtDeviceEnablePeerAccess.",
              from.device, to.device);
}

aclError check_copy(void* to, uint64_t capacity, const void* from, uint64_t size, aclrtMemcpyKind kind,
                    Side* target, Side* source) {
  if (aclError result = require(to, "dst"); result != ACL_SUCCESS) return result;
  if (aclError result = require(from, "src"); result != ACL_SUCCESS) return result;
  if (kind_name(kind) == nullptr)
    return fail(ACL_ERROR_INVALID_PARAM, "%d is not a kind of copy.", int(kind));
  if (size > capacity) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%llu bytes do not fit into the destination of %llu bytes.",
                static_cast<unsigned long long>(size), static_cast<unsigned long long>(capacity));
  }
  if (size == 0) return ACL_SUCCESS;
  aclError result = look("destination", to, size, destination_side(kind), target);
  if (result == ACL_SUCCESS) result = look("source", from, size, source_side(kind), source);
  if (result == ACL_SUCCESS) result = check_peer(*target, *source);
  return result;
}

aclError need_device_if_strict() {
  aclError result = ACL_SUCCESS;
  if (settings().strict) current_context(&result);
  return result;
}

struct Copy {
  char* to;
  const char* from;
  uint64_t size;
};

aclError before_copy() {
  return fault::enabled() ? fault::before_task(*Stream::current()) : ACL_SUCCESS;
}

// Device memory may have been freed or unmapped since the copy was enqueued.
bool still_there(const char* bytes, uint64_t size) {
  uintptr_t address = address_of(bytes) - kHostOffset;
  return !in_window(address) || softnpu_device_of(reinterpret_cast<void*>(address), size) >= 0;
}

aclError perform(const Copy& copy) {
  if (!still_there(copy.to, copy.size) || !still_there(copy.from, copy.size)) {
    softnpu_task_message("device memory was freed before an asynchronous copy of it ran.");
    return ACL_ERROR_RT_DEVICE_MEM_ERROR;
  }
  std::memmove(copy.to, copy.from, copy.size);
  return ACL_SUCCESS;
}

aclError run_copy(void* payload) {
  aclError result = before_copy();
  return result == ACL_SUCCESS ? perform(*static_cast<Copy*>(payload)) : result;
}

aclError run_copies(void* payload) {
  std::unique_ptr<std::vector<Copy>> copies(*static_cast<std::vector<Copy>**>(payload));
  aclError result = before_copy();
  for (size_t i = 0; result == ACL_SUCCESS && i < copies->size(); ++i) result = perform((*copies)[i]);
  return result;
}

void discard_copies(void* payload) {
  delete *static_cast<std::vector<Copy>**>(payload);
}

// After the task of an asynchronous copy was added: the rule for memory that is not pinned.
aclError wait_unless(bool pinned, Stream& stream, uint64_t ticket) {
  if (pinned) return ACL_SUCCESS;
  aclError result = stream.wait_for(ticket, Deadline(-1), ACL_SUCCESS);
  if (result != ACL_SUCCESS)
    return fail(result, "the copy was dropped by an abort of stream %d.", stream.id());
  return stream.report_failure();
}

aclError copy_async(void* to, uint64_t capacity, const void* from, uint64_t size, aclrtMemcpyKind kind,
                    aclrtStream handle) {
  aclError result = ACL_SUCCESS;
  Stream* stream = find_stream(handle, &result);
  if (stream == nullptr) return result;
  Side target, source;
  result = check_copy(to, capacity, from, size, kind, &target, &source);
  if (result != ACL_SUCCESS || size == 0) return result;
  if (target.device < 0 && source.device < 0) {
    return fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a copy inside the host cannot be asynchronous.");
  }
  uint64_t ticket = 0;
  result = stream->add(run_copy, nullptr, Copy{target.bytes, source.bytes, size}, &ticket);
  return result == ACL_SUCCESS ? wait_unless(target.pinned && source.pinned, *stream, ticket) : result;
}

// A copy of rows, as single copies.
aclError plan_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                   size_t height, aclrtMemcpyKind kind, std::vector<Copy>* copies, bool* pinned) {
  if (kind != ACL_MEMCPY_HOST_TO_DEVICE && kind != ACL_MEMCPY_DEVICE_TO_HOST &&
      kind != ACL_MEMCPY_DEVICE_TO_DEVICE && kind != ACL_MEMCPY_DEFAULT) {
    return fail(ACL_ERROR_INVALID_PARAM, "this kind of copy is not possible for rows.");
  }
  if (width > to_pitch || width > from_pitch) {
    return fail(ACL_ERROR_INVALID_PARAM, "the width %zu exceeds a pitch (destination %zu, source %zu).",
                width, to_pitch, from_pitch);
  }
  if (width == 0 || height == 0) return ACL_SUCCESS;
  Side target, source;
  uint64_t to_span = to_pitch * (height - 1) + width, from_span = from_pitch * (height - 1) + width;
  if (aclError result = require(to, "dst"); result != ACL_SUCCESS) return result;
  if (aclError result = require(from, "src"); result != ACL_SUCCESS) return result;
  aclError result = look("destination", to, to_span, destination_side(kind), &target);
  if (result == ACL_SUCCESS) result = look("source", from, from_span, source_side(kind), &source);
  if (result == ACL_SUCCESS) result = check_peer(target, source);
  if (result != ACL_SUCCESS) return result;
  for (size_t row = 0; row < height; ++row) {
    copies->push_back({target.bytes + row * to_pitch, source.bytes + row * from_pitch, width});
  }
  *pinned = target.pinned && source.pinned;
  return ACL_SUCCESS;
}

struct Batch {
  void** to;
  size_t* capacities;
  void** from;
  size_t* sizes;
  size_t count;
  aclrtMemcpyBatchAttr* attributes;
  size_t* first;  // copy from which on attributes[i] holds
  size_t attribute_count;
  size_t* failed;
};

aclError plan_batch(const Batch& batch, std::vector<Copy>* copies, bool* pinned) {
  for (const void* pointer :
       {static_cast<const void*>(batch.to), static_cast<const void*>(batch.capacities),
        static_cast<const void*>(batch.from), static_cast<const void*>(batch.sizes),
        static_cast<const void*>(batch.attributes), static_cast<const void*>(batch.first),
        static_cast<const void*>(batch.failed)}) {
    if (aclError result = require(pointer, "of the batch"); result != ACL_SUCCESS) return result;
  }
  *batch.failed = SIZE_MAX;
  if (batch.count == 0 || batch.attribute_count == 0 || batch.attribute_count > batch.count ||
      batch.first[0] != 0) {
    return fail(ACL_ERROR_INVALID_PARAM, "a batch needs copies, and attributes that begin at copy 0.");
  }
  *pinned = true;
  int direction = -1;
  size_t attribute = 0;
  for (size_t i = 0; i < batch.count; ++i) {
    while (attribute + 1 < batch.attribute_count && batch.first[attribute + 1] <= i) ++attribute;
    bool from_device = batch.attributes[attribute].srcLoc.type == ACL_MEM_LOCATION_TYPE_DEVICE;
    bool to_device = batch.attributes[attribute].dstLoc.type == ACL_MEM_LOCATION_TYPE_DEVICE;
    Side target, source;
    aclError result =
        from_device == to_device || (direction >= 0 && direction != int(to_device))
            ? fail(ACL_ERROR_INVALID_PARAM,
                   "all copies of a batch go from the host to a device, or all the other way.")
            : check_copy(batch.to[i], batch.capacities[i], batch.from[i], batch.sizes[i],
                         to_device ? ACL_MEMCPY_HOST_TO_DEVICE : ACL_MEMCPY_DEVICE_TO_HOST, &target, &source);
    if (result != ACL_SUCCESS) {
      *batch.failed = i;
      return result;
    }
    direction = to_device;
    if (batch.sizes[i] == 0) continue;
    copies->push_back({target.bytes, source.bytes, batch.sizes[i]});
    *pinned = *pinned && target.pinned && source.pinned;
  }
  return ACL_SUCCESS;
}

aclError run_now(const std::vector<Copy>& copies) {
  for (const Copy& copy : copies) std::memmove(copy.to, copy.from, copy.size);
  return ACL_SUCCESS;
}

aclError run_later(std::unique_ptr<std::vector<Copy>> copies, bool pinned, Stream& stream) {
  if (copies->empty()) return ACL_SUCCESS;
  uint64_t ticket = 0;
  aclError result = stream.add(run_copies, discard_copies, copies.get(), &ticket);
  if (result != ACL_SUCCESS) return result;
  copies.release();
  return wait_unless(pinned, stream, ticket);
}

struct Fill {
  char* to;
  int value;
  uint64_t size;
};

aclError run_fill(void* payload) {
  auto* fill = static_cast<Fill*>(payload);
  if (aclError result = before_copy(); result != ACL_SUCCESS) return result;
  if (!still_there(fill->to, fill->size)) {
    softnpu_task_message("device memory was freed before it was filled.");
    return ACL_ERROR_RT_DEVICE_MEM_ERROR;
  }
  std::memset(fill->to, fill->value, fill->size);
  return ACL_SUCCESS;
}

aclError check_fill(void* to, size_t capacity, size_t size, Side* target) {
  if (aclError result = require(to, "devPtr"); result != ACL_SUCCESS) return result;
  if (size > capacity) {
    return fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes do not fit into the destination of %zu bytes.", size,
                capacity);
  }
  if (size == 0) return ACL_SUCCESS;
  if (aclError result = look("destination", to, size, -1, target); result != ACL_SUCCESS) return result;
  if (target->device >= 0 || target->pinned) return ACL_SUCCESS;
  return fail(ACL_ERROR_RT_PARAM_INVALID, "%p is neither device memory nor pinned memory of the host.", to);
}

}  // namespace
}  // namespace softnpu

using softnpu::Copy;
using softnpu::entry;
using softnpu::Side;
using softnpu::Stream;

extern "C" {

aclError aclrtMemcpy(void* dst, size_t destMax, const void* src, size_t count, aclrtMemcpyKind kind) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::need_device_if_strict(); result != ACL_SUCCESS) return result;
    Side target, source;
    aclError result = softnpu::check_copy(dst, destMax, src, count, kind, &target, &source);
    if (result == ACL_SUCCESS && count != 0) std::memmove(target.bytes, source.bytes, count);
    return result;
  });
}

aclError aclrtMemcpyAsync(void* dst, size_t destMax, const void* src, size_t count, aclrtMemcpyKind kind,
                          aclrtStream stream) {
  return entry(__func__, [&] { return softnpu::copy_async(dst, destMax, src, count, kind, stream); });
}

aclError aclrtMemcpyAsyncWithCondition(void* dst, size_t destMax, const void* src, size_t count,
                                       aclrtMemcpyKind kind, aclrtStream stream) {
  return entry(__func__, [&] { return softnpu::copy_async(dst, destMax, src, count, kind, stream); });
}

aclError aclrtMemcpy2d(void* dst, size_t dpitch, const void* src, size_t spitch, size_t width, size_t height,
                       aclrtMemcpyKind kind) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::need_device_if_strict(); result != ACL_SUCCESS) return result;
    std::vector<Copy> copies;
    bool pinned = false;
    aclError result = softnpu::plan_rows(dst, dpitch, src, spitch, width, height, kind, &copies, &pinned);
    return result == ACL_SUCCESS ? softnpu::run_now(copies) : result;
  });
}

aclError aclrtMemcpy2dAsync(void* dst, size_t dpitch, const void* src, size_t spitch, size_t width,
                            size_t height, aclrtMemcpyKind kind, aclrtStream stream) {
  return entry(__func__, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Stream* on = softnpu::find_stream(stream, &result);
    if (on == nullptr) return result;
    auto copies = std::make_unique<std::vector<Copy>>();
    bool pinned = false;
    result = softnpu::plan_rows(dst, dpitch, src, spitch, width, height, kind, copies.get(), &pinned);
    return result == ACL_SUCCESS ? softnpu::run_later(std::move(copies), pinned, *on) : result;
  });
}

aclError aclrtMemcpyBatch(void** dsts, size_t* destMaxs, void** srcs, size_t* sizes, size_t numBatches,
                          aclrtMemcpyBatchAttr* attrs, size_t* attrsIndexes, size_t numAttrs,
                          size_t* failIndex) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::need_device_if_strict(); result != ACL_SUCCESS) return result;
    std::vector<Copy> copies;
    bool pinned = false;
    aclError result = softnpu::plan_batch(
        {dsts, destMaxs, srcs, sizes, numBatches, attrs, attrsIndexes, numAttrs, failIndex}, &copies,
        &pinned);
    return result == ACL_SUCCESS ? softnpu::run_now(copies) : result;
  });
}

aclError aclrtMemcpyBatchAsync(void** dsts, size_t* destMaxs, void** srcs, size_t* sizes, size_t numBatches,
                               aclrtMemcpyBatchAttr* attrs, size_t* attrsIndexes, size_t numAttrs,
                               size_t* failIndex, aclrtStream stream) {
  return entry(__func__, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Stream* on = softnpu::find_stream(stream, &result);
    if (on == nullptr) return result;
    auto copies = std::make_unique<std::vector<Copy>>();
    bool pinned = false;
    result = softnpu::plan_batch(
        {dsts, destMaxs, srcs, sizes, numBatches, attrs, attrsIndexes, numAttrs, failIndex}, copies.get(),
        &pinned);
    return result == ACL_SUCCESS ? softnpu::run_later(std::move(copies), pinned, *on) : result;
  });
}

aclError aclrtMemset(void* devPtr, size_t maxCount, int32_t value, size_t count) {
  return entry(__func__, [&]() -> aclError {
    if (aclError result = softnpu::need_device_if_strict(); result != ACL_SUCCESS) return result;
    Side target;
    aclError result = softnpu::check_fill(devPtr, maxCount, count, &target);
    if (result == ACL_SUCCESS && count != 0) std::memset(target.bytes, value, count);
    return result;
  });
}

aclError aclrtMemsetAsync(void* devPtr, size_t maxCount, int32_t value, size_t count, aclrtStream stream) {
  return entry(__func__, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    Stream* on = softnpu::find_stream(stream, &result);
    if (on == nullptr) return result;
    Side target;
    result = softnpu::check_fill(devPtr, maxCount, count, &target);
    if (result != ACL_SUCCESS || count == 0) return result;
    return on->add(softnpu::run_fill, nullptr, softnpu::Fill{target.bytes, value, count});
  });
}

// There is no cache of a device to fill; the addresses are checked as a kernel's would be.
aclError aclrtCmoAsync(void* src, size_t size, aclrtCmoType cmoType, aclrtStream stream) {
  return entry(__func__, [&]() -> aclError {
    aclError result = ACL_SUCCESS;
    if (softnpu::find_stream(stream, &result) == nullptr) return result;
    if (cmoType != ACL_RT_CMO_TYPE_PREFETCH) {
      return softnpu::fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "only ACL_RT_CMO_TYPE_PREFETCH is supported.");
    }
    Side side;
    return softnpu::look("source", src, size, 1, &side);
  });
}

}  // extern "C"
