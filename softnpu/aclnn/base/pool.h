// Free lists for the objects that live for one operator call. An object is often made by the thread that
// calls an operator and returned by the worker of its stream, so full batches travel between threads through
// one shared list and the lock is taken once per batch. Memory is never returned: a handle that outlived its
// object stays readable and is recognised by its generation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>

namespace softnpu {

// T has `T* next` and `T* next_batch`, is default constructible and needs no destruction.
template <class T>
class Pool {
 public:
  static T* take() {
    Local& local = local_;
    if (local.head == nullptr && !refill(local)) return new (std::nothrow) T();
    T* object = local.head;
    local.head = object->next;
    --local.count;
    return object;
  }

  static void give(T* object) {
    Local& local = local_;
    if (local.count >= 2 * kBatch) hand_over(local);
    object->next = local.head;
    local.head = object;
    ++local.count;
  }

 private:
  static constexpr uint32_t kBatch = 64;

  struct Local {
    T* head;
    uint32_t count;
  };

  struct Shared {
    std::mutex mutex;
    T* batches = nullptr;
  };

  // Returns what a thread still holds when it ends. Touched only on the slow paths, so that the fast ones
  // need no initialisation check.
  struct Drain {
    bool armed = false;
    ~Drain() {
      if (local_.head != nullptr) publish(local_.head);
      local_ = {nullptr, 0};
    }
  };

  static Shared& shared() {
    static Shared* instance = new Shared();  // outlives every thread
    return *instance;
  }

  static void publish(T* head) {
    Shared& pool = shared();
    std::lock_guard<std::mutex> lock(pool.mutex);
    head->next_batch = pool.batches;
    pool.batches = head;
  }

  static bool refill(Local& local) {
    drain_.armed = true;
    Shared& pool = shared();
    std::lock_guard<std::mutex> lock(pool.mutex);
    if (pool.batches == nullptr) return false;
    local.head = pool.batches;
    pool.batches = local.head->next_batch;
    local.count = 0;
    for (T* object = local.head; object != nullptr; object = object->next) ++local.count;
    return true;
  }

  static void hand_over(Local& local) {
    drain_.armed = true;
    T* first = local.head;
    T* last = first;
    for (uint32_t i = 1; i < kBatch; ++i) last = last->next;
    local.head = last->next;
    local.count -= kBatch;
    last->next = nullptr;
    publish(first);
  }

  // In static TLS, 16 bytes a pool: every descriptor of every call comes through here.
  __attribute__((tls_model("initial-exec"))) static inline thread_local constinit Local local_{nullptr, 0};
  static inline thread_local Drain drain_;
};

}  // namespace softnpu
