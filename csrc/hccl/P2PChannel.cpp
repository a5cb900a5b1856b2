#include "csrc/hccl/P2PChannel.h"

#include <pthread.h>

#include <thread>
#include <utility>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

// The same failure, said of the message that waited for the connection.
std::exception_ptr failure_of(const Operation& operation, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const c10::Error& error) {
    return std::make_exception_ptr(c10::DistBackendError(
        {__func__, __FILE__, __LINE__}, operation.failure_text(error.what_without_backtrace())));
  } catch (...) {
    return failure;
  }
}

}  // namespace

void P2PChannel::post(const std::shared_ptr<Operation>& operation, const HcclSendRecvItem& item) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  if (comm_ != nullptr) {
    std::lock_guard<std::mutex> order(comm_->mutex());
    comm_->wait_for(getCurrentNPUStream(comm_->device()));
    return enqueue(*comm_, *operation, item);
  }
  Message message{operation, item, NPUEvent()};
  message.ready.record();
  waiting_.push_back(std::move(message));
  if (std::exchange(connecting_, true)) return;
  std::thread thread([self = shared_from_this()] { self->connect(); });
  pthread_setname_np(thread.native_handle(), "hccl_connect");
  thread.detach();
}

std::shared_ptr<HcclComm> P2PChannel::communicator() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return comm_;
}

void P2PChannel::connect() noexcept {
  std::shared_ptr<HcclComm> comm;
  std::exception_ptr failure;
  try {
    comm = connect_();
  } catch (...) {
    failure = std::current_exception();
  }
  std::vector<Message> done;  // let go of without the lock
  std::lock_guard<std::mutex> lock(mutex_);
  comm_ = comm;
  failure_ = failure;
  done.swap(waiting_);
  for (Message& message : done) {
    if (failure != nullptr) {
      message.operation->abandon(failure_of(*message.operation, failure));
      continue;
    }
    try {
      const NPUGuard guard(comm->device());
      std::lock_guard<std::mutex> order(comm->mutex());
      message.ready.block(comm->stream());
      enqueue(*comm, *message.operation, message.item);
    } catch (...) {
      message.operation->abandon(std::current_exception());
    }
  }
}

void P2PChannel::enqueue(HcclComm& comm, Operation& operation, const HcclSendRecvItem& item) {
  const NPUGuard guard(comm.device());
  operation.begin(comm.stream());
  if (item.count != 0) {
    const auto peer = static_cast<uint32_t>(1 - comm.rank());
    if (item.sendRecvType == HCCL_SEND) {
      HCCL_CHECK(api().HcclSend(item.buf, item.count, item.dataType, peer, comm.handle(), comm.stream()));
    } else {
      HCCL_CHECK(api().HcclRecv(item.buf, item.count, item.dataType, peer, comm.handle(), comm.stream()));
    }
  }
  operation.end(comm.stream());
}

}  // namespace npu
