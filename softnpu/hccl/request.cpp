#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <utility>

#include "softnpu/hccl/operation.h"

namespace softnpu::hccl {
namespace {

constexpr uint64_t kMaxCount = 0x7FFFFFFFF;

bool overlaps(const void* a, uint64_t a_bytes, const void* b, uint64_t b_bytes) {
  const auto x = reinterpret_cast<uintptr_t>(a), y = reinterpret_cast<uintptr_t>(b);
  return a != nullptr && b != nullptr && x < y + b_bytes && y < x + a_bytes;
}

}  // namespace

std::string Operation::title() const {
  std::string text = call;
  if (header.sequence != 0) text += " #" + std::to_string(header.sequence);
  return text + " of communicator '" + comm->name() + "' on rank " + std::to_string(comm->rank());
}

Request::Request(const char* call, HcclComm comm, aclrtStream stream) noexcept
    : call_(call), stream_(stream) {
  try {
    if (softnpu_require_device(nullptr) != ACL_SUCCESS) {
      result_ = HCCL_E_RUNTIME;  // no device, or a forked child; the text is the runtime's
      return;
    }
    comm_ = find_comm(comm, call, &result_);
    if (comm_ == nullptr) return;
    operation_ = std::make_unique<Operation>();
    operation_->call = call;
    operation_->header.reduce = -1;
    operation_->comm = comm_;  // for messages; submit() takes a reference of its own
    if (stream == nullptr) refuse(HCCL_E_PTR, "EI0003: the stream must not be null");
  } catch (const std::exception&) {
    result_ = HCCL_E_MEMORY;
  }
}

Request::~Request() {
  if (comm_ != nullptr) comm_->drop();
}

void Request::refuse(HcclResult code, const std::string& text) {
  if (!fine()) return;
  result_ = HcclResult(softnpu_error(code, "%s: %s.", call_, text.c_str()));
}

Request& Request::require(bool holds, HcclResult code, const char* format, ...) {
  if (holds || !fine()) return *this;
  char text[512];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  refuse(code, text);
  return *this;
}

Request& Request::op(HcclCMDType op, HcclDataType dtype, uint64_t count) {
  if (!fine()) return *this;
  Header& header = operation_->header;
  header.op = op;
  header.dtype = dtype;
  header.count = count;
  operation_->element = std::max<size_t>(element_size(dtype), 1);
  require(element_size(dtype) != 0, HCCL_E_NOT_SUPPORT, "EI0003: there is no dtype %d", int(dtype));
  require(can_move(dtype), HCCL_E_NOT_SUPPORT, "EI0003: %s is not supported by this SoC (%s)",
          dtype_name(dtype), softnpu_env("SOFTNPU_SOC"));
  return require(count <= kMaxCount, HCCL_E_PARA, "EI0003: the count %llu is greater than %llu",
                 static_cast<unsigned long long>(count), static_cast<unsigned long long>(kMaxCount));
}

Request& Request::reduce(HcclReduceOp op) {
  if (!fine()) return *this;
  const int32_t dtype = operation_->header.dtype;
  operation_->header.reduce = op;
  require(op >= HCCL_REDUCE_SUM && op <= HCCL_REDUCE_MIN, HCCL_E_NOT_SUPPORT,
          "EI0003: there is no reduction %d", int(op));
  return require(can_reduce(dtype, op), HCCL_E_NOT_SUPPORT, "EI0003: HCCL does not reduce %s with %s",
                 dtype_name(dtype), reduce_name(op));
}

Request& Request::root(uint32_t root) {
  if (!fine()) return *this;
  operation_->header.root = root;
  return require(root < size(), HCCL_E_PARA, "EI0003: the rank %u is not below the size %u", root, size());
}

void Request::check_buffer(const char* name, const void* buffer, uint64_t elements) {
  const size_t element = operation_->element;
  const uint64_t bytes = elements * element;
  if (elements == 0) return;
  require(buffer != nullptr, HCCL_E_PTR, "EI0003: %s must not be null", name);
  require(reinterpret_cast<uintptr_t>(buffer) % element == 0, HCCL_E_PARA,
          "EI0003: %s (%p) is not aligned to its element of %zu bytes", name, buffer, element);
  if (!fine()) return;
  const int32_t device = softnpu_device_of(buffer, bytes);
  require(device >= 0, HCCL_E_PARA, "EI0003: %s (%p) with %llu bytes is not memory of a device", name, buffer,
          static_cast<unsigned long long>(bytes));
  require(device == comm_->device(), HCCL_E_PARA,
          "EI0003: %s is memory of device %d, but the communicator belongs to device %d", name, device,
          comm_->device());
  require(softnpu_is_own(buffer, bytes), HCCL_E_NOT_SUPPORT,
          "%s is memory that was imported from another process; copy it first", name);
}

Request& Request::send(const void* buffer, uint64_t elements, bool used) {
  if (!fine() || !used) return *this;
  check_buffer("sendBuf", buffer, elements);
  operation_->send = buffer;
  operation_->header.send = reinterpret_cast<uint64_t>(buffer);
  send_elements_ = elements;
  return *this;
}

Request& Request::recv(const void* buffer, uint64_t elements, bool used) {
  if (!fine() || !used) return *this;
  check_buffer("recvBuf", buffer, elements);
  operation_->recv = const_cast<void*>(buffer);
  operation_->header.recv = reinterpret_cast<uint64_t>(buffer);
  recv_elements_ = elements;
  return *this;
}

Request& Request::in_place_at(int64_t send_offset, int64_t recv_offset) {
  if (!fine()) return *this;
  const auto element = static_cast<int64_t>(operation_->element);
  const auto* send = static_cast<const char*>(operation_->send) + send_offset * element;
  const auto* recv = static_cast<const char*>(operation_->recv) + recv_offset * element;
  return send == recv ? *this : apart();
}

Request& Request::apart() {
  if (!fine()) return *this;
  const size_t element = operation_->element;
  return require(
      !overlaps(operation_->send, send_elements_ * element, operation_->recv, recv_elements_ * element),
      HCCL_E_PARA, "EI0003: sendBuf and recvBuf overlap");
}

Request& Request::counts(const char* name, const void* values, std::vector<uint64_t>* into) {
  if (!fine()) return *this;
  require(values != nullptr, HCCL_E_PTR, "EI0003: %s must not be null", name);
  if (!fine()) return *this;
  const auto* list = static_cast<const uint64_t*>(values);
  into->assign(list, list + size());
  for (uint64_t value : *into) {
    require(value <= kMaxCount, HCCL_E_PARA, "EI0003: %s has the value %llu, which is greater than %llu",
            name, static_cast<unsigned long long>(value), static_cast<unsigned long long>(kMaxCount));
  }
  return *this;
}

Request& Request::message(const HcclSendRecvItem& item) {
  if (!fine()) return *this;
  const bool sends = item.sendRecvType == HCCL_SEND;
  require(sends || item.sendRecvType == HCCL_RECV, HCCL_E_PARA, "EI0003: there is no message type %d",
          int(item.sendRecvType));
  op(sends ? HCCL_CMD_SEND : HCCL_CMD_RECEIVE, item.dataType, item.count);
  require(item.remoteRank < size(), HCCL_E_PARA, "EI0003: the rank %u is not below the size %u",
          item.remoteRank, size());
  require(item.remoteRank != rank(), HCCL_E_PARA, "EI0003: rank %u cannot send to itself", rank());
  if (!fine()) return *this;
  check_buffer(sends ? "sendBuf" : "recvBuf", item.buf, item.count);
  if (fine()) operation_->items.push_back(item);
  return *this;
}

HcclResult Request::submit() {
  if (!fine()) return result_;
  try {
    if (HcclResult code = comm_->refuse_failed(); code != HCCL_SUCCESS) return code;
    if (keep_for_group(operation_, stream_)) return HCCL_SUCCESS;
    return comm_->submit(operation_, stream_);
  } catch (const std::exception&) {
    return HcclResult(softnpu_error(HCCL_E_MEMORY, "%s: the host is out of memory.", call_));
  }
}

}  // namespace softnpu::hccl
