#include "csrc/core/NPUStream.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Env.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

constexpr c10::StreamId kPoolBit = 1;
constexpr c10::StreamId kHighBit = 2;
constexpr int kIndexShift = 2;

// The handles of one device, created one by one: hardware has few streams, and a process uses fewer.
struct DeviceStreams {
  std::mutex mutex;
  std::atomic<aclrtStream> default_stream{nullptr};
  std::array<std::array<std::atomic<aclrtStream>, kStreamsPerPool>, 2> pool{};  // [high][index]
  std::array<std::atomic<uint32_t>, 2> next{};
};

std::array<DeviceStreams, kMaxDevices> device_streams;

bool is_pool(c10::StreamId id) {
  return (id & kPoolBit) != 0;
}
bool is_high(c10::StreamId id) {
  return is_pool(id) && (id & kHighBit) != 0;
}

// Null for an external stream, which has no slot.
std::atomic<aclrtStream>* slot_of(c10::DeviceIndex device, c10::StreamId id) {
  DeviceStreams& streams = device_streams[device];
  if (id == 0) return &streams.default_stream;
  if (is_pool(id)) return &streams.pool[is_high(id)][id >> kIndexShift];
  return nullptr;
}

aclrtStream external_handle(c10::StreamId id) {
  return reinterpret_cast<aclrtStream>(static_cast<intptr_t>(id));
}

// CANN counts priorities from 0, the greatest, upwards; a toolkit that does not tell its range has one
// priority.
uint32_t acl_priority(bool high) {
  int32_t least = 0;
  int32_t greatest = 0;
  if (!api().aclrtDeviceGetStreamPriorityRange.available() ||
      api().aclrtDeviceGetStreamPriorityRange(&least, &greatest) != ACL_SUCCESS) {
    return 0;
  }
  return static_cast<uint32_t>(high ? greatest : least);
}

aclrtStream create_stream(c10::DeviceIndex device, c10::StreamId id, std::atomic<aclrtStream>& slot) {
  const NPUGuard guard(device);
  std::lock_guard<std::mutex> lock(device_streams[device].mutex);
  if (aclrtStream known = slot.load(std::memory_order_acquire)) return known;
  aclrtStream stream = nullptr;
  NPU_CHECK(api().aclrtCreateStreamWithConfig(&stream, acl_priority(is_high(id)),
                                              ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC));
  if (api().aclrtSetStreamFailureMode.available()) {
    NPU_CHECK(api().aclrtSetStreamFailureMode(stream, ACL_STOP_ON_FAILURE));
  }
  slot.store(stream, std::memory_order_release);
  return stream;
}

// The handle where it exists: a stream without one has no work.
aclrtStream existing_handle(const NPUStream& stream) {
  const std::atomic<aclrtStream>* slot = slot_of(stream.device_index(), stream.id());
  return slot != nullptr ? slot->load(std::memory_order_acquire) : external_handle(stream.id());
}

c10::DeviceIndex index_or_current(c10::DeviceIndex device) {
  if (device < 0) return current_device();
  check_device(device);
  return device;
}

// The streams of a thread that has chosen some. On the heap, for the static TLS of this library is small.
class ChosenStreams {
 public:
  ~ChosenStreams() { detail::thread_state.streams = detail::kDefaultStreams; }

  void set(const NPUStream& stream) {
    detail::ThreadState& state = detail::thread_state;
    if (state.streams == detail::kDefaultStreams) {  // the first choice, of the thread or after a fork
      ids_ = std::make_unique<c10::StreamId[]>(kMaxDevices);
      state.streams = ids_.get();
    }
    ids_[stream.device_index()] = stream.id();
  }

 private:
  std::unique_ptr<c10::StreamId[]> ids_;
};

int32_t stream_timeout_ms() {
  static const int64_t milliseconds = env::get_integer("ACL_STREAM_TIMEOUT");
  return static_cast<int32_t>(std::min<int64_t>(milliseconds, INT32_MAX));
}

}  // namespace

