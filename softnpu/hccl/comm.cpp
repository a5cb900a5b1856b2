#include "softnpu/hccl/comm.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>

#include "softnpu/hccl/operation.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace softnpu::hccl {
namespace {

struct Registry {
  const pid_t pid = getpid();
  std::mutex mutex;
  std::set<Comm*> comms;
};
Registry& registry() {
  static Registry* const instance = new Registry;  // never destroyed: workers outlive main
  return *instance;
}

}  // namespace

void register_comm(Comm* comm) {
  std::lock_guard<std::mutex> guard(registry().mutex);
  registry().comms.insert(comm);
}

bool forget_comm(Comm* comm) {
  std::lock_guard<std::mutex> guard(registry().mutex);
  return registry().comms.erase(comm) != 0;
}

bool name_in_use(const std::string& name, uint32_t rank) {
  std::lock_guard<std::mutex> guard(registry().mutex);
  auto same = [&](const Comm* comm) { return comm->name() == name && comm->rank() == rank; };
  return std::any_of(registry().comms.begin(), registry().comms.end(), same);
}

Comm* find_comm(HcclComm handle, const char* call, HcclResult* result) {
  if (handle == nullptr) {
    *result = HcclResult(softnpu_error(HCCL_E_PTR, "EI0003: %s: the communicator must not be null.", call));
    return nullptr;
  }
  if (registry().pid != getpid()) {  // the shared area stayed with the parent
    *result = HcclResult(softnpu_error(
        HCCL_E_RUNTIME, "%s: this process was forked from the one that made the communicator.", call));
    return nullptr;
  }
  std::lock_guard<std::mutex> guard(registry().mutex);
  auto found = registry().comms.find(static_cast<Comm*>(handle));
  if (found == registry().comms.end()) {
    *result = HcclResult(
        softnpu_error(HCCL_E_PARA, "EI0003: %s: the communicator does not exist or was destroyed.", call));
    return nullptr;
  }
  (*found)->share();
  return *found;
}

Comm::~Comm() {
  for (int fd : pidfds_) {
    if (fd >= 0) ::close(fd);
  }
  for (softnpu_peer* peer : peers_) {
    if (peer != nullptr) softnpu_peer_close(peer);
  }
  if (Area* area = area_.load()) unmap_area(area);
  if (published_fd_ >= 0) ::close(published_fd_);
  if (parent_ != nullptr) parent_->drop();
}

void Comm::drop() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

bool Comm::attach(Area* area) {
  pidfds_.assign(size_, -1);
  peers_.assign(size_, nullptr);
  crossings_.assign(size_, 0);
  for (uint32_t rank = 0; rank < size_; ++rank) {
    const Member& member = area->members[rank];
    if (member.pid == getpid()) continue;
    pidfds_[rank] = static_cast<int>(syscall(SYS_pidfd_open, member.pid, 0));
    if (pidfds_[rank] >= 0) continue;
    unmap_area(area);
    softnpu_error(HCCL_E_REMOTE, "rank %u (process %d, device %d) has ended, or cannot be watched (%s).",
                  rank, member.pid, member.logical, std::strerror(errno));
    return false;
  }
  area_.store(area, std::memory_order_release);
  return true;
}

HcclResult Comm::close() {
  const bool stuck = waiting_.load(std::memory_order_relaxed);
  const bool busy = executed_.load(std::memory_order_acquire) != static_cast<uint32_t>(issued_);
  if (softnpu_strict() && busy && !stuck && refuse_failed() == HCCL_SUCCESS) {
    return HcclResult(softnpu_error(HCCL_E_AGAIN,
                                    "HcclCommDestroy: communicator '%s' has operations under way on rank %u; "
                                    "synchronise their stream first.",
                                    name_.c_str(), rank_));
  }
  if (!forget_comm(this)) {
    return HcclResult(softnpu_error(HCCL_E_PARA, "HcclCommDestroy: the communicator was destroyed already."));
  }
  closed_.store(true, std::memory_order_release);
  take_back();
  if (area_.load() != nullptr) {
    mine().left.store(1, std::memory_order_release);
    wake_all();
  }
  drop();
  return HCCL_SUCCESS;
}

void Comm::wake_all() {
  Area& all = area();
  futex_wake(all.gate, INT_MAX, true);
  for (uint32_t rank = 0; rank < size_; ++rank) futex_wake(all.ranks[rank].bell, INT_MAX, true);
}

