#include "softnpu/acl/callback.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "softnpu/acl/device.h"

namespace softnpu {
namespace {

// Functions that are registered under a name and told of state changes.
template <class Function>
class Listeners {
 public:
  aclError set(const char* name, Function function, void* argument) {
    if (aclError result = require(name, "regName"); result != ACL_SUCCESS) return result;
    std::lock_guard<std::mutex> guard(mutex_);
    auto found = listeners_.find(name);
    if (function == nullptr) {
      if (found != listeners_.end()) listeners_.erase(found);
    } else if (found != listeners_.end()) {
      return fail(ACL_ERROR_RT_PARAM_INVALID, "a callback named '%s' is registered already.", name);
    } else {
      listeners_[name] = {function, argument};
    }
    some_.store(!listeners_.empty());
    return ACL_SUCCESS;
  }

  template <class... Arguments>
  void tell(Arguments... arguments) {
    if (!some_.load(std::memory_order_relaxed)) return;
    std::map<std::string, std::pair<Function, void*>> copy;
    {
      std::lock_guard<std::mutex> guard(mutex_);
      copy = listeners_;
    }
    for (auto& [name, listener] : copy) listener.first(arguments..., listener.second);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<Function, void*>> listeners_;
  std::atomic<bool> some_{false};
};

Listeners<aclrtDeviceStateCallback>& device_listeners() {
  static auto* const instance = new Listeners<aclrtDeviceStateCallback>;
  return *instance;
}
Listeners<aclrtStreamStateCallback>& stream_listeners() {
  static auto* const instance = new Listeners<aclrtStreamStateCallback>;
  return *instance;
}
std::atomic<aclrtExceptionInfoCallback> g_exception_callback{nullptr};

// A function that a stream wants run on a subscribed thread; the stream may wait for it.
struct Report {
  aclrtCallback function;
  void* argument;
  std::atomic<uint32_t> done{0};  // futex
};

// The reports for one subscribed thread.
struct Mailbox {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::shared_ptr<Report>> reports;
  int streams = 0;
};

class Mailboxes {
 public:
  aclError subscribe(uint64_t thread, Stream& stream) {
    std::lock_guard<std::mutex> guard(mutex_);
    uint64_t none = 0;
    if (!stream.report_thread.compare_exchange_strong(none, thread)) {
      return fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %d has a thread for its callbacks already.",
                  stream.id());
    }
    auto& box = boxes_[thread];
    if (box == nullptr) box = std::make_shared<Mailbox>();
    ++box->streams;
    return ACL_SUCCESS;
  }

  aclError unsubscribe(uint64_t thread, Stream& stream) {
    std::lock_guard<std::mutex> guard(mutex_);
    auto found = boxes_.find(thread);
    if (found == boxes_.end() || !stream.report_thread.compare_exchange_strong(thread, 0)) {
      return fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "this thread does not process the callbacks of stream %d.",
                  stream.id());
    }
    if (--found->second->streams == 0) boxes_.erase(found);
    return ACL_SUCCESS;
  }

  std::shared_ptr<Mailbox> find(uint64_t thread) {
    std::lock_guard<std::mutex> guard(mutex_);
    auto found = boxes_.find(thread);
    return found == boxes_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<Mailbox>> boxes_;
};

Mailboxes& mailboxes() {
  static auto* const instance = new Mailboxes;
  return *instance;
}

struct CallbackTask {
  aclrtCallback function;
  void* argument;
  bool block;
};

aclError run_callback(void* payload) {
  auto* task = static_cast<CallbackTask*>(payload);
  Stream& stream = *Stream::current();
  std::shared_ptr<Mailbox> box = mailboxes().find(stream.report_thread.load());
  if (box == nullptr) {
    softnpu_task_message("the thread for its callbacks was unsubscribed before a callback ran.");
    return ACL_ERROR_RT_STREAM_NO_CB_REG;
  }
  auto report = std::make_shared<Report>();
  report->function = task->function;
  report->argument = task->argument;
  {
    std::lock_guard<std::mutex> guard(box->mutex);
    box->reports.push_back(report);
  }
  box->arrived.notify_one();
  stream.sleeping_on(&report->done);
  while (task->block && report->done.load(std::memory_order_acquire) == 0 && !stream.interrupted()) {
    futex_wait(report->done, 0, kSliceNs);
  }
  stream.sleeping_on(nullptr);
  return ACL_SUCCESS;
}

struct HostTask {
  aclrtHostFunc function;
  void* argument;
};

aclError run_host(void* payload) {
  auto* task = static_cast<HostTask*>(payload);
  task->function(task->argument);
  return ACL_SUCCESS;
}

aclError process_report(int32_t timeout) {
  if (timeout < -1 || timeout == 0) {
    return fail(ACL_ERROR_INVALID_PARAM, "timeout is %d ms; -1 is for ever, otherwise it is more than 0.",
                timeout);
  }
  std::shared_ptr<Mailbox> box = mailboxes().find(uint64_t(pthread_self()));
  if (box == nullptr) {
    return fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "this thread was not given to aclrtSubscribeReport.");
  }
  std::unique_lock<std::mutex> guard(box->mutex);
  auto some = [&] { return !box->reports.empty(); };
  if (timeout < 0) {
    box->arrived.wait(guard, some);
  } else if (!box->arrived.wait_for(guard, std::chrono::milliseconds(timeout), some)) {
    return fail(ACL_ERROR_RT_REPORT_TIMEOUT, "no callback came within %d ms.", timeout);
  }
  std::deque<std::shared_ptr<Report>> reports;
  reports.swap(box->reports);
  guard.unlock();
  for (auto& report : reports) {
    report->function(report->argument);
    report->done.store(1, std::memory_order_release);
    futex_wake(report->done);
  }
  return ACL_SUCCESS;
}

}  // namespace

