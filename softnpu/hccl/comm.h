// A communicator: one rank's end of it.
//
// Life. A communicator is made from root info (root_info.h), for all devices of a process, or from another
// communicator. Each operation is a task of a stream and holds a reference, so destroying the handle while
// tasks are under way is safe: it takes the rank out of the group, and a task that waits gives up.
//
// The state (ok, failed) is one for all ranks and lies in the shared area. Whoever finds a failure writes it
// there once, with a sentence; every rank looks in every slice of a wait, so each one ends with the same
// sentence. Nothing makes a failed communicator whole again.
//
// The gate is how ranks keep step. A rank that arrives counts itself; the last one opens the gate. An
// operation says what it is before its first step, so that after the step each rank can compare; where it
// reads or writes memory of others it takes another step before it ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "futex.h"
#include "hccl/hccl_types.h"
#include "softnpu.h"
#include "softnpu/hccl/area.h"

namespace softnpu::hccl {

struct Operation;

// How a sub-communicator is found in the area of the one it was made from.
struct SubKey {
  uint64_t id = 0;
  std::vector<uint32_t> ranks;
};

class Comm {
 public:
  Comm(uint32_t rank, uint32_t size, int32_t device, std::string name, int64_t timeout_ms)
      : rank_(rank), size_(size), device_(device), name_(std::move(name)), timeout_ms_(timeout_ms) {}

  uint32_t rank() const { return rank_; }
  uint32_t size() const { return size_; }
  int32_t device() const { return device_; }
  const std::string& name() const { return name_; }
  bool is_attached() const { return area_.load(std::memory_order_acquire) != nullptr; }
  Area& area() const { return *area_.load(std::memory_order_acquire); }
  RankArea& mine() const { return area().ranks[rank_]; }

  // Takes the area, and watches the processes in it. False, with a text, where one of them is gone.
  bool attach(Area* area);
  // The area is the one that the first rank of `key` makes in `parent`; looked for by the first operation.
  void attach_later(Comm* parent, SubKey key);
  // The first rank's side of that.
  HcclResult publish(Comm* parent, const SubKey& key);

  // On the host, in the order of the calls. Takes the operation where it succeeds.
  HcclResult submit(std::unique_ptr<Operation>& operation, aclrtStream stream);
  HcclResult async_error() const;
  HcclResult refuse_failed() const;  // HCCL_SUCCESS, or the failure as the error of a call
  HcclResult close();                // the handle is destroyed
  std::atomic<int32_t> deterministic{0};

  // On a worker. All return ACL_SUCCESS, or the error that ends the task; the text is set. `patience`: how
  // much longer than usual it pays to look before sleeping.
  aclError step(const Operation& operation, uint32_t patience = 1);
  // Waits until `done()`, woken by the bell of this rank; `awaits(r)` says whether rank r is the reason.
  template <class Done, class Awaits>
  aclError wait_for_bell(const Operation& operation, Done&& done, Awaits&& awaits) {
    RankArea& own = mine();
    return wait(operation, own.bell, own.bell_waiters, done, awaits);
  }
  void ring(uint32_t rank);
  // Marks the communicator failed, unless it is, and ends the task with whatever made it fail first.
  aclError fail(const Operation& operation, HcclResult code, aclError stream_code, const std::string& text);
  // Bytes of a rank's device memory, as in softnpu_peer_bytes.
  char* bytes(uint32_t rank, uint64_t address, uint64_t size, uint64_t* contiguous);
  std::string describe(uint32_t rank) const;  // "rank 1 (process 4711, device 1)"

