#include "csrc/hccl/ProcessGroupHCCL.h"

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <ATen/core/LegacyTypeDispatch.h>
#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Env.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLastOperations(5000);  // how long what is under way may take when nobody asks for it
constexpr milliseconds kLastLook(500);
constexpr milliseconds kForever = std::chrono::hours(24 * 365);
constexpr uint64_t kSplitIds = uint64_t{1} << 40;  // ids of splits, above those of pairs of ranks

struct Groups {
  std::mutex mutex;
  std::set<ProcessGroupHCCL*> alive;
};

Groups& groups() {
  static auto* instance = new Groups;  // groups may be destroyed after static objects
  return *instance;
}

}  // namespace

ProcessGroupHCCL::Options::Options(bool high_priority)
    : c10d::Backend::Options(kName), is_high_priority_stream(high_priority) {}

ProcessGroupHCCL::ProcessGroupHCCL(c10::intrusive_ptr<c10d::Store> store, int rank, int size,
                                   c10::intrusive_ptr<Options> options)
    : Backend(rank, size),
      store_(std::move(store)),
      options_(std::move(options)),
      status_(std::make_shared<GroupStatus>(rank, size, options_->global_ranks_in_group)),
      communicators_(std::make_shared<Communicators>()) {
  TORCH_CHECK_VALUE(store_ != nullptr, "A process group of hccl needs a store.");
  TORCH_CHECK_VALUE(size > 0 && rank >= 0 && rank < size, "There is no rank ", rank, " in a group of ", size,
                    " ranks.");
  TORCH_CHECK_VALUE(options_->timeout.count() > 0, "The time-out of a process group must be positive.");
  check_hccl_config(options_->hccl_config);
  env::get_choice("TORCH_HCCL_ASYNC_ERROR_HANDLING");  // a wrong value is told here and not by a thread
  status_->set_name(options_->group_name, "");
  std::lock_guard<std::mutex> lock(groups().mutex);
  groups().alive.insert(this);
}

ProcessGroupHCCL::~ProcessGroupHCCL() {
  if (in_bad_fork()) return;
  {
    std::lock_guard<std::mutex> lock(groups().mutex);
    groups().alive.erase(this);
  }
  finish(kLastOperations, true);
}

void ProcessGroupHCCL::shutdown_all(milliseconds limit) noexcept {
  const auto deadline = Operation::Clock::now() + limit;
  if (in_bad_fork()) return;  // the threads and the locks of the parent are not ours
  std::lock_guard<std::mutex> lock(groups().mutex);
  for (ProcessGroupHCCL* group : groups().alive) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Operation::Clock::now());
    group->finish(std::max(left, milliseconds(0)), true);
  }
}

// ------------------------------------------------------------------ the engine

void ProcessGroupHCCL::check_usable() const {
  TORCH_CHECK_WITH(DistBackendError, !closed_.load(), status_->speaker(), " ", status_->name(),
                   " was destroyed; make a new one with init_process_group() or new_group().");
  status_->rethrow_failure();
}

Checks ProcessGroupHCCL::checks(const char* call) {
  return Checks(status_->speaker(), call, getSize(), [this] { drop_batch(); });
}

milliseconds ProcessGroupHCCL::timeout_of(milliseconds asked) const {
  const bool unset = asked == c10d::kUnsetTimeout || asked == kNoTimeout;
  return std::min(unset ? options_->timeout : asked, kForever);
}

std::shared_ptr<Operation> ProcessGroupHCCL::new_operation(c10d::OpType type, std::string peer,
                                                           uint64_t sequence, c10::DeviceIndex device,
                                                           milliseconds timeout) {
  return std::make_shared<Operation>(status_, type, std::move(peer), sequence, getCurrentNPUStream(device),
                                     timeout_of(timeout), timing_.load());
}

c10::intrusive_ptr<WorkHCCL> ProcessGroupHCCL::new_work(const std::shared_ptr<Operation>& operation,
                                                        const Tensors& outputs, bool blocks,
                                                        const char* title, const Tensors& inputs) {
  static const bool always = env::get_flag("TORCH_HCCL_BLOCKING_WAIT");
  return c10::make_intrusive<WorkHCCL>(operation, outputs, blocks || always, getRank(), title, inputs);
}