void notify_device(int32_t device, aclrtDeviceState state) {
  device_listeners().tell(device, state);
}
void notify_stream(Stream& stream, aclrtStreamState state) {
  stream_listeners().tell(static_cast<aclrtStream>(&stream), state);
}

void notify_exception(Stream& stream, uint32_t task, aclError code) {
  // The leading fields of CANN's structure, which its accessors read.
  struct Information {
    uint32_t task, stream, thread, device, code;
    uint32_t reserved[59];
  };
  aclrtExceptionInfoCallback callback = g_exception_callback.load();
  if (callback == nullptr) return;
  Information information{
      task, uint32_t(stream.id()), uint32_t(pthread_self()), uint32_t(stream.device().id), uint32_t(code),
      {}};
  callback(reinterpret_cast<aclrtExceptionInfo*>(&information));
}

}  // namespace softnpu

using softnpu::entry;
using softnpu::Stream;
using softnpu::with_stream;

extern "C" {

aclError aclrtRegDeviceStateCallback(const char* regName, aclrtDeviceStateCallback callback, void* args) {
  return entry(__func__, [&] { return softnpu::device_listeners().set(regName, callback, args); });
}

aclError aclrtRegStreamStateCallback(const char* regName, aclrtStreamStateCallback callback, void* args) {
  return entry(__func__, [&] { return softnpu::stream_listeners().set(regName, callback, args); });
}

aclError aclrtSetExceptionInfoCallback(aclrtExceptionInfoCallback callback) {
  return entry(__func__, [&]() -> aclError {
    softnpu::g_exception_callback.store(callback);
    return ACL_SUCCESS;
  });
}

aclError aclrtSubscribeReport(uint64_t threadId, aclrtStream stream) {
  return with_stream(__func__, stream,
                     [&](Stream& s) { return softnpu::mailboxes().subscribe(threadId, s); });
}

aclError aclrtUnSubscribeReport(uint64_t threadId, aclrtStream stream) {
  return with_stream(__func__, stream,
                     [&](Stream& s) { return softnpu::mailboxes().unsubscribe(threadId, s); });
}

aclError aclrtProcessReport(int32_t timeout) {
  return entry(__func__, [&] { return softnpu::process_report(timeout); });
}

aclError aclrtLaunchCallback(aclrtCallback fn, void* userData, aclrtCallbackBlockType blockType,
                             aclrtStream stream) {
  return with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = softnpu::require(reinterpret_cast<void*>(fn), "fn"); result != ACL_SUCCESS)
      return result;
    if (blockType != ACL_CALLBACK_BLOCK && blockType != ACL_CALLBACK_NO_BLOCK) {
      return softnpu::fail(ACL_ERROR_INVALID_PARAM,
                           "blockType %d is neither ACL_CALLBACK_NO_BLOCK nor "
                           "ACL_CALLBACK_BLOCK.",
                           int(blockType));
    }
    if (s.report_thread.load() == 0) {
      return softnpu::fail(ACL_ERROR_RT_STREAM_NO_CB_REG,
                           "stream %d has no thread for its callbacks; call aclrtSubscribeReport first.",
                           s.id());
    }
    softnpu::CallbackTask task{fn, userData, blockType == ACL_CALLBACK_BLOCK};
    return s.add(softnpu::run_callback, nullptr, task);
  });
}

// Runs on the stream's worker, which waits for it as CANN's streams do.
aclError aclrtLaunchHostFunc(aclrtStream stream, aclrtHostFunc fn, void* args) {
  return with_stream(__func__, stream, [&](Stream& s) -> aclError {
    if (aclError result = softnpu::require(reinterpret_cast<void*>(fn), "fn"); result != ACL_SUCCESS)
      return result;
    return s.add(softnpu::run_host, nullptr, softnpu::HostTask{fn, args});
  });
}

aclError aclrtSubscribeHostFunc(uint64_t, aclrtStream) {
  return softnpu::unsupported(__func__,
                              "host functions of a graph need graph capture; use aclrtLaunchHostFunc");
}
aclError aclrtUnSubscribeHostFunc(uint64_t, aclrtStream) {
  return softnpu::unsupported(__func__,
                              "host functions of a graph need graph capture; use aclrtLaunchHostFunc");
}
aclError aclrtProcessHostFunc(int32_t) {
  return softnpu::unsupported(__func__,
                              "host functions of a graph need graph capture; use aclrtLaunchHostFunc");
}

}  // extern "C"
