// Streams. A stream is a c10::Stream whose id says what it is; the CANN handle behind it is created at first
// use.
//
//   id 0                                   the default stream of the device (one that we create)
//   bit 0 set: index << 2 | high << 1 | 1  a stream of the pool, kStreamsPerPool of each priority
//   otherwise                              the address of a stream that somebody else owns
//
// Pool streams live as long as the process and are handed out in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <utility>

#include <c10/core/Stream.h>

#include "acl/acl.h"
#include "csrc/core/NPUDevice.h"

namespace npu {

inline constexpr int kStreamsPerPool = 32;

class NPUStream {
 public:
  // Throws where `stream` belongs to another device type.
  explicit NPUStream(c10::Stream stream);

  // Ids are trusted: for code that made the stream itself.
  NPUStream(c10::DeviceIndex device, c10::StreamId id) noexcept
      : stream_(c10::Stream::UNSAFE, c10::Device(c10::DeviceType::PrivateUse1, device), id) {}

  aclrtStream stream() const;  // the handle; creates it, and starts the runtime, on first use
  operator aclrtStream() const { return stream(); }

  c10::Stream unwrap() const noexcept { return stream_; }
  operator c10::Stream() const noexcept { return stream_; }

  c10::StreamId id() const noexcept { return stream_.id(); }
  c10::DeviceIndex device_index() const noexcept { return stream_.device_index(); }
  c10::Device device() const noexcept { return stream_.device(); }
  c10::DeviceType device_type() const noexcept { return stream_.device_type(); }

  bool is_default() const noexcept { return id() == 0; }
  int priority() const noexcept;       // -1 high, 0 normal (and external)
  bool query() const;                  // all enqueued work has finished; throws the stream's error
  void synchronize() const;            // waits; throws the stream's error
  void wait_quietly() const noexcept;  // waits; for destructors, which do not report the stream's error
  bool is_capturing() const;

  bool operator==(const NPUStream& other) const noexcept { return stream_ == other.stream_; }
  bool operator!=(const NPUStream& other) const noexcept { return stream_ != other.stream_; }

 private:
  c10::Stream stream_;
};

std::ostream& operator<<(std::ostream& out, const NPUStream& stream);

// device -1 means the current device in all of these.
NPUStream getDefaultNPUStream(c10::DeviceIndex device = -1);

// A stream of the pool. Negative priorities are high, the rest normal.
NPUStream getStreamFromPool(int priority = 0, c10::DeviceIndex device = -1);
inline NPUStream getStreamFromPool(bool high_priority, c10::DeviceIndex device = -1) {
  return getStreamFromPool(high_priority ? -1 : 0, device);
}

// A stream that was created elsewhere; it is not owned and must outlive its uses.
NPUStream getStreamFromExternal(aclrtStream stream, c10::DeviceIndex device);

// The stream on which this thread enqueues work of `device`. A thread-local read; starts nothing.
inline NPUStream getCurrentNPUStream(c10::DeviceIndex device = -1) noexcept {
  const detail::ThreadState& state = detail::thread_state;
  const c10::DeviceIndex index = device < 0 ? state.current : device;
  return NPUStream(index, state.streams[index]);
}

// Makes `stream` current for its device on this thread; the current device stays.
void setCurrentNPUStream(NPUStream stream);

// {least, greatest} in torch's sense: {0, -1}.
std::pair<int, int> stream_priority_range() noexcept;

}  // namespace npu

template <>
struct std::hash<npu::NPUStream> {
  size_t operator()(const npu::NPUStream& stream) const noexcept { return std::hash<c10::Stream>{}(stream); }
};
