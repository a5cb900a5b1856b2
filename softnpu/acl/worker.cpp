// The worker side of a stream: taking tasks, parking, failing, stopping.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "softnpu.h"
#include "softnpu/acl/callback.h"
#include "softnpu/acl/cgroup.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/stream.h"

namespace softnpu {
namespace {

constexpr int kSpins = 200;  // about 5 us
constexpr int64_t kExitNs = 5000000000;
std::atomic<int> g_active{0};
std::atomic<bool> g_stopping{false};
thread_local Stream* t_stream = nullptr;
thread_local std::string* t_message = nullptr;  // of the running task, see softnpu_task_message

int64_t idle_ns() {
  return settings().idle_seconds * int64_t{1000000000};
}

// At exit no task may run any longer: the libraries whose code it uses are about to be torn down.
void stop_workers() {
  if (forked()) return;
  g_stopping.store(true);
  // A task that never ends, such as a host callback that waits for this thread, must not keep the process.
  for (int64_t end = now_ns() + kExitNs; g_active.load() != 0; usleep(500)) {
    if (now_ns() < end) continue;
    std::fprintf(stderr, "[softnpu] process %d ends while a task of a stream has been running for %d s.\n",
                 getpid(), int(kExitNs / 1000000000));
    return;
  }
}

}  // namespace

int active_workers() {
  return g_active.load(std::memory_order_relaxed);
}
Stream* Stream::current() {
  return t_stream;
}
bool Stream::stopping() {
  return g_stopping.load(std::memory_order_relaxed);
}

bool Stream::start_worker() {
  static const int at_exit = std::atexit(stop_workers);
  (void)at_exit;
  mark_in_use();
  uint32_t none = kNone;
  if (!worker_.compare_exchange_strong(none, kWoken)) return true;  // one that was about to end stays
  share();
  g_active.fetch_add(1);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, worker_main, this);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) return true;
  g_active.fetch_sub(1);
  worker_.store(kNone, std::memory_order_seq_cst);
  references_.fetch_sub(1, std::memory_order_relaxed);  // the caller holds another
  return false;
}

void Stream::unpark() {
  uint32_t parked = kParked;
  if (worker_.load(std::memory_order_seq_cst) == kParked && worker_.compare_exchange_strong(parked, kWoken)) {
    g_active.fetch_add(1, std::memory_order_relaxed);
    futex_wake(worker_, 1);
  }
}

void Stream::wake_worker() {
  unpark();
  // It may have ended its idle time between the look in add() and now; a task is there, so a thread there
  // must be.
  while (worker_.load(std::memory_order_seq_cst) == kNone && !start_worker()) usleep(1000);
}

void* Stream::worker_main(void* argument) {
  auto* stream = static_cast<Stream*>(argument);
  char name[16];
  std::snprintf(name, sizeof(name), "npu%d-s%d", stream->device_.id, stream->id_);
  pthread_setname_np(pthread_self(), name);
  if (stream->priority_ != 0) {  // 0 is the highest; a thread without rights can only become nicer
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), static_cast<int>(stream->priority_));
  }
  std::string message;
  t_message = &message;
  t_stream = stream;
  stream->work();
  t_stream = nullptr;
  stream->drop();
  return nullptr;
}

void Stream::work() {
  uint64_t done = finished_.load(std::memory_order_relaxed);
  do {
    // Nobody but this thread changes woken or active.
    if (worker_.load(std::memory_order_relaxed) != kActive) worker_.store(kActive, std::memory_order_relaxed);
    for (uint64_t added = queue_.added(); done != added;) {
      running_ = done;
      execute(queue_.front());
      queue_.pop();
      finished_.store(++done, std::memory_order_seq_cst);
      if (wanted_.load(std::memory_order_seq_cst) <= done) [[unlikely]]
        wake_waiters();
      if (done == added) added = queue_.added();
    }
  } while (wait_for_work(done));
}

