#include "csrc/core/NPUHostAllocator.h"

#include <chrono>
#include <map>
#include <shared_mutex>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Log.h"
#include "csrc/core/AllocatorSettings.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/core/NPUEvent.h"

namespace npu {
namespace {

// The pinned ranges of this process, by their first byte: CANN before a certain release cannot be asked.
class PinnedRanges {
 public:
  void insert(void* data, size_t size) {
    std::unique_lock lock(mutex_);
    ranges_[reinterpret_cast<uintptr_t>(data)] = size;
  }

  void erase(void* data) {
    std::unique_lock lock(mutex_);
    ranges_.erase(reinterpret_cast<uintptr_t>(data));
  }

  bool contain(const void* data) const {
    const auto address = reinterpret_cast<uintptr_t>(data);
    std::shared_lock lock(mutex_);
    auto after = ranges_.upper_bound(address);
    if (after == ranges_.begin()) return false;
    const auto& [first, size] = *std::prev(after);
    return address - first < size;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<uintptr_t, size_t> ranges_;
};

PinnedRanges& pinned_ranges() {
  static auto* ranges = new PinnedRanges;
  return *ranges;
}

// Microseconds of a call, added to one of upstream's statistics.
class Timing {
 public:
  Timing(std::mutex& mutex, at::DurationStat& stat) : mutex_(mutex), stat_(stat) {}
  ~Timing() {
    const auto passed = std::chrono::steady_clock::now() - start_;
    std::lock_guard<std::mutex> lock(mutex_);
    stat_.increase(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
  }

 private:
  std::mutex& mutex_;
  at::DurationStat& stat_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

using Base = at::CachingHostAllocatorImpl<NPUStream, NPUEvent>;

struct HostAllocatorImpl final : Base {
  using HostBlock = at::HostBlock<NPUStream>;

  // Destructors of tensors come here after fork and at exit too; then the memory is the system's to take
  // back.
  void free(void* context) override {
    if (is_usable()) Base::free(context);
  }

  void copy_data(void* dest, const void* src, size_t count) const override { std::memcpy(dest, src, count); }

 private:
  void allocate_host_memory(size_t size, void** data) override {
    ensure_allocator_settings();
    bound_device();
    const Timing timing(stats_.timing_mutex_, stats_.host_alloc_time);
    const int code = api().aclrtMallocHost(data, size);
    TORCH_CHECK_WITH(OutOfMemoryError, !is_out_of_memory(code),
                     "Out of pinned host memory. Tried to allocate ",
                     c10::CachingAllocator::format_size(size), ": ", error_text(code), ".");
    if (code != ACL_SUCCESS) throw_error(code, "aclrtMallocHost(data, size)", __func__, __FILE__, __LINE__);
    pinned_ranges().insert(*data, size);
  }

  void free_block(HostBlock* block) override {
    bound_device();
    const Timing timing(stats_.timing_mutex_, stats_.host_free_time);
    pinned_ranges().erase(block->ptr_);
    NPU_CHECK(api().aclrtFreeHost(block->ptr_));
  }

  // Runs in destructors. Where the stream does not take the event it is waited for, and the event that was
  // never recorded counts as completed.
  void record_stream(std::optional<std::vector<NPUEvent>>& events, NPUStream stream) override {
    NPUEvent event;
    try {
      event.record(stream);
    } catch (const std::exception& error) {
      log(LogLevel::kWarning,
          std::string("a free waits for a stream that does not tell when it has passed: ") + error.what());
      stream.wait_quietly();
    }
    events->push_back(std::move(event));
  }

  bool query_event(NPUEvent& event) override {
    if (!is_usable()) return false;
    try {
      return event.query();
    } catch (const c10::Error&) {  // a failed stream discards what it has not run
      return true;
    }
  }

  NPUStream get_current_stream() const override { return getCurrentNPUStream(); }
  bool stream_is_capturing(NPUStream stream) const override { return stream.is_capturing(); }
};

void delete_pinned(void* context);

struct NPUHostAllocator final : at::CachingHostAllocatorInterface<HostAllocatorImpl, &delete_pinned> {
  at::DeleterFnPtr raw_deleter() const override {
    return nullptr;
  }  // the context is a block, not the address
};

NPUHostAllocator& instance() {
  static auto* allocator = new NPUHostAllocator;  // tensors may outlive static destructors
  return *allocator;
}

void delete_pinned(void* context) {
  instance().free(context);
}

REGISTER_HOST_ALLOCATOR(at::kPrivateUse1, &instance())

}  // namespace

at::HostAllocator* host_allocator() {
  return &instance();
}

bool is_pinned_ptr(const void* data) {
  if (data == nullptr || !is_initialized()) return false;
  if (pinned_ranges().contain(data)) return true;
  if (!is_usable() || !api().aclrtPointerGetAttributes.available()) return false;
  bound_device();
  aclrtPtrAttributes attributes = {};
  return api().aclrtPointerGetAttributes(data, &attributes) == ACL_SUCCESS &&
         attributes.location.type == ACL_MEM_LOCATION_TYPE_HOST;
}

}  // namespace npu
