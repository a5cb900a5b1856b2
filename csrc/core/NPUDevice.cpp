#include "csrc/core/NPUDevice.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <mutex>
#include <new>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Env.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Log.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace detail {

thread_local constinit ThreadState thread_state;

}  // namespace detail

namespace {

constexpr int32_t kExitTimeoutMs = 10'000;

enum class Phase : int { kCold, kRunning, kForked, kShutDown };

std::atomic<Phase> phase{Phase::kCold};
std::mutex start_mutex;
bool owns_runtime = false;  // we called aclInit, not somebody else in this process
std::array<std::atomic<bool>, kMaxDevices> used_devices;

// Leaked: read by threads that outlive static destructors.
struct Census {
  std::mutex mutex;
  std::atomic<int> count{-1};
  std::string reason;
};

Census& census() {
  static auto* instance = new Census;
  return *instance;
}

// Only the forking thread exists in the child: its state is reset, so that its next use binds and finds the
// phase, and a mutex that another thread held is made anew.
void after_fork_in_child() {
  new (&start_mutex) std::mutex;
  new (&census().mutex) std::mutex;
  if (phase.load() != Phase::kRunning) return;
  phase.store(Phase::kForked);
  detail::thread_state = detail::ThreadState{};
}

[[maybe_unused]] const int fork_handler = ::pthread_atfork(nullptr, nullptr, &after_fork_in_child);

// CANN takes the entries up to the first that it cannot use and is silent about the rest.
void warn_of_ignored_entries(uint32_t count) {
  const std::string list = env::get_text("ASCEND_RT_VISIBLE_DEVICES");
  if (list.empty()) return;
  size_t begin = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t comma = list.find(',', begin);
    if (comma == std::string::npos) return;
    begin = comma + 1;
  }
  log(LogLevel::kWarning, "ASCEND_RT_VISIBLE_DEVICES=" + list + " selects " + std::to_string(count) +
                              (count == 1 ? " device" : " devices") + " only, because '" +
                              list.substr(begin, list.find(',', begin) - begin) +
                              "' and what follows it cannot be used.");
}

int count_devices(std::string& reason) {
  cann();  // throws the reason where there is none
  uint32_t count = 0;
  const int code = api().aclrtGetDeviceCount(&count);
  if (code != ACL_SUCCESS) {
    const std::string message = recent_message();
    reason = "CANN " + cann().version + " in " + cann().directory +
             " cannot count its devices: " + error_text(code) + (message.empty() ? "" : ": " + message);
    return 0;
  }
  if (count == 0) reason = "CANN " + cann().version + " in " + cann().directory + " sees no npu device.";
  if (count > 0) warn_of_ignored_entries(count);
  return static_cast<int>(std::min<uint32_t>(count, kMaxDevices));
}

int counted() noexcept {
  Census& known = census();
  const int count = known.count.load(std::memory_order_acquire);
  if (C10_LIKELY(count >= 0)) return count;
  std::lock_guard<std::mutex> lock(known.mutex);
  if (known.count.load() >= 0) return known.count.load();
  int found = 0;
  try {
    found = count_devices(known.reason);
  } catch (const c10::Error& error) {
    known.reason = error.what_without_backtrace();
  } catch (const std::exception& error) {
    known.reason = error.what();
  }
  const bool silent = found > 0 || env::get_text("TORCH_NPU_CANN") == "off";
  if (!silent) log(LogLevel::kWarning, known.reason);
  known.count.store(found, std::memory_order_release);
  return found;
}

// IEEE arithmetic (inf and nan instead of saturation) where the chip has the choice.
void choose_float_mode() {
  if (!api().aclGetCannAttribute.available() || !api().aclrtSetDeviceSatMode.available()) return;
  int32_t supported = 0;
  if (api().aclGetCannAttribute(ACL_CANN_ATTR_INF_NAN, &supported) == ACL_SUCCESS && supported == 1) {
    NPU_CHECK(api().aclrtSetDeviceSatMode(ACL_RT_OVERFLOW_MODE_INFNAN));
  }
}

