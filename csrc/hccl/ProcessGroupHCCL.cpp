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
#include "csrc/acl/Error.h"
#include "csrc/acl/HcclDType.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLastOperations(5000);  // how long what is under way may take when nobody asks for it
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

// What a thread that connects two ranks needs; it may outlive the group.
struct Pair {
  c10::intrusive_ptr<c10d::Store> store;
  std::shared_ptr<GroupStatus> status;
  std::shared_ptr<Communicators> communicators;
  HcclCommConfig config;
  NPUStream stream;
  milliseconds timeout;
  int source, destination;

  std::shared_ptr<HcclComm> connect() const;
  std::shared_ptr<HcclComm> from_group(const Meeting& meeting) const;
};

// Where the ranks of the group have a communicator, that of two of them is made from it without a meeting.
// The two may see that differently, as one may send before and the other receive after the first collective;
// so the first to come decides, in the store.
std::shared_ptr<HcclComm> Pair::connect() const {
  const c10::intrusive_ptr<c10d::Store> own_store = store->clone();
  const std::string key = "hccl/pair/" + std::to_string(source) + ":" + std::to_string(destination);
  const Meeting meeting{*own_store, key, timeout, status->speaker() + " " + status->name(),
                        [this] { return status->failed() || communicators->is_aborted(); }};
  const std::shared_ptr<HcclComm> whole = communicators->of_device(stream.device_index());
  const std::string wish = whole != nullptr && whole->can_split() ? "split" : "meet";
  const std::vector<uint8_t> decided =
      own_store->compareSet(key + "/way", {}, std::vector<uint8_t>(wish.begin(), wish.end()));
  std::shared_ptr<HcclComm> comm;
  if (std::string(decided.begin(), decided.end()) == "split") {
    comm = from_group(meeting);
  } else {
    comm = HcclComm::meet(meeting, status->rank() == source ? 0 : 1, 2, config, stream);
  }
  communicators->add(comm);
  return comm;
}

std::shared_ptr<HcclComm> Pair::from_group(const Meeting& meeting) const {
  std::shared_ptr<HcclComm> whole;
  while ((whole = communicators->of_device(stream.device_index())) == nullptr) {
    TORCH_CHECK_WITH(DistBackendError, !meeting.is_given_up(), meeting.purpose,
                     " was given up before two of its ranks were connected.");
    std::this_thread::sleep_for(milliseconds(2));
  }
  const auto first = static_cast<uint32_t>(source);
  const auto second = static_cast<uint32_t>(destination);
  const uint64_t id = static_cast<uint64_t>(source) * static_cast<uint64_t>(status->size()) + second;
  return HcclComm::split(whole, {first, second}, id, status->rank() == source ? 0 : 1, config, stream);
}

}  // namespace

// Messages that were collected since startCoalescing().
struct ProcessGroupHCCL::Batch {
  std::thread::id owner = std::this_thread::get_id();
  std::optional<c10::DeviceIndex> device;
  std::shared_ptr<Operation> operation;  // of the messages, where there are any
  std::vector<HcclSendRecvItem> items;
  Tensors tensors;
};

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
  {
    std::lock_guard<std::mutex> lock(groups().mutex);
    groups().alive.erase(this);
  }
  finish(kLastOperations, true);
}

void ProcessGroupHCCL::shutdown_all(milliseconds limit) noexcept {
  const auto deadline = Operation::Clock::now() + limit;
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
    if (error != nullptr) std::rethrow_exception(error);
    if (is_coalescing()) batch_->device = device;
    return work;
  } catch (...) {
    drop_batch();
    throw;
  }
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::message(c10d::OpType type, const char* name, Tensors& tensors,
                                                    int peer) {
  const Checks check = checks(name);
  const at::Tensor& tensor = check.only(tensors);
  const c10::DeviceIndex device = check.device_of(tensors);
  check.root(peer);
  const bool sends = type == c10d::OpType::SEND;
  check.require(peer != getRank(), "a rank cannot ", sends ? "send to" : "receive from",
                " itself; copy the tensor.");
  const HcclElement element = hccl_element(tensor.scalar_type());
  const HcclSendRecvItem item{sends ? HCCL_SEND : HCCL_RECV, tensor.data_ptr(),
                              static_cast<uint64_t>(tensor.numel() * element.parts), element.dtype,
                              static_cast<uint32_t>(peer)};
  try {
    check_usable();
    const NPUGuard guard(device);
    if (is_coalescing()) return collect(item, tensor);
    const std::string other = (sends ? "to rank " : "from rank ") + std::to_string(status_->global(peer));
    const auto operation = new_operation(type, other, ++message_sequence_, device, c10d::kUnsetTimeout);
    operation->keep(tensors);
    const auto work = new_work(operation, tensors, false, sends ? "hccl:send" : "hccl:recv", tensors);
    const std::shared_ptr<P2PChannel> way =
        sends ? channel(device, getRank(), peer) : channel(device, peer, getRank());
    way->post(operation, item);
    work->set_communicator(way->communicator());
    watchdog().watch(operation);
    work->end_profiling();
    return work;
  } catch (...) {
    drop_batch();
    throw;
  }
}

// ------------------------------------------------------------------ coalescing

