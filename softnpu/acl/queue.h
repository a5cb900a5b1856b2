// Tasks of a stream, in order. It grows, so adding never waits for the worker; one thread takes, many may add
// (under the stream's producer lock). What the adding and the taking side write is on cache lines of their
// own: most of the cost of a naive queue is these lines going to and fro.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "acl/acl_types.h"

namespace softnpu {

inline constexpr size_t kLine = 128;  // two lines of 64: the hardware fetches in pairs

// One cache line. `payload` belongs to the two functions; exactly one of them is called.
struct alignas(64) Task {
  aclError (*run)(void* payload);
  void (*discard)(void* payload);
  alignas(16) std::byte payload[48];
};
static_assert(sizeof(Task) == 64);

// Copies word by word. What is copied has just been written in words, and a wider load would have to wait
// until the stores have left the core.
template <class Payload>
void copy_words(std::byte* to, const Payload& from) {
  static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) % sizeof(uint64_t) == 0);
  for (size_t i = 0; i < sizeof(Payload); i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&from) + i, sizeof(word));
    asm("" : "+r"(word));  // or the compiler would make wide copies of it
    std::memcpy(to + i, &word, sizeof(word));
  }
}

class TaskQueue {
 public:
  TaskQueue() = default;
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;
  ~TaskQueue() {
    free_chain(front_.block != nullptr ? front_.block : first_.load());
    free_chain(kept_);
    free_chain(spare_.load());
  }

  // Producer side. The task is visible to the worker after publish().
  template <class Payload>
  void add(aclError (*run)(void*), void (*discard)(void*), const Payload& payload) {
    static_assert(sizeof(Payload) <= sizeof(Task::payload));
    if (back_.block == nullptr || back_.used == kTasks) grow();
    Task& task = back_.block->tasks[back_.used++];
    task.run = run;
    task.discard = discard;
    copy_words(task.payload, payload);
  }
  // Undoes the last add() that was not published.
  void retract() { --back_.used; }
  uint64_t publish() {
    uint64_t count = added_.load(std::memory_order_relaxed) + 1;
    added_.store(count, std::memory_order_seq_cst);
    return count;
  }
  uint64_t added() const { return added_.load(std::memory_order_acquire); }

  // Worker side: the oldest task, which exists; then forget it.
  Task& front() {
    if (front_.block == nullptr) {
      front_.block = first_.load(std::memory_order_acquire);
    } else if (front_.used == kTasks) {
      Block* done = front_.block;
      front_.block = done->next.load(std::memory_order_acquire);
      front_.used = 0;
      spare(done);
    }
    return front_.block->tasks[front_.used];
  }
  void pop() { ++front_.used; }

 private:
  static constexpr uint32_t kTasks = 64;
  static constexpr uint32_t kSpares = 32;
  struct Block {
    Task tasks[kTasks];
    std::atomic<Block*> next{nullptr};
    uint32_t spares = 0;  // of a spare block: it and those behind it
  };
  struct End {
    Block* block = nullptr;
    uint32_t used = 0;
  };

  static void free_chain(Block* block) {
    while (block != nullptr) delete std::exchange(block, block->next.load(std::memory_order_relaxed));
  }

  // Blocks go round: memory that the system has to map again and again would cost more than the tasks. The
  // worker adds to the chain of spares, the producer takes the whole chain.
  void spare(Block* done) {
    Block* head = spare_.load(std::memory_order_relaxed);
    if (head != nullptr && head->spares == kSpares) {
      delete done;
      return;
    }
    do {
      done->next.store(head, std::memory_order_relaxed);
      done->spares = head != nullptr ? head->spares + 1 : 1;
    } while (!spare_.compare_exchange_weak(head, done, std::memory_order_release, std::memory_order_relaxed));
  }

  void grow() {
    if (kept_ == nullptr) kept_ = spare_.exchange(nullptr, std::memory_order_acquire);
    Block* block = kept_;
    if (block == nullptr) {
      block = new Block;
    } else {
      kept_ = block->next.load(std::memory_order_relaxed);
      block->next.store(nullptr, std::memory_order_relaxed);
    }
    if (back_.block == nullptr) {
      first_.store(block, std::memory_order_release);
    } else {
      back_.block->next.store(block, std::memory_order_release);
    }
    back_ = {block, 0};
  }

  alignas(kLine) End back_;
  Block* kept_ = nullptr;
  alignas(kLine) std::atomic<uint64_t> added_{0};
  alignas(kLine) End front_;
  alignas(kLine) std::atomic<Block*> spare_{nullptr};
  std::atomic<Block*> first_{nullptr};
};

}  // namespace softnpu