  void share() { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop();

 private:
  ~Comm();
  static aclError run(void* operation);
  static void discard(void* operation);

  template <class Done, class Awaits>
  aclError wait(const Operation& operation, std::atomic<uint32_t>& word, std::atomic<uint32_t>& waiters,
                Done&& done, Awaits&& awaits, uint32_t patience = 1);
  // One look at everything that can end a wait; `rested` after a whole slice without a sign of life.
  template <class Awaits>
  aclError look(const Operation& operation, const Deadline& deadline, bool rested, Awaits&& awaits);
  aclError take_turn(const Operation& operation);
  aclError link(const Operation& operation);
  Area* find_sub();
  void take_back();  // what publish() wrote, where ranks are still missing
  aclError report(const Operation& operation);
  aclError ended(const Operation& operation, const char* what, aclError code);
  aclError time_out(const Operation& operation, const std::vector<uint32_t>& late);
  bool has_ended(uint32_t rank) const;
  bool crossed(uint32_t rank);
  std::string doing(uint32_t rank) const;
  void mark_failed(HcclResult code, aclError stream_code, const std::string& text);
  void wake_all();

  const uint32_t rank_, size_;
  const int32_t device_;
  const std::string name_;
  const int64_t timeout_ms_;  // of an operation; negative: never
  std::atomic<int> references_{1};
  std::atomic<Area*> area_{nullptr};
  std::vector<int> pidfds_;           // -1 for this process
  std::vector<softnpu_peer*> peers_;  // opened by the first operation that needs them
  std::vector<uint32_t> crossings_;   // consecutive looks that found rank r in a send or receive with us
  Comm* parent_ = nullptr;
  SubKey key_;
  SubEntry* published_ = nullptr;
  int published_fd_ = -1;

  SpinLock submit_lock_;
  uint64_t issued_ = 0;                // operations, in the order of the calls
  uint64_t sequence_ = 0;              // of them, collectives
  std::atomic<uint32_t> executed_{0};  // operations that have ended; futex of the worker whose turn is next
  std::atomic<bool> closed_{false};
  std::atomic<bool> waiting_{false};
  uint32_t phase_ = 0;
};

// The communicators of this process. A handle that was never made, or is destroyed, is refused.
void register_comm(Comm* comm);
// With a reference, or null and a text.
Comm* find_comm(HcclComm handle, const char* call, HcclResult* result);
bool forget_comm(Comm* comm);
bool name_in_use(const std::string& name, uint32_t rank);

template <class Done, class Awaits>
aclError Comm::wait(const Operation& operation, std::atomic<uint32_t>& word, std::atomic<uint32_t>& waiters,
                    Done&& done, Awaits&& awaits, uint32_t patience) {
  constexpr int64_t kFirstSliceNs = 20000000, kSliceNs = 100000000;
  for (uint32_t spin = area().spins * patience; spin > 0; --spin) {
    if (done()) return ACL_SUCCESS;
    cpu_pause();
  }
  const Deadline deadline(timeout_ms_);
  bool rested = false;
  aclError result = ACL_SUCCESS;
  for (int64_t slice = kFirstSliceNs;; slice = kSliceNs) {
    const uint32_t seen = word.load(std::memory_order_seq_cst);
    if (done()) break;
    if (result = look(operation, deadline, rested, awaits); result != ACL_SUCCESS) break;
    waiters.fetch_add(1, std::memory_order_seq_cst);
    rested = !done() && !futex_wait(word, seen, slice, true);
    waiters.fetch_sub(1, std::memory_order_relaxed);
    waiting_.store(rested, std::memory_order_relaxed);
  }
  waiting_.store(false, std::memory_order_relaxed);
  return result;
}

template <class Awaits>
aclError Comm::look(const Operation& operation, const Deadline& deadline, bool rested, Awaits&& awaits) {
  if (area().state.load(std::memory_order_acquire) != kOk) return report(operation);
  if (closed_.load(std::memory_order_acquire)) {
    return ended(operation, "the communicator was destroyed on this rank", ACL_ERROR_RT_DEVICE_TASK_ABORT);
  }
  if (softnpu_interrupted()) {
    return ended(operation, "the stream was aborted on this rank", ACL_ERROR_RT_STREAM_ABORT);
  }
  std::vector<uint32_t> late;
  for (uint32_t rank = 0; rank < size_; ++rank) {
    if (rank == rank_ || !awaits(rank)) continue;
    // What ends a rank comes after its last contribution: so look at the end first, then again at that.
    const bool left = area().ranks[rank].left.load(std::memory_order_acquire) != 0;
    const bool gone = !left && rested && has_ended(rank);
    if ((left || gone) && awaits(rank)) {
      return fail(operation, HCCL_E_REMOTE, ACL_ERROR_RT_SUSPECT_REMOTE_ERROR,
                  describe(rank) + (left ? " has destroyed the communicator" : " has ended") + doing(rank));
    }
    if (rested && crossed(rank)) {
      return fail(operation, HCCL_E_PARA, ACL_ERROR_RT_PARAM_INVALID,
                  "EI0005: " + describe(rank) + " waits in a send or receive with " + describe(rank_) +
                      ", which is in a collective: the ranks call different operations");
    }
    late.push_back(rank);
  }
  return deadline.passed() ? time_out(operation, late) : ACL_SUCCESS;
}

}  // namespace softnpu::hccl