std::string Comm::describe(uint32_t rank) const {
  const Member& member = area().members[rank];
  return "rank " + std::to_string(rank) + " (process " + std::to_string(member.pid) + ", device " +
         std::to_string(member.logical) + ")";
}

// What a rank that others wait for was last seen in.
std::string Comm::doing(uint32_t rank) const {
  const uint64_t begun = area().ranks[rank].begun.load(std::memory_order_acquire);
  return begun == 0 ? " before its first collective" : " after it began collective #" + std::to_string(begun);
}

bool Comm::has_ended(uint32_t rank) const {
  if (pidfds_[rank] < 0) return false;
  pollfd entry{pidfds_[rank], POLLIN, 0};
  return poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0;
}

// Whether the rank sits in a message with this one while this one is in a collective. A rank that has just
// got its message is seen so for an instant, hence twice.
bool Comm::crossed(uint32_t rank) {
  const bool seen = mine().waits_for.load(std::memory_order_relaxed) == 0 &&
                    area().ranks[rank].waits_for.load(std::memory_order_acquire) == rank_ + 1;
  crossings_[rank] = seen ? crossings_[rank] + 1 : 0;
  return crossings_[rank] >= 3;
}

// ------------------------------------------------------------------ failing

void Comm::mark_failed(HcclResult code, aclError stream_code, const std::string& text) {
  Area& all = area();
  uint32_t ok = kOk;
  if (!all.state.compare_exchange_strong(ok, kFailing)) return;
  all.code = code;
  all.stream_code = stream_code;
  std::snprintf(all.text, sizeof(all.text), "%s", text.c_str());
  all.state.store(kFailed, std::memory_order_release);
  wake_all();
}

aclError Comm::fail(const Operation& operation, HcclResult code, aclError stream_code,
                    const std::string& text) {
  mark_failed(code, stream_code, text);
  return report(operation);
}

aclError Comm::report(const Operation& operation) {
  Area& all = area();
  // Whoever writes the sentence may die over it.
  for (int look = 0; all.state.load(std::memory_order_acquire) == kFailing && look < 200; ++look)
    usleep(1000);
  const bool told = all.state.load(std::memory_order_acquire) == kFailed;
  softnpu_task_message("%s: %s.", operation.title().c_str(),
                       told ? all.text : "another rank has failed and ended");
  return told ? all.stream_code : ACL_ERROR_RT_SUSPECT_REMOTE_ERROR;
}

// This rank gives up, so the others cannot go on either.
aclError Comm::ended(const Operation& operation, const char* what, aclError code) {
  if (area_.load() != nullptr) {
    mark_failed(HCCL_E_REMOTE, code, describe(rank_) + " has given up: " + what);
  }
  softnpu_task_message("%s: %s.", operation.title().c_str(), what);
  return code;
}

aclError Comm::time_out(const Operation& operation, const std::vector<uint32_t>& late) {
  std::string text = "EI0002: " + operation.title() + " has waited " + std::to_string(timeout_ms_ / 1000) +
                     "." + std::to_string(timeout_ms_ % 1000 / 100) + " s for ";
  for (size_t i = 0; i < late.size(); ++i) text += (i == 0 ? "" : ", ") + describe(late[i]) + doing(late[i]);
  return fail(operation, HCCL_E_TIMEOUT, ACL_ERROR_RT_FFTS_PLUS_TIMEOUT, text);
}

HcclResult Comm::async_error() const {
  const Area* all = area_.load(std::memory_order_acquire);
  if (all == nullptr || all->state.load(std::memory_order_acquire) != kFailed) return HCCL_SUCCESS;
  return HcclResult(all->code);
}

HcclResult Comm::refuse_failed() const {
  const HcclResult code = async_error();
  if (code == HCCL_SUCCESS) return code;
  return HcclResult(softnpu_error(code, "communicator '%s' has failed: %s.", name_.c_str(), area().text));
}

// ------------------------------------------------------------------ the gate and the bells