Watchdog& ProcessGroupHCCL::watchdog() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (watchdog_ == nullptr) watchdog_ = Watchdog::start(status_, communicators_, store_);
  return *watchdog_;
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::collective(const Call& call, c10::DeviceIndex device,
                                                       const Tensors& inputs, const Tensors& outputs,
                                                       Body body) {
  try {
    check_usable();
    const NPUGuard guard(device);
    const std::shared_ptr<HcclComm> comm = communicator(device);
    const auto operation = new_operation(call.type, "", ++sequence_, device, call.timeout);
    operation->keep(inputs);
    operation->keep(outputs);
    const auto work = new_work(operation, outputs, call.blocks, call.title, inputs);
    work->set_communicator(comm);
    std::exception_ptr error;
    {
      std::lock_guard<std::mutex> order(comm->mutex());
      comm->wait_for(getCurrentNPUStream(device));
      const NPUStreamGuard on_stream(comm->stream());
      const at::AutoDispatchBelowADInplaceOrView no_autograd;
      operation->begin(comm->stream());
      try {
        body(HcclLink{comm->handle(), comm->stream().stream(), comm->rank(), comm->size()});
      } catch (...) {  // part of it may have been enqueued, so its tensors are kept to the end all the same
        error = std::current_exception();
      }
      operation->end(comm->stream());
    }
    watchdog().watch(operation);
    work->end_profiling();
    if (error != nullptr) raise(error, *operation, *comm);
    if (is_coalescing()) batch_->device = device;
    return work;
  } catch (...) {
    drop_batch();
    throw;
  }
}

// A call is refused for its own sake, or because the communicator has failed before, which ends the group.
void ProcessGroupHCCL::raise(const std::exception_ptr& error, const Operation& operation,
                             const HcclComm& comm) {
  std::string reason;
  if (comm.async_error(&reason) != HCCL_SUCCESS) {
    watchdog().drain(kLastLook);  // it is about to see which operation failed
    status_->fail(c10d::ErrorType::COMM_ERROR, operation.failure_text(reason));
    status_->rethrow_failure();
  }
  std::rethrow_exception(error);
}

// ------------------------------------------------------------------ communicators

NPUStream ProcessGroupHCCL::new_stream(c10::DeviceIndex device) const {
  return getStreamFromPool(options_->is_high_priority_stream || env::get_flag("TORCH_HCCL_HIGH_PRIORITY"),
                           device);
}

// Names of communicators are the same on all ranks and different within a process.
HcclCommConfig ProcessGroupHCCL::config(std::string suffix, int number, bool messages) const {
  if (number != 0) suffix += "_" + std::to_string(number);
  HcclConfigValues values = options_->hccl_config;
  std::string name = options_->group_name;
  if (const auto given = values.find("group_name"); given != values.end()) {
    name = std::get<std::string>(given->second);
    values.erase(given);
  }
  if (messages) values["hccl_buffer_size"] = std::max<int64_t>(env::get_integer("P2P_HCCL_BUFFSIZE"), 1);
  return make_hccl_config(values, name.empty() ? "" : name + suffix);
}

std::shared_ptr<HcclComm> ProcessGroupHCCL::communicator(c10::DeviceIndex device) {
  if (std::shared_ptr<HcclComm> found = communicators_->of_device(device)) return found;
  std::lock_guard<std::mutex> creation(creation_mutex_);
  if (std::shared_ptr<HcclComm> found = communicators_->of_device(device)) return found;
  status_->set_name(options_->group_name, getGroupDesc());
  std::shared_ptr<HcclComm> comm = make_communicator(device);
  communicators_->add_of_device(comm);
  return comm;
}

