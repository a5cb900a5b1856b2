// Waiting and waking on a 32-bit word, and the short spin that comes before: for every library of softnpu.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>

namespace softnpu {

// The longest sleep of who must also notice what nobody wakes it for: the end of this process, or of another.
inline constexpr int64_t kSliceNs = 200000000;

inline int64_t now_ns() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

// Sleeps while *word == expected, at most `timeout_ns` (negative: for ever). Returns false when the time is
// over. May return early; callers look again.
inline bool futex_wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t timeout_ns,
                       bool shared = false) {
  timespec time{static_cast<time_t>(timeout_ns / 1000000000), static_cast<long>(timeout_ns % 1000000000)};
  long result =
      syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE,
              expected, timeout_ns < 0 ? nullptr : &time, nullptr, 0);
  return !(result == -1 && errno == ETIMEDOUT);
}

inline void futex_wake(std::atomic<uint32_t>& word, int count = INT_MAX, bool shared = false) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, count,
          nullptr, nullptr, 0);
}

inline void cpu_pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

// Guards a few instructions. Gives the core away when the holder was descheduled.
class SpinLock {
 public:
  void lock() {
    for (int round = 0; flag_.exchange(true, std::memory_order_acquire); ++round) {
      while (flag_.load(std::memory_order_relaxed)) {
        cpu_pause();
        if (++round > 100) {
          round = 0;
          timespec time{0, 50000};
          nanosleep(&time, nullptr);
        }
      }
    }
  }
  void unlock() { flag_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> flag_{false};
};

// A point in time, or never.
class Deadline {
 public:
  explicit Deadline(int64_t timeout_ms) : end_(timeout_ms < 0 ? -1 : now_ns() + timeout_ms * 1000000) {}
  // Nanoseconds that are left; -1 where there is no end, 0 where it has passed.
  int64_t left() const {
    if (end_ < 0) return -1;
    int64_t rest = end_ - now_ns();
    return rest > 0 ? rest : 0;
  }
  bool passed() const { return end_ >= 0 && now_ns() >= end_; }

 private:
  int64_t end_;
};

}  // namespace softnpu