void start() {
  TORCH_CHECK(device_count() > 0, unavailable_reason());
  const std::string config = env::get_text("TORCH_ACL_INIT_CONFIG_PATH");
  const int code = api().aclInit(config.empty() ? nullptr : config.c_str());
  if (code != ACL_SUCCESS && code != ACL_ERROR_REPEAT_INITIALIZE) {
    throw_error(code, "aclInit(config)", __func__, __FILE__, __LINE__);
  }
  owns_runtime = code == ACL_SUCCESS;
  phase.store(Phase::kRunning);
}

void bind_current_thread(c10::DeviceIndex device) {
  NPU_CHECK(api().aclrtSetDevice(device));
  detail::thread_state.bound = device;
  if (!used_devices[device].exchange(true)) choose_float_mode();
}

// CANN counts the threads and guards that set a device; one forced reset ends it for all of them.
void reset_device(c10::DeviceIndex device) {
  if (api().aclrtResetDeviceForce.available()) {
    warn_unless_ok(api().aclrtResetDeviceForce(device), "aclrtResetDeviceForce(device)");
  } else {
    warn_unless_ok(api().aclrtResetDevice(device), "aclrtResetDevice(device)");
  }
}

c10::DeviceIndex index_or_current(c10::DeviceIndex device) {
  if (device < 0) return current_device();
  check_device(device);
  return device;
}

int32_t device_sync_timeout_ms() {
  static const int64_t seconds = env::get_integer("ACL_DEVICE_SYNC_TIMEOUT");
  return seconds < 0 ? -1 : static_cast<int32_t>(std::min<int64_t>(seconds, INT32_MAX / 1000) * 1000);
}

}  // namespace

c10::DeviceIndex device_count() noexcept {
  return static_cast<c10::DeviceIndex>(counted());
}

std::string unavailable_reason() {
  counted();
  std::lock_guard<std::mutex> lock(census().mutex);
  return census().reason;
}

bool is_initialized() noexcept {
  const Phase now = phase.load(std::memory_order_acquire);
  return now == Phase::kRunning || now == Phase::kShutDown;
}

bool is_usable() noexcept {
  return phase.load(std::memory_order_acquire) == Phase::kRunning;
}

bool in_bad_fork() noexcept {
  return phase.load(std::memory_order_acquire) == Phase::kForked;
}

bool has_context(c10::DeviceIndex device) noexcept {
  return is_usable() && device >= 0 && device < kMaxDevices &&
         used_devices[device].load(std::memory_order_acquire);
}

void detail::check_fork() {
  TORCH_CHECK(
      !in_bad_fork(),
      "Cannot use npu in this process: it was forked from one that had used npu, and CANN does not survive "
      "fork; start it with the 'spawn' method of multiprocessing, or use npu only after forking.");
}

void ensure_initialized() {
  if (C10_LIKELY(is_usable())) return;
  detail::check_fork();
  std::lock_guard<std::mutex> lock(start_mutex);
  const Phase now = phase.load();
  TORCH_CHECK(now != Phase::kShutDown,
              "Cannot use npu any more: the runtime was shut down at the exit of the program.");
  if (now == Phase::kCold) start();
}

void shutdown() noexcept {
  std::lock_guard<std::mutex> lock(start_mutex);
  Phase running = Phase::kRunning;
  if (!phase.compare_exchange_strong(running, Phase::kShutDown)) return;
  try {
    for (c10::DeviceIndex device = 0; device < kMaxDevices; ++device) {
      if (!used_devices[device].load()) continue;
      if (!warn_unless_ok(api().aclrtSetDevice(device), "aclrtSetDevice(device)")) continue;
      if (api().aclrtSynchronizeDeviceWithTimeout.available()) {
        warn_unless_ok(api().aclrtSynchronizeDeviceWithTimeout(kExitTimeoutMs),
                       "aclrtSynchronizeDeviceWithTimeout(...)");
      }
      reset_device(device);
    }
    detail::thread_state.bound = -1;
    if (owns_runtime) warn_unless_ok(api().aclFinalize(), "aclFinalize()");
  } catch (const std::exception& error) {
    log(LogLevel::kWarning, std::string("the exit of npu was not clean: ") + error.what());
  }
}