// The ranks of a group use their first devices together, then their second ones.
std::shared_ptr<HcclComm> ProcessGroupHCCL::make_communicator(c10::DeviceIndex device) {
  const auto number = static_cast<int>(communicators_->devices().size());
  const int attempt = attempts_++;  // all ranks try again, and not with what is left of the last time
  const HcclCommConfig settings = config("", number, false);
  if (attempt == 0 && split_from_ != nullptr && split_from_->device() == device) {
    return HcclComm::split(split_from_, split_ranks_, split_id_, getRank(), settings, new_stream(device));
  }
  const Meeting meeting{*store_, "hccl/root/" + std::to_string(attempt), options_->timeout,
                        status_->speaker() + " " + status_->name(),
                        [this] { return closed_.load() || status_->failed(); }};
  return HcclComm::meet(meeting, getRank(), getSize(), settings, new_stream(device));
}

std::string ProcessGroupHCCL::communicator_name(bool create) {
  check_usable();
  const c10::DeviceIndex device = current_device();
  const std::shared_ptr<HcclComm> comm = create ? communicator(device) : communicators_->of_device(device);
  return comm != nullptr ? comm->name() : "";
}

void ProcessGroupHCCL::eagerConnectSingleDevice(at::Device device) {
  check_usable();
  TORCH_CHECK_VALUE(device.is_privateuseone() && device.has_index(), status_->speaker(),
                    " a group of hccl connects devices of npu with an index, not ", device, ".");
  communicator(device.index());
}

c10::intrusive_ptr<c10d::Backend> ProcessGroupHCCL::split(
    const c10::intrusive_ptr<c10d::Store>& store, const std::vector<int>& ranks,
    const c10::intrusive_ptr<c10d::Backend::Options>& opts) {
  check_usable();
  const uint64_t id = kSplitIds + splits_++;
  const auto found = std::find(ranks.begin(), ranks.end(), getRank());
  if (found == ranks.end()) return nullptr;
  const auto* base = dynamic_cast<const Options*>(opts.get());
  TORCH_CHECK_VALUE(base != nullptr, status_->speaker(),
                    " the options of a split of hccl must be ProcessGroupHCCL.Options.");
  auto options = c10::make_intrusive<Options>(*base);
  options->global_ranks_in_group.clear();
  for (const int rank : ranks) options->global_ranks_in_group.push_back(status_->global(rank));
  auto child = c10::make_intrusive<ProcessGroupHCCL>(store, static_cast<int>(found - ranks.begin()),
                                                     static_cast<int>(ranks.size()), options);
  const std::vector<c10::DeviceIndex> devices = communicators_->devices();
  const std::shared_ptr<HcclComm> comm =
      devices.size() == 1 ? communicators_->of_device(devices[0]) : nullptr;
  if (comm != nullptr && comm->can_split()) {
    child->split_from_ = comm;
    child->split_ranks_.assign(ranks.begin(), ranks.end());
    child->split_id_ = id;
  }
  return child;
}

// ------------------------------------------------------------------ the end

void ProcessGroupHCCL::setTimeout(milliseconds timeout) {
  TORCH_CHECK_VALUE(timeout.count() > 0, "The time-out of a process group must be positive.");
  options_->timeout = timeout;
}

void ProcessGroupHCCL::waitForPendingWorks() {
  check_usable();
  watchdog().drain(kForever);
  status_->rethrow_failure();
}

c10d::ErrorType ProcessGroupHCCL::getError() {
  return status_->error_type();
}

void ProcessGroupHCCL::abort() {
  status_->fail(c10d::ErrorType::COMM_ERROR, status_->speaker() + " " + status_->name() + " was aborted.");
  finish(milliseconds(0), false);
}

// The watchdog ends what lasts longer than its time-out, so this ends too.
void ProcessGroupHCCL::shutdown() {
  finish(kForever, true);
}

void ProcessGroupHCCL::finish(milliseconds limit, bool wait) noexcept {
  if (closed_.exchange(true) || in_bad_fork()) return;
  drop_batch();
  std::shared_ptr<Watchdog> watchdog;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    watchdog = watchdog_;
    channels_.clear();
  }
  if (wait && watchdog != nullptr) watchdog->drain(limit);
  communicators_->abort();
  if (watchdog != nullptr) watchdog->stop(kLastOperations);
}

}  // namespace npu