bool ProcessGroupHCCL::is_coalescing() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return batch_ != nullptr && batch_->owner == std::this_thread::get_id();
}

// A block that was left by an exception of the program is never ended, so an open one is no error here.
void ProcessGroupHCCL::startCoalescing() {
  check_usable();
  drop_batch();
  std::lock_guard<std::mutex> lock(mutex_);
  batch_ = std::make_unique<Batch>();
}

void ProcessGroupHCCL::drop_batch() noexcept {
  if (!is_coalescing()) return;
  std::unique_ptr<Batch> batch;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    batch = std::move(batch_);
  }
  if (batch->operation == nullptr) return;
  batch->operation->abandon(std::make_exception_ptr(c10::DistBackendError(
      {__func__, __FILE__, __LINE__}, status_->speaker() + " " + batch->operation->title() +
                                          " was dropped, because its batch was not ended.")));
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::collect(const HcclSendRecvItem& item, const at::Tensor& tensor) {
  Batch& batch = *batch_;
  const c10::DeviceIndex device = tensor.device().index();
  TORCH_CHECK_VALUE(!batch.device.has_value() || *batch.device == device, status_->speaker(),
                    " the tensors of a batch are on npu:", static_cast<int>(batch.device.value_or(device)),
                    " and npu:", static_cast<int>(device), ", but must be on one device.");
  batch.device = device;
  if (batch.operation == nullptr) {
    batch.operation = new_operation(c10d::OpType::COALESCED, "of messages", ++message_sequence_, device,
                                    c10d::kUnsetTimeout);
    batch.operation->collect();
  }
  if (item.count != 0) batch.items.push_back(item);
  batch.tensors.push_back(tensor);
  return new_work(batch.operation, {tensor}, false, nullptr, {});
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::endCoalescing() {
  TORCH_CHECK_WITH(DistBackendError, is_coalescing(), status_->speaker(), " ", status_->name(),
                   " has no batch to end: none was started, or a call in it failed.");
  if (!batch_->device.has_value()) {  // nothing was called
    drop_batch();
    return nullptr;
  }
  const c10::DeviceIndex device = *batch_->device;
  const Call call{c10d::OpType::COALESCED, "hccl:coalesced", c10d::kUnsetTimeout};
  if (batch_->operation == nullptr) {  // collectives only: the end of the last is the end of all
    drop_batch();
    return collective(call, device, {}, {}, [](const HcclLink&) {});
  }
  try {
    check_usable();
    const NPUGuard guard(device);
    const std::shared_ptr<HcclComm> comm = communicator(device);
    const std::shared_ptr<Operation> operation = batch_->operation;
    const auto work = new_work(operation, batch_->tensors, false, call.title, batch_->tensors);
    work->set_communicator(comm);
    operation->keep(batch_->tensors);
    {
      std::lock_guard<std::mutex> order(comm->mutex());
      comm->wait_for(getCurrentNPUStream(device));
      operation->begin(comm->stream());
      if (!batch_->items.empty()) {
        HCCL_CHECK(api().HcclBatchSendRecv(batch_->items.data(), static_cast<uint32_t>(batch_->items.size()),
                                           comm->handle(), comm->stream()));
      }
      operation->end(comm->stream());
    }
    watchdog().watch(operation);
    work->end_profiling();
    std::lock_guard<std::mutex> lock(mutex_);
    batch_ = nullptr;
    return work;
  } catch (...) {
    drop_batch();
    throw;
  }
}

// ------------------------------------------------------------------ communicators

NPUStream ProcessGroupHCCL::new_stream(c10::DeviceIndex device) const {
  return getStreamFromPool(options_->is_high_priority_stream || env::get_flag("TORCH_HCCL_HIGH_PRIORITY"),
                           device);
}

// Names of communicators are the same on all ranks and different within a process.
HcclCommConfig ProcessGroupHCCL::config(const std::string& suffix, bool messages) const {
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
  const int number = creations_++;
  const HcclCommConfig settings = config(number == 0 ? "" : "_" + std::to_string(number), false);
  if (number == 0 && split_from_ != nullptr && split_from_->device() == device) {
    return HcclComm::split(split_from_, split_ranks_, split_id_, getRank(), settings, new_stream(device));
  }
  const Meeting meeting{*store_, "hccl/root/" + std::to_string(number), options_->timeout,
                        status_->speaker() + " " + status_->name(),
                        [this] { return closed_.load() || status_->failed(); }};
  return HcclComm::meet(meeting, getRank(), getSize(), settings, new_stream(device));
}

std::shared_ptr<P2PChannel> ProcessGroupHCCL::channel(c10::DeviceIndex device, int source, int destination) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<P2PChannel>& found = channels_[{device, source, destination}];
  if (found == nullptr) {
    status_->set_name(options_->group_name, getGroupDesc());
    const std::string suffix = "_" + std::to_string(source) + "to" + std::to_string(destination);
    const Pair pair{
        store_, status_,    communicators_, config(suffix, true), new_stream(device), options_->timeout,
        source, destination};
    found = std::make_shared<P2PChannel>([pair] { return pair.connect(); });
  }
  return found;
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
  if (closed_.exchange(true)) return;
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
