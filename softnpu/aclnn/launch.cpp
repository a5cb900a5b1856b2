// Phase two, and the pass that the worker of the stream runs.
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <c10/util/Exception.h>
#include <c10/util/ParallelGuard.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <string_view>
#include <unordered_set>

#include "softnpu.h"
#include "softnpu/aclnn/kernel.h"
#include "softnpu/aclnn/pass.h"
#include "softnpu/aclnn/threads.h"

// Of the OpenMP and MKL that libtorch_cpu brings along; without them a kernel has one thread anyway.
extern "C" void omp_set_num_threads(int) __attribute__((weak));
extern "C" int omp_get_num_threads() __attribute__((weak));
extern "C" int omp_get_thread_num() __attribute__((weak));
// What a compiler makes of "#pragma omp parallel" (libgomp manual, "Implementing PARALLEL construct").
extern "C" void GOMP_parallel(void (*)(void*), void*, unsigned, unsigned) __attribute__((weak));
extern "C" int MKL_Set_Num_Threads_Local(int) __attribute__((weak));

namespace softnpu {

namespace {

thread_local Pass pass = Pass::kRun;
thread_local aclOpExecutor* running = nullptr;

std::unordered_set<std::string_view>& registered() {
  static auto* names = new std::unordered_set<std::string_view>();
  return *names;
}

// The plugin warns where a user should be warned; a worker and a check have nobody to warn.
class Silent : public c10::WarningHandler {
 public:
  void process(const c10::Warning&) override {}
};

thread_local int threads = 0;  // that kernels of this worker may use; 0 before the first

// Threads for the kernels of this worker only: at::set_num_threads would change every thread of the process.
void use_threads(int wanted) {
  if (threads == 0)
    at::get_num_threads();  // ATen sets a thread's default on first use, over what was set before
  if (wanted == threads) return;
  if (omp_set_num_threads != nullptr) omp_set_num_threads(wanted);
  if (MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(wanted);
  threads = wanted;
}

aclError run_raw(void* payload) {
  const auto& task = *static_cast<const RawTask*>(payload);
  task.loop(host_address(task.address[0]), host_address(task.address[1]), host_address(task.address[2]),
            task.count, task.number);
  return ACL_SUCCESS;
}

void run_body(aclOpExecutor& executor) {
  BackendOnly backend;
  thread_local Silent silent;
  c10::WarningUtils::WarningHandlerGuard quiet(&silent);
  use_threads(executor.large ? std::max(1, softnpu_compute_threads()) : 1);
  running = &executor;
  executor.invoke(executor);
  running = nullptr;
}

aclError failed(aclOpExecutor& executor, const char* reason) {
  running = nullptr;
  std::string text(reason);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  softnpu_task_message("%s failed: %s (%s)", executor.op->name, text.c_str(), describe(executor).c_str());
  return ACL_ERROR_RT_AICORE_EXCEPTION;
}

aclError run_task(void* argument) {
  auto* executor = static_cast<aclOpExecutor*>(argument);
  aclError error = ACL_SUCCESS;
  try {
    run_body(*executor);
  } catch (const c10::Error& exception) {
    error = failed(*executor, exception.what_without_backtrace());
  } catch (const std::exception& exception) {
    error = failed(*executor, exception.what());
  }
  softnpu_executor_give(executor);
  return error;
}

void discard_task(void* argument) {
  softnpu_executor_give(static_cast<aclOpExecutor*>(argument));
}

aclnnStatus check_launch(const Operator& op, void* workspace, uint64_t size, aclOpExecutor* executor) {
  if (executor->state == ExecutorState::kFree)
    return softnpu_error(ACLNN_ERR_INNER_NULLPTR_EXECUTOR,
                         "%s: the executor was used or destroyed before this call; make a new one or make it "
                         "repeatable",
                         op.name);
  if (executor->op != &op)
    return softnpu_error(ACLNN_ERR_PARAM_INVALID, "%s: the executor was made by %s", op.name,
                         executor->op->name);
  if (executor->workspace_size > 0 && (workspace == nullptr || size < executor->workspace_size))
    return softnpu_error(ACLNN_ERR_PARAM_INVALID,
                         "%s: the workspace has %llu bytes, phase one asked for %llu", op.name,
                         static_cast<unsigned long long>(workspace == nullptr ? 0 : size),
                         static_cast<unsigned long long>(executor->workspace_size));
  if (!strict()) return ACLNN_SUCCESS;
  int32_t device = -1;
  const aclError error = softnpu_require_device(&device);
  if (error != ACL_SUCCESS) return error;
  for (const CapturedTensor& captured : executor->captured) {
    if (captured.tensor->generation.load(std::memory_order_relaxed) != captured.generation)
      return softnpu_error(ACLNN_ERR_PARAM_INVALID,
                           "%s: a tensor was destroyed between phase one and phase two", op.name);
  }
  if (executor->workspace_size > 0 && softnpu_device_of(workspace, executor->workspace_size) != device)
    return softnpu_error(ACLNN_ERR_PARAM_INVALID, "%s: the workspace at %p is not memory of device %d",
                         op.name, workspace, device);
  return ACLNN_SUCCESS;
}

}  // namespace

OneThread::OneThread(bool wanted) : wanted_(wanted) {
  if (!wanted_) return;
  before_ = at::get_num_threads();  // also lets ATen set this thread's default now and not over what follows
  if (omp_set_num_threads != nullptr) omp_set_num_threads(1);
  if (MKL_Set_Num_Threads_Local != nullptr) before_mkl_ = MKL_Set_Num_Threads_Local(1);
}

OneThread::~OneThread() {
  if (!wanted_) return;
  if (omp_set_num_threads != nullptr) omp_set_num_threads(before_);
  if (MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(before_mkl_);
}

namespace {

struct Team {
  int64_t count;
  void (*part)(const void* context, int64_t i);
  const void* context;
  std::atomic_flag failed = ATOMIC_FLAG_INIT;
  std::exception_ptr error = nullptr;

  void run(int64_t first, int64_t step) {
    const BackendOnly backend;
    const OneThread alone;
    const c10::ParallelGuard inside(true);
    try {
      for (int64_t i = first; i < count; i += step) part(context, i);
    } catch (...) {
      if (!failed.test_and_set()) error = std::current_exception();
    }
  }
};

void run_member(void* team) {
  static_cast<Team*>(team)->run(omp_get_thread_num(), omp_get_num_threads());
}

}  // namespace

void run_parts(int64_t count, void (*part)(const void* context, int64_t i), const void* context) {
  Team team{count, part, context};
  const int64_t members = std::min<int64_t>(count, std::max(threads, 1));
  if (members > 1 && GOMP_parallel != nullptr) {
    GOMP_parallel(&run_member, &team, static_cast<unsigned>(members), 0);
  } else {
    team.run(0, 1);
  }
  if (team.error) std::rethrow_exception(team.error);
}

bool checking() {
  return pass != Pass::kRun;
}

Pass current_pass() {
  return pass;
}

Registration::Registration(const Operator& op) {
  registered().insert(op.name);
}

aclnnStatus launch(const Operator& op, void* workspace, uint64_t size, aclOpExecutor* executor,
                   aclrtStream stream) {
  if (executor == nullptr)
    return softnpu_error(ACLNN_ERR_INNER_NULLPTR_EXECUTOR, "%s: executor is a null pointer", op.name);
  const bool repeatable = executor->state == ExecutorState::kRepeatable;
  aclnnStatus status = check_launch(op, workspace, size, executor);
  if (status == ACLNN_SUCCESS && executor->raw.loop != nullptr) {
    status = softnpu_enqueue_inline(stream, &run_raw, &executor->raw);
    if (!repeatable) softnpu_executor_give(executor);
    return status;
  }
  if (status == ACLNN_SUCCESS) {
    aclOpExecutor* task = repeatable ? softnpu_executor_clone(executor) : executor;
    if (task == nullptr) return softnpu_error(ACLNN_ERR_INNER, "%s: out of host memory", op.name);
    task->workspace = workspace;
    task->captured.clear();
    status = softnpu_enqueue(stream, &run_task, &discard_task, task);
    if (status != ACLNN_SUCCESS && repeatable) softnpu_executor_give(task);
  }
  if (status != ACLNN_SUCCESS && executor->state == ExecutorState::kReady) softnpu_executor_give(executor);
  return status;
}

bool check_pass(aclOpExecutor& executor, Check check, std::string& problem) {
  BackendOnly backend;
  at::DisableRecordFunctionGuard unrecorded;
  Silent silent;
  c10::WarningUtils::WarningHandlerGuard quiet(&silent);
  pass = check == Check::kPointwise ? Pass::kFewElements : Pass::kMeta;
  bool passed = false;
  try {
    if (check == Check::kPointwise) check_pointwise_shapes(executor);
    executor.invoke(executor);
    passed = true;
  } catch (const c10::Error& exception) {
    problem = exception.what_without_backtrace();
  } catch (const std::exception& exception) {
    problem = exception.what();
  }
  pass = Pass::kRun;
  return passed;
}

aclOpExecutor& running_executor() {
  TORCH_INTERNAL_ASSERT(running != nullptr);
  return *running;
}

}  // namespace softnpu

// True where a row implements `name` ("aclnnAdd").
extern "C" __attribute__((visibility("default"))) bool softnpu_has_operator(const char* name) {
  return name != nullptr && softnpu::registered().count(name) != 0;
}