void check_device(c10::DeviceIndex device) {
  const int count = counted();
  if (C10_LIKELY(device >= 0 && device < count)) return;
  TORCH_CHECK(count > 0, unavailable_reason());
  TORCH_CHECK(false, "There is no device npu:", static_cast<int>(device), ": this process sees ", count,
              count == 1 ? " device, npu:0." : " devices, npu:0 to npu:" + std::to_string(count - 1) + ".");
}

c10::DeviceIndex detail::bind_slow() {
  ensure_initialized();
  check_device(thread_state.current);
  bind_current_thread(thread_state.current);
  return thread_state.current;
}

void set_device(c10::DeviceIndex device) {
  check_device(device);
  detail::check_fork();
  const c10::DeviceIndex previous = std::exchange(detail::thread_state.current, device);
  if (!is_usable()) return;
  try {
    bound_device();
  } catch (...) {
    detail::thread_state.current = previous;
    throw;
  }
}

c10::DeviceIndex exchange_device(c10::DeviceIndex device) {
  detail::ThreadState& state = detail::thread_state;
  const c10::DeviceIndex previous = state.current;
  if (C10_LIKELY(device == previous && state.bound == device)) return previous;
  if (device < 0) return previous;
  check_device(device);
  state.current = device;
  try {
    bound_device();
  } catch (...) {
    state.current = previous;
    throw;
  }
  return previous;
}

c10::DeviceIndex maybe_exchange_device(c10::DeviceIndex device) {
  const c10::DeviceIndex previous = current_device();
  if (device < 0) return previous;
  check_device(device);
  if (has_context(device)) return exchange_device(device);
  detail::thread_state.current = device;
  return previous;
}

void restore_device(c10::DeviceIndex device) noexcept {
  detail::ThreadState& state = detail::thread_state;
  if (device < 0 || device >= kMaxDevices) return;
  state.current = device;
  if (C10_LIKELY(state.bound == device) || !has_context(device)) return;
  try {
    bind_current_thread(device);
  } catch (const std::exception& error) {
    log(LogLevel::kWarning, error.what());
  }
}

std::string device_name(c10::DeviceIndex device) {
  check_device(device < 0 ? current_device() : device);  // every device of a host is the same chip
  static std::mutex mutex;
  static auto* known = new std::string;
  std::lock_guard<std::mutex> lock(mutex);
  if (known->empty()) {
    detail::check_fork();
    const char* name = api().aclrtGetSocName();
    if (name == nullptr || *name == '\0') {  // some releases know the chip only once the runtime runs
      bound_device();
      name = api().aclrtGetSocName();
    }
    TORCH_CHECK(name != nullptr, "CANN does not tell the name of the chip: ", recent_message());
    *known = name;
  }
  return *known;
}

std::pair<size_t, size_t> memory_info(c10::DeviceIndex device) {
  const NPUGuard guard(index_or_current(device));
  size_t free = 0;
  size_t total = 0;
  NPU_CHECK(api().aclrtGetMemInfo(ACL_HBM_MEM, &free, &total));
  return {free, total};
}

bool can_access_peer(c10::DeviceIndex device, c10::DeviceIndex peer) {
  check_device(device);
  check_device(peer);
  if (device == peer) return true;
  const NPUGuard guard(device);
  int32_t can = 0;
  NPU_CHECK(api().aclrtDeviceCanAccessPeer(&can, device, peer));
  return can == 1;
}

int32_t utilization(c10::DeviceIndex device) {
  device = index_or_current(device);
  const NPUGuard guard(device);
  aclrtUtilizationInfo info = {};
  NPU_CHECK(api().aclrtGetDeviceUtilizationRate(device, &info));
  return info.cubeUtilization;
}

void synchronize(c10::DeviceIndex device) {
  detail::check_fork();
  device = index_or_current(device);
  if (!has_context(device)) return;  // nothing was ever enqueued there
  const NPUGuard guard(device);
  if (api().aclrtSynchronizeDeviceWithTimeout.available()) {
    NPU_CHECK(api().aclrtSynchronizeDeviceWithTimeout(device_sync_timeout_ms()));
  } else {
    NPU_CHECK(api().aclrtSynchronizeDevice());
  }
}

}  // namespace npu