// Returns true when there is a task, false when this thread should end. Whoever moves the state from parked
// to active, the worker itself or unpark(), also counts the worker as active.
bool Stream::wait_for_work(uint64_t done) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (queue_.added() != done) return true;
    cpu_pause();
  }
  const int64_t end = now_ns() + idle_ns();
  auto leaving = [&] { return closed_.load(std::memory_order_seq_cst) || now_ns() >= end; };
  while (true) {
    g_active.fetch_sub(1, std::memory_order_relaxed);
    worker_.store(kParked, std::memory_order_seq_cst);
    while (worker_.load(std::memory_order_seq_cst) == kParked) {
      if (queue_.added() != done || leaving()) {
        uint32_t parked = kParked;
        if (worker_.compare_exchange_strong(parked, kActive))
          g_active.fetch_add(1, std::memory_order_relaxed);
        break;
      }
      int64_t left = end - now_ns();
      futex_wait(worker_, kParked, left > 0 ? left : 0);
    }
    if (queue_.added() != done) return true;
    if (!leaving()) continue;
    g_active.fetch_sub(1, std::memory_order_relaxed);
    worker_.store(kNone, std::memory_order_seq_cst);
    if (queue_.added() == done) return false;
    // A task came in meanwhile. Its producer saw an active worker and relies on this one, or has started
    // another.
    uint32_t none = kNone;
    if (!worker_.compare_exchange_strong(none, kActive)) return false;
    g_active.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
}

void Stream::execute(Task& task) {
  if (stopping()) [[unlikely]] {
    g_active.fetch_sub(1);
    while (true) pause();
  }
  if (failure_.load(std::memory_order_relaxed) != nullptr ||
      running_ < drop_before_.load(std::memory_order_acquire)) [[unlikely]] {
    if (task.discard != nullptr) task.discard(task.payload);
    return;
  }
  aclError result = ACL_SUCCESS;
  try {
    result = task.run(task.payload);
  } catch (const std::exception& error) {
    softnpu_task_message("%s", error.what());
    result = ACL_ERROR_RT_INTERNAL_ERROR;
  } catch (...) {
    result = ACL_ERROR_RT_INTERNAL_ERROR;
  }
  if (result != ACL_SUCCESS) [[unlikely]]
    task_failed(result);
}

void Stream::task_failed(aclError code) {
  if (failure_.load() != nullptr) return;  // the task has poisoned the stream with the failure of another
  std::string text = "stream " + std::to_string(id_) + " of device " + std::to_string(device_.id) +
                     " failed (" + std::to_string(code) + ")";
  text += t_message->empty() ? "." : ": " + *t_message;
  t_message->clear();
  auto* failure = new Failure(code, text);
  poison(failure);
  failure->drop();
  notify_exception(*this, static_cast<uint32_t>(running_), code);
}

void Stream::poison(Failure* failure) {
  failure_lock_.lock();
  if (failure_.load(std::memory_order_relaxed) == nullptr) {
    failure_.store(failure->share(), std::memory_order_release);
  }
  failure_lock_.unlock();
}

Failure* Stream::share_failure() {
  failure_lock_.lock();
  Failure* failure = failure_.load(std::memory_order_relaxed);
  if (failure != nullptr) failure->share();
  failure_lock_.unlock();
  return failure;
}

}  // namespace softnpu

extern "C" void softnpu_task_message(const char* format, ...) {
  std::string* message = softnpu::t_message;
  if (message == nullptr) return;  // not on a worker
  char text[1024];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  *message += text;
}

extern "C" void softnpu_sleep(int64_t nanoseconds) {
  using namespace softnpu;
  std::atomic<uint32_t> never{0};
  Stream* stream = Stream::current();
  if (stream != nullptr) stream->sleeping_on(&never);
  for (const int64_t end = now_ns() + nanoseconds;;) {
    const int64_t left = end - now_ns();
    if (left <= 0 || Stream::stopping() || (stream != nullptr && stream->interrupted())) break;
    futex_wait(never, 0, std::min(left, kSliceNs));
  }
  if (stream != nullptr) stream->sleeping_on(nullptr);
}

extern "C" bool softnpu_interrupted(void) {
  softnpu::Stream* stream = softnpu::Stream::current();
  return softnpu::Stream::stopping() || (stream != nullptr && stream->interrupted());
}

extern "C" int softnpu_compute_threads(void) {
  using namespace softnpu;
  static const int share = [] {
    if (settings().threads > 0) return settings().threads;
    cpu_set_t set;
    CPU_ZERO(&set);
    int cores =
        sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : int(sysconf(_SC_NPROCESSORS_ONLN));
    cores = std::min(cores, cgroup_cores());
    return std::max(1, cores / settings().processes);
  }();
  if (settings().threads > 0) return share;
  return std::max(1, share / std::max(1, active_workers()));
}