NPUStream::NPUStream(c10::Stream stream) : stream_(stream) {
  TORCH_CHECK(stream.device_type() == c10::DeviceType::PrivateUse1,
              "Expected a stream of npu, but got one of ", stream.device_type(), ".");
  TORCH_CHECK(stream.device_index() >= 0 && stream.device_index() < kMaxDevices,
              "There is no device npu:", static_cast<int>(stream.device_index()),
              ", which this stream names.");
  TORCH_CHECK(!is_pool(stream.id()) || (stream.id() >> kIndexShift) < kStreamsPerPool,
              "There is no stream of npu with id ", stream.id(), ".");
}

aclrtStream NPUStream::stream() const {
  std::atomic<aclrtStream>* slot = slot_of(device_index(), id());
  if (slot == nullptr) return external_handle(id());
  aclrtStream handle = slot->load(std::memory_order_acquire);
  return C10_LIKELY(handle != nullptr) ? handle : create_stream(device_index(), id(), *slot);
}

int NPUStream::priority() const noexcept {
  return is_high(id()) ? -1 : 0;
}

bool NPUStream::query() const {
  detail::check_fork();
  aclrtStream handle = existing_handle(*this);
  if (handle == nullptr) return true;
  const NPUGuard guard(device_index());
  aclrtStreamStatus status = ACL_STREAM_STATUS_NOT_READY;
  NPU_CHECK(api().aclrtStreamQuery(handle, &status));
  return status == ACL_STREAM_STATUS_COMPLETE;
}

void NPUStream::synchronize() const {
  detail::check_fork();
  aclrtStream handle = existing_handle(*this);
  if (handle == nullptr) return;
  const NPUGuard guard(device_index());
  if (api().aclrtSynchronizeStreamWithTimeout.available()) {
    NPU_CHECK(api().aclrtSynchronizeStreamWithTimeout(handle, stream_timeout_ms()));
  } else {
    NPU_CHECK(api().aclrtSynchronizeStream(handle));
  }
}

void NPUStream::wait_quietly() const noexcept {
  try {
    synchronize();
  } catch (const std::exception&) {  // whoever synchronises next is told
  }
}

bool NPUStream::is_capturing() const {
  aclrtStream handle = existing_handle(*this);
  if (handle == nullptr || !is_usable() || !api().aclmdlRICaptureGetInfo.available()) return false;
  const NPUGuard guard(device_index());
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI model = nullptr;
  NPU_CHECK(api().aclmdlRICaptureGetInfo(handle, &status, &model));
  return status == ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE;
}

std::ostream& operator<<(std::ostream& out, const NPUStream& stream) {
  return out << stream.unwrap();
}

NPUStream getDefaultNPUStream(c10::DeviceIndex device) {
  return NPUStream(index_or_current(device), 0);
}

NPUStream getStreamFromPool(int priority, c10::DeviceIndex device) {
  device = index_or_current(device);
  check_device(device);
  const bool high = priority < 0;
  const uint32_t index = device_streams[device].next[high].fetch_add(1) % kStreamsPerPool;
  return NPUStream(device,
                   static_cast<c10::StreamId>(index) << kIndexShift | (high ? kHighBit : 0) | kPoolBit);
}

NPUStream getStreamFromExternal(aclrtStream stream, c10::DeviceIndex device) {
  check_device(device);
  const auto id = static_cast<c10::StreamId>(reinterpret_cast<intptr_t>(stream));
  TORCH_CHECK(stream != nullptr && !is_pool(id), "The address ", stream, " is not that of a stream of CANN.");
  return NPUStream(device, id);
}

void setCurrentNPUStream(NPUStream stream) {
  check_device(stream.device_index());
  static thread_local ChosenStreams chosen;
  chosen.set(stream);
}

std::pair<int, int> stream_priority_range() noexcept {
  return {0, -1};
}

}  // namespace npu
