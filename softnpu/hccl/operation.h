// One call of the ABI on its way to a stream: its arguments, checked, and what the worker needs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hccl/hccl.h"
#include "softnpu/hccl/comm.h"
#include "softnpu/hccl/dtype.h"

namespace softnpu::hccl {

struct Operation {
  Comm* comm = nullptr;  // a reference
  const char* call = "";
  Header header{};
  uint64_t ticket = 0;
  size_t element = 1;  // bytes
  const void* send = nullptr;
  void* recv = nullptr;
  // Of the operations with a count for every rank, in elements.
  std::vector<uint64_t> send_counts, send_displacements, recv_counts, recv_displacements;
  std::vector<HcclSendRecvItem> items;  // messages; then this is no collective

  bool is_collective() const { return items.empty(); }
  // "HcclAllReduce #17 of communicator 'x' on rank 0"
  std::string title() const;
};

// What an operation does, by HcclCMDType; on the worker.
aclError perform(const Operation& operation);
aclError perform_messages(const Operation& operation);

// Checks arguments one by one and keeps the first refusal; then submits. Every entry point is one chain.
class Request {
 public:
  Request(const char* call, HcclComm comm, aclrtStream stream) noexcept;
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  uint32_t size() const { return comm_ == nullptr ? 1 : comm_->size(); }
  uint32_t rank() const { return comm_ == nullptr ? 0 : comm_->rank(); }

  Request& op(HcclCMDType op, HcclDataType dtype, uint64_t count);
  Request& reduce(HcclReduceOp op);
  Request& root(uint32_t root);
  // Buffers in elements; on ranks where `used` is false anything goes.
  Request& send(const void* buffer, uint64_t elements, bool used = true);
  Request& recv(const void* buffer, uint64_t elements, bool used = true);
  // The buffers may overlap only where one of them begins `elements` into the other.
  Request& in_place_at(int64_t send_offset, int64_t recv_offset);
  Request& apart();
  Request& message(const HcclSendRecvItem& item);
  Request& counts(const char* name, const void* values, std::vector<uint64_t>* into);
  Request& require(bool holds, HcclResult code, const char* format, ...)
      __attribute__((format(printf, 4, 5)));

  bool fine() const { return result_ == HCCL_SUCCESS; }
  Operation& operation() { return *operation_; }
  HcclResult submit();

 private:
  void refuse(HcclResult code, const std::string& text);
  void check_buffer(const char* name, const void* buffer, uint64_t elements);

  const char* call_;
  aclrtStream stream_;
  Comm* comm_ = nullptr;
  HcclResult result_ = HCCL_SUCCESS;
  std::unique_ptr<Operation> operation_;
  uint64_t send_elements_ = 0, recv_elements_ = 0;
};

// Calls of a group (HcclGroupStart) are kept until it ends. False where no group is open on this thread.
bool keep_for_group(std::unique_ptr<Operation>& operation, aclrtStream stream);

}  // namespace softnpu::hccl
