// Between two ranks: messages of their own, and batches of them.
#include <algorithm>
#include <thread>
#include <utility>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/HcclDType.h"
#include "csrc/core/NPUGuard.h"
#include "csrc/hccl/ProcessGroupHCCL.h"

namespace npu {
namespace {

using std::chrono::milliseconds;

// What a thread that connects two ranks needs; it may outlive the group.
struct Pair {
  c10::intrusive_ptr<c10d::Store> store;
  std::shared_ptr<GroupStatus> status;
  std::shared_ptr<Communicators> communicators;
  HcclCommConfig config;
  NPUStream stream;
  milliseconds timeout;
  int number;  // of the device, in the order in which the group uses several
  int source, destination;

  std::shared_ptr<HcclComm> connect() const;
  std::shared_ptr<HcclComm> from_group(const Meeting& meeting) const;
};

// Where the ranks of the group have a communicator, that of two of them is made from it without a meeting.
// The two may see that differently, as one may send before and the other receive after the first collective;
// so the first to come decides, in the store.
std::shared_ptr<HcclComm> Pair::connect() const {
  const c10::intrusive_ptr<c10d::Store> own_store = store->clone();
  const std::string key = "hccl/pair/" + std::to_string(source) + ":" + std::to_string(destination) + "/" +
                          std::to_string(number);
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
  const auto size = static_cast<uint64_t>(status->size());
  return HcclComm::split(whole, {first, second}, first * size + second, status->rank() == source ? 0 : 1,
                         config, stream);
}

}  // namespace

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

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::send(Tensors& tensors, int destination, int) {
  return message(c10d::OpType::SEND, "send", tensors, destination);
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::recv(Tensors& tensors, int source, int) {
  return message(c10d::OpType::RECV, "recv", tensors, source);
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::recvAnysource(Tensors&, int) {
  checks("recv").fail("hccl cannot receive from any rank; name the source.");
}

// With mutex_ held.
int ProcessGroupHCCL::message_number_of(c10::DeviceIndex device) {
  const auto found = std::find(message_devices_.begin(), message_devices_.end(), device);
  if (found != message_devices_.end()) return static_cast<int>(found - message_devices_.begin());
  message_devices_.push_back(device);
  return static_cast<int>(message_devices_.size()) - 1;
}

std::shared_ptr<P2PChannel> ProcessGroupHCCL::channel(c10::DeviceIndex device, int source, int destination) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<P2PChannel>& found = channels_[{device, source, destination}];
  if (found == nullptr) {
    status_->set_name(options_->group_name, getGroupDesc());
    const int number = message_number_of(device);
    const std::string suffix = "_" + std::to_string(source) + "to" + std::to_string(destination);
    const Pair pair{.store = store_,
                    .status = status_,
                    .communicators = communicators_,
                    .config = config(suffix, number, true),
                    .stream = new_stream(device),
                    .timeout = options_->timeout,
                    .number = number,
                    .source = source,
                    .destination = destination};
    found = std::make_shared<P2PChannel>([pair] { return pair.connect(); });
  }
  return found;
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

}  // namespace npu
