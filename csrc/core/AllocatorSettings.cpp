#include "csrc/core/AllocatorSettings.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>

#include <c10/core/AllocatorConfig.h>
#include <c10/util/Exception.h>

#include "csrc/acl/Env.h"

namespace npu {
namespace {

using Config = c10::CachingAllocator::AcceleratorAllocatorConfig;
using c10::CachingAllocator::kMinBlockSize;
using c10::CachingAllocator::kMinLargeAlloc;
using c10::CachingAllocator::kRoundLarge;
using c10::CachingAllocator::kSmallBuffer;
using c10::CachingAllocator::kSmallSize;

// Whether any size is rounded to parts of a power of two: asked at every allocation, so not read from the
// vector there.
std::atomic<bool> rounds_to_powers{false};

void refresh() {
  const auto& divisions = Config::roundup_power2_divisions();
  rounds_to_powers.store(
      std::any_of(divisions.begin(), divisions.end(), [](size_t value) { return value > 1; }));
}

// torch has one hook for settings that change at run time. In a CUDA build it is taken; it keeps working
// behind ours.
struct ChangeHook {
  ChangeHook() {
    auto earlier = Config::getConfigParserHook();
    Config::getConfigParserHook() = [earlier](const std::string& settings) {
      if (earlier) earlier(settings);
      refresh();
    };
  }
};

const ChangeHook change_hook;

std::string joined_settings() {
  const std::string common = env::get_text("PYTORCH_ALLOC_CONF");
  const std::string ours = env::get_text("PYTORCH_NPU_ALLOC_CONF");
  return common.empty() || ours.empty() ? common + ours : common + "," + ours;
}

void parse_environment() {
  if (env::is_set("PYTORCH_NPU_ALLOC_CONF")) {
    try {
      Config::instance().parseArgs(joined_settings());
    } catch (const c10::Error& error) {
      TORCH_CHECK_VALUE(false, "The environment variable PYTORCH_NPU_ALLOC_CONF is '",
                        env::get_text("PYTORCH_NPU_ALLOC_CONF"),
                        "', which is not valid: ", error.what_without_backtrace());
    } catch (const std::exception& error) {
      TORCH_CHECK_VALUE(false, "The environment variable PYTORCH_NPU_ALLOC_CONF is '",
                        env::get_text("PYTORCH_NPU_ALLOC_CONF"), "', which is not valid: ", error.what());
    }
  }
  refresh();
}

}  // namespace

void ensure_allocator_settings() {
  static std::once_flag once;
  std::call_once(once, parse_environment);
}

size_t rounded_size(size_t size) {
  if (size <= kMinBlockSize) return kMinBlockSize;
  if (C10_UNLIKELY(rounds_to_powers.load(std::memory_order_relaxed))) {
    const size_t divisions = Config::roundup_power2_divisions(size);
    if (divisions > 1 && size > kMinBlockSize * divisions) {
      const size_t power = std::bit_floor(size);
      const size_t step = power / divisions;
      return power == size || step == 0 ? size : (size + step - 1) / step * step;
    }
  }
  return (size + kMinBlockSize - 1) & ~(kMinBlockSize - 1);
}

size_t segment_size(size_t size) {
  if (memory_caching_disabled()) return size;
  if (size <= kSmallSize) return kSmallBuffer;
  const size_t large = Config::large_segment_size();
  if (size < std::min(kMinLargeAlloc, large)) return large;
  return (size + kRoundLarge - 1) / kRoundLarge * kRoundLarge;
}

bool use_expandable_segments() {
  return Config::use_expandable_segments() && !memory_caching_disabled();
}

bool memory_caching_disabled() {
  static const bool disabled = env::get_flag("PYTORCH_NO_NPU_MEMORY_CACHING");
  return disabled;
}

}  // namespace npu
