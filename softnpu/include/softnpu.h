// What the libraries of the software NPU need of each other beyond the public C ABI. Private to softnpu/: the
// plugin never includes it. libascendcl implements all of it; libopapi and libhccl call it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "acl/acl_rt_stream.h"

namespace softnpu {

// A device address is reserved without access; its bytes are mapped kHostOffset above it, the same distance
// for every device and for every mapping, so a kernel translates with one add and a host dereference always
// faults.
inline constexpr std::uintptr_t kHostOffset = std::uintptr_t{1} << 45;

inline void* host_address(const void* device_address) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(device_address) + kHostOffset);
}

}  // namespace softnpu

extern "C" {

// Work of a stream. `run` executes on the stream's worker in order and returns ACL_SUCCESS or the error that
// makes the stream sticky; it must not touch `arg` after returning. `discard` replaces `run` when the stream
// has failed, was aborted or is destroyed: exactly one of the two is called for every accepted task. Returns
// an error, and calls neither, when the stream is unknown or the process is a forked child.
typedef aclError (*softnpu_run_fn)(void* arg);
typedef void (*softnpu_discard_fn)(void* arg);
aclError softnpu_enqueue(aclrtStream stream, softnpu_run_fn run, softnpu_discard_fn discard, void* arg);

// The same for a task that is small, cannot fail and owns nothing: `payload` is copied into the queue, and
// dropping the task is nothing to do.
enum { SOFTNPU_PAYLOAD = 48 };
aclError softnpu_enqueue_inline(aclrtStream stream, softnpu_run_fn run, const void* payload);

// The device that owns all of [address, address + size), or -1 where any byte of it is not live device
// memory.
int32_t softnpu_device_of(const void* address, size_t size);

// Sets the text that aclGetRecentErrMsg returns next on this thread (printf style) and returns `code`, so
// that a refusal is one statement: return softnpu_error(ACL_ERROR_INVALID_PARAM, "...").
int32_t softnpu_error(int32_t code, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Sleeps on a worker; an abort or a forced end of its stream, and the end of the process, cut it short.
void softnpu_sleep(int64_t nanoseconds);

// On a worker: true when the running task should give up, because its stream is aborted or the process ends.
bool softnpu_interrupted(void);

// Appends to a stream's failure text: called by a task on the worker just before it returns an error.
void softnpu_task_message(const char* format, ...) __attribute__((format(printf, 1, 2)));

// ACL_SUCCESS where this thread may use the runtime: a device is current (107002 otherwise), not a forked
// child. *device, where not null, receives the current device.
aclError softnpu_require_device(int32_t* device);

// True under SOFTNPU_STRICT=1: refuse what hardware refuses even where we could go on.
bool softnpu_strict(void);

// The number by which the whole host knows a device of this process, or -1.
int32_t softnpu_logical_device(int32_t device);

// The memory of one device (by its logical number) that a process of this user holds, mapped here. Opening
// needs nothing of that process; its memory stays readable while it is open here, even when the process has
// ended. Null, and a text, where there is no such process or the system refuses.
typedef struct softnpu_peer softnpu_peer;
softnpu_peer* softnpu_peer_open(int32_t pid, int32_t logical);
void softnpu_peer_close(softnpu_peer* peer);
// Where the bytes of an address of that process lie in this one, and how many follow there without a gap (at
// most `size`). Null where the address is not live device memory of that process.
void* softnpu_peer_bytes(softnpu_peer* peer, uint64_t address, uint64_t size, uint64_t* contiguous);

// Whether all of [address, address + size) is memory that this process has not imported from another: only
// such memory can be found by peers.
bool softnpu_is_own(const void* address, size_t size);

// Threads that one large kernel may use on the calling worker: this process's share of the cores.
int softnpu_compute_threads(void);

// Value of a variable of the SOFTNPU_* table (softnpu/acl/env.cpp), already parsed; the name must be in the
// table.
const char* softnpu_env(const char* name);
}
