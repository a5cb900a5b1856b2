// Objects behind the opaque handles of the ABI. They live in an arena whose addresses stay valid, so that a
// handle that was never made, or was destroyed, is refused instead of followed.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace softnpu {

template <class T, size_t kCapacity>
class Arena {
 public:
  // Null where the capacity is used up.
  template <class... Arguments>
  T* create(Arguments&&... arguments) {
    Slot* slot = take();
    if (slot == nullptr) return nullptr;
    T* object = new (slot->storage) T(std::forward<Arguments>(arguments)...);
    slot->live.store(true, std::memory_order_release);
    return object;
  }

  // From here on find() refuses the handle; reclaim() later frees the object.
  void retire(T* object) { slot_of(object)->live.store(false, std::memory_order_release); }

  void reclaim(T* object) {
    retire(object);
    object->~T();
    std::lock_guard<std::mutex> guard(mutex_);
    free_.push_back(slot_of(object));
  }

  T* find(const void* handle) const {
    Slot* slots = slots_.load(std::memory_order_acquire);
    uintptr_t offset = reinterpret_cast<uintptr_t>(handle) - reinterpret_cast<uintptr_t>(slots);
    if (slots == nullptr || offset >= sizeof(Slot) * kCapacity || offset % sizeof(Slot) != 0) return nullptr;
    Slot* slot = slots + offset / sizeof(Slot);
    if (!slot->live.load(std::memory_order_acquire)) return nullptr;
    return std::launder(reinterpret_cast<T*>(slot->storage));
  }

  // Position of a live object: small, and unique among the live ones.
  size_t index(const T* object) const {
    return (reinterpret_cast<uintptr_t>(object) - reinterpret_cast<uintptr_t>(slots_.load())) / sizeof(Slot);
  }

 private:
  struct Slot {
    alignas(T) std::byte storage[sizeof(T)];
    std::atomic<bool> live;
  };

  Slot* slot_of(T* object) { return reinterpret_cast<Slot*>(object); }

  Slot* take() {
    std::lock_guard<std::mutex> guard(mutex_);
    if (slots_.load(std::memory_order_relaxed) == nullptr) {
      void* memory = mmap(nullptr, sizeof(Slot) * kCapacity, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory == MAP_FAILED) return nullptr;
      slots_.store(static_cast<Slot*>(memory), std::memory_order_release);
    }
    if (!free_.empty()) {
      Slot* slot = free_.back();
      free_.pop_back();
      return slot;
    }
    if (used_ == kCapacity) return nullptr;
    return slots_.load(std::memory_order_relaxed) + used_++;
  }

  std::mutex mutex_;
  std::atomic<Slot*> slots_{nullptr};
  std::vector<Slot*> free_;
  size_t used_ = 0;
};

}  // namespace softnpu
