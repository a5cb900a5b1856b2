// Devices: how many there are, which one a thread uses, and when the runtime starts.
//
// Life cycle. Nothing here initialises anything until a device is used: counting, naming and choosing a
// device only look. The first use (ensure_initialized, or anything that allocates, enqueues or synchronises)
// calls aclInit once per process. Every thread has its own current device, 0 until chosen; it is bound
// (aclrtSetDevice) at the thread's first use, because a new thread of CANN has no device. A guard binds, so
// code under an NPUGuard may call api() at once.
//
// A child forked after that has no runtime: CANN does not survive fork. Queries still answer from what the
// parent knew, any use raises, and destructors of inherited objects do nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <c10/core/Device.h>
#include <c10/core/Stream.h>
#include <c10/macros/Macros.h>

namespace npu {

inline constexpr int kMaxDevices = 64;

namespace detail {

inline constexpr c10::StreamId kDefaultStreams[kMaxDevices] = {};

// What a thread remembers. Every operator reads it several times, so it lies in static TLS, where a read is
// one instruction, and is small, because that room is scarce.
struct ThreadState {
  c10::DeviceIndex current = 0;
  c10::DeviceIndex bound = -1;                     // what aclrtSetDevice was last called with on this thread
  const c10::StreamId* streams = kDefaultStreams;  // of each device; until the thread chooses one
};

extern thread_local constinit ThreadState thread_state __attribute__((tls_model("initial-exec")));

// Initialises the runtime where necessary and calls aclrtSetDevice for the thread's current device.
c10::DeviceIndex bind_slow();

// Throws the sentence about fork where this process is a forked child of one that used the runtime.
void check_fork();

}  // namespace detail

struct DeviceProperties {
  std::string name;  // the SoC, for instance "Ascend910B2"
  std::string uuid;  // 8-4-4-4-12 hexadecimal digits; empty where CANN does not tell
  size_t total_memory = 0;
  int64_t l2_cache_size = 0;
  int32_t cube_core_num = 0;
  int32_t vector_core_num = 0;
  int32_t ai_core_num = 0;
};

// 0 where there is no CANN or no device. Never throws, never initialises; the answer is kept.
c10::DeviceIndex device_count() noexcept;

// The sentence why there is no device: no CANN, a broken one, or a CANN that sees none. Empty where there are
// devices.
std::string unavailable_reason();

bool is_initialized() noexcept;  // aclInit has been called by this process
bool is_usable() noexcept;       // initialised, not shut down, not a forked child: the runtime may be called
bool has_context(c10::DeviceIndex device) noexcept;  // some thread has used this device
bool in_bad_fork() noexcept;

// Starts the runtime. Throws where there is no device, after fork and after shutdown().
void ensure_initialized();

// Waits for the devices that were used and finalises the runtime. Meant for the exit of the interpreter,
// idempotent; afterwards objects that are still alive are destroyed without calling CANN.
void shutdown() noexcept;

// The index of the calling thread's device. Does not initialise.
inline c10::DeviceIndex current_device() noexcept {
  return detail::thread_state.current;
}

// The same, with the runtime started and the thread bound to it: what code calls before it calls api().
inline c10::DeviceIndex bound_device() {
  const detail::ThreadState& state = detail::thread_state;
  if (C10_LIKELY(state.bound == state.current)) return state.current;
  return detail::bind_slow();
}

// Throws where `device` is not the index of a device.
void check_device(c10::DeviceIndex device);

// Makes `device` current on this thread and, once the runtime runs, binds the thread to it.
void set_device(c10::DeviceIndex device);

// Makes `device` current, bound; returns the device that was current. -1 changes nothing.
c10::DeviceIndex exchange_device(c10::DeviceIndex device);

// The same without starting the runtime and without creating a context on a device that has none.
c10::DeviceIndex maybe_exchange_device(c10::DeviceIndex device);

// For destructors: restores a device that was current before; a failure is a warning.
void restore_device(c10::DeviceIndex device) noexcept;

// -1 means the current device in all of these.
std::string device_name(c10::DeviceIndex device = -1);
const DeviceProperties& device_properties(c10::DeviceIndex device = -1);
bool can_access_peer(c10::DeviceIndex device, c10::DeviceIndex peer);
std::pair<size_t, size_t> memory_info(c10::DeviceIndex device = -1);  // {free, total} bytes; uses the device
int32_t utilization(c10::DeviceIndex device = -1);                    // per cent of the cube cores
void synchronize(c10::DeviceIndex device = -1);

}  // namespace npu