aclError Comm::step(const Operation& operation, uint32_t patience) {
  if (size_ == 1) return ACL_SUCCESS;
  Area& all = area();
  const uint32_t phase = ++phase_;
  mine().phase.store(phase, std::memory_order_release);
  if (all.arrivals.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    all.arrivals.store(0, std::memory_order_relaxed);
    all.gate.store(phase, std::memory_order_seq_cst);
    if (all.gate_waiters.load(std::memory_order_seq_cst) != 0) futex_wake(all.gate, INT_MAX, true);
    return ACL_SUCCESS;
  }
  auto open = [&] { return int32_t(all.gate.load(std::memory_order_acquire) - phase) >= 0; };
  auto behind = [&](uint32_t rank) {
    return int32_t(all.ranks[rank].phase.load(std::memory_order_acquire) - phase) < 0;
  };
  return wait(operation, all.gate, all.gate_waiters, open, behind, patience);
}

void Comm::ring(uint32_t rank) {
  RankArea& other = area().ranks[rank];
  other.bell.fetch_add(1, std::memory_order_seq_cst);
  if (other.bell_waiters.load(std::memory_order_seq_cst) != 0) futex_wake(other.bell, INT_MAX, true);
}

char* Comm::bytes(uint32_t rank, uint64_t address, uint64_t size, uint64_t* contiguous) {
  softnpu_peer*& peer = peers_[rank];
  const Member& member = area().members[rank];
  if (peer == nullptr) peer = softnpu_peer_open(member.pid, member.logical);
  if (peer == nullptr) return nullptr;
  return static_cast<char*>(softnpu_peer_bytes(peer, address, size, contiguous));
}

// ------------------------------------------------------------------ operations

HcclResult Comm::submit(std::unique_ptr<Operation>& operation, aclrtStream stream) {
  if (HcclResult code = refuse_failed(); code != HCCL_SUCCESS) return code;
  share();
  operation->comm = this;
  std::lock_guard<SpinLock> guard(submit_lock_);
  operation->ticket = issued_ + 1;
  if (operation->is_collective()) operation->header.sequence = sequence_ + 1;
  if (softnpu_enqueue(stream, &Comm::run, &Comm::discard, operation.get()) != ACL_SUCCESS) {
    operation->comm = nullptr;
    drop();
    return HCCL_E_RUNTIME;  // the text is the runtime's
  }
  ++issued_;
  if (operation->is_collective()) ++sequence_;
  operation.release();
  return HCCL_SUCCESS;
}

aclError Comm::run(void* argument) {
  std::unique_ptr<Operation> operation(static_cast<Operation*>(argument));
  Comm& comm = *operation->comm;
  aclError result = comm.take_turn(*operation);
  if (result == ACL_SUCCESS) result = comm.link(*operation);
  if (result == ACL_SUCCESS) result = perform(*operation);
  comm.executed_.fetch_add(1, std::memory_order_release);
  futex_wake(comm.executed_);
  operation.reset();
  comm.drop();
  return result;
}

// The stream has failed or is aborted: this rank will never take part, so nobody needs to wait for it.
void Comm::discard(void* argument) {
  std::unique_ptr<Operation> operation(static_cast<Operation*>(argument));
  Comm& comm = *operation->comm;
  if (Area* found = comm.area_.load() == nullptr ? comm.find_sub() : nullptr) comm.attach(found);
  if (comm.area_.load() != nullptr) {
    comm.mark_failed(HCCL_E_REMOTE, ACL_ERROR_RT_SUSPECT_REMOTE_ERROR,
                     comm.describe(comm.rank_) + " gave up " + operation->title() +
                         ": an earlier task of its stream has failed, or the stream was aborted");
  }
  comm.executed_.fetch_add(1, std::memory_order_release);
  futex_wake(comm.executed_);
  operation.reset();
  comm.drop();
}

// Operations of one communicator run in the order of the calls, also when they are on two streams. Hardware
// promises nothing for two streams without an order between them.
aclError Comm::take_turn(const Operation& operation) {
  const auto before = static_cast<uint32_t>(operation.ticket - 1);
  auto mine_is_next = [&] { return executed_.load(std::memory_order_acquire) == before; };
  if (mine_is_next()) return ACL_SUCCESS;
  if (softnpu_strict()) {
    return ended(
        operation,
        "two streams without an order between them use the communicator; let one wait for an event of "
        "the other",
        ACL_ERROR_RT_PARAM_INVALID);
  }
  while (!mine_is_next()) {
    if (closed_.load() || softnpu_interrupted()) {
      return ended(operation, "the communicator was destroyed, or the stream aborted, on this rank",
                   ACL_ERROR_RT_DEVICE_TASK_ABORT);
    }
    futex_wait(executed_, executed_.load(), 20000000);
  }
  return ACL_SUCCESS;
}

}  // namespace softnpu::hccl
