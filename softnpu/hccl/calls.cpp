// libhccl: the operations. Each is one chain that checks the arguments and enqueues.
#include <numeric>
#include <vector>

#include "hccl/hccl.h"
#include "softnpu/hccl/operation.h"

namespace softnpu::hccl {
namespace {

// One past the last element that counts and displacements reach.
uint64_t extent(const std::vector<uint64_t>& counts, const std::vector<uint64_t>& displacements) {
  uint64_t end = 0;
  for (size_t i = 0; i < counts.size() && i < displacements.size(); ++i) {
    if (counts[i] != 0) end = std::max(end, displacements[i] + counts[i]);
  }
  return end;
}

// Names a list of numbers, so that ranks can tell whether they have the same (FNV-1a).
uint64_t fingerprint(const std::vector<uint64_t>& numbers) {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t number : numbers) hash = (hash ^ number) * 0x100000001b3;
  return hash;
}

std::vector<uint64_t> running_sum(const std::vector<uint64_t>& counts) {
  std::vector<uint64_t> before(counts.size(), 0);
  std::partial_sum(counts.begin(), counts.end() - 1, before.begin() + 1);
  return before;
}

}  // namespace
}  // namespace softnpu::hccl

using softnpu::hccl::Operation;
using softnpu::hccl::Request;

extern "C" {

HcclResult HcclAllReduce(void* sendBuf, void* recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                         HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_ALLREDUCE, dataType, count)
      .reduce(op)
      .send(sendBuf, count)
      .recv(recvBuf, count)
      .in_place_at(0, 0)
      .submit();
}

HcclResult HcclReduce(void* sendBuf, void* recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                      uint32_t root, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_REDUCE, dataType, count)
      .reduce(op)
      .root(root)
      .send(sendBuf, count)
      .recv(recvBuf, count, request.rank() == root)
      .in_place_at(0, 0)
      .submit();
}

HcclResult HcclBroadcast(void* buf, uint64_t count, HcclDataType dataType, uint32_t root, HcclComm comm,
                         aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_BROADCAST, dataType, count)
      .root(root)
      .send(buf, count)
      .recv(buf, count)
      .submit();
}

HcclResult HcclAllGather(void* sendBuf, void* recvBuf, uint64_t sendCount, HcclDataType dataType,
                         HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_ALLGATHER, dataType, sendCount)
      .send(sendBuf, sendCount)
      .recv(recvBuf, sendCount * request.size())
      .in_place_at(0, int64_t(sendCount * request.rank()))
      .submit();
}

HcclResult HcclReduceScatter(void* sendBuf, void* recvBuf, uint64_t recvCount, HcclDataType dataType,
                             HcclReduceOp op, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_REDUCE_SCATTER, dataType, recvCount)
      .reduce(op)
      .send(sendBuf, recvCount * request.size())
      .recv(recvBuf, recvCount)
      .in_place_at(int64_t(recvCount * request.rank()), 0)
      .submit();
}

HcclResult HcclScatter(void* sendBuf, void* recvBuf, uint64_t recvCount, HcclDataType dataType, uint32_t root,
                       HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_SCATTER, dataType, recvCount)
      .root(root)
      .send(sendBuf, recvCount * request.size(), request.rank() == root)
      .recv(recvBuf, recvCount)
      .in_place_at(int64_t(recvCount * request.rank()), 0)
      .submit();
}

HcclResult HcclAlltoAll(const void* sendBuf, uint64_t sendCount, HcclDataType sendType, const void* recvBuf,
                        uint64_t recvCount, HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_ALLTOALL, sendType, sendCount)
      .require(
          sendType == recvType && sendCount == recvCount, HCCL_E_PARA,
          "EI0003: what is sent to a rank (%llu of type %d) and received from it (%llu of type %d) differ",
          static_cast<unsigned long long>(sendCount), int(sendType),
          static_cast<unsigned long long>(recvCount), int(recvType))
      .send(sendBuf, sendCount * request.size())
      .recv(recvBuf, recvCount * request.size())
      .apart()
      .submit();
}

HcclResult HcclAlltoAllV(const void* sendBuf, const void* sendCounts, const void* sdispls,
                         HcclDataType sendType, const void* recvBuf, const void* recvCounts,
                         const void* rdispls, HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  request.op(HCCL_CMD_ALLTOALLV, sendType, 0)
      .require(sendType == recvType, HCCL_E_PARA, "EI0003: sendType %d and recvType %d differ", int(sendType),
               int(recvType));
  if (!request.fine()) return request.submit();
  Operation& made = request.operation();
  request.counts("sendCounts", sendCounts, &made.send_counts)
      .counts("sdispls", sdispls, &made.send_displacements)
      .counts("recvCounts", recvCounts, &made.recv_counts)
      .counts("rdispls", rdispls, &made.recv_displacements);
  if (!request.fine()) return request.submit();
  return request.send(sendBuf, softnpu::hccl::extent(made.send_counts, made.send_displacements))
      .recv(recvBuf, softnpu::hccl::extent(made.recv_counts, made.recv_displacements))
      .apart()
      .submit();
}

// sendCountMatrix[i * size + j]: elements from rank i to rank j, the same on all ranks; data lies packed.
HcclResult HcclAlltoAllVC(const void* sendBuf, const void* sendCountMatrix, HcclDataType sendType,
                          const void* recvBuf, HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  request.op(HCCL_CMD_ALLTOALLVC, sendType, 0)
      .require(sendType == recvType, HCCL_E_PARA, "EI0003: sendType %d and recvType %d differ", int(sendType),
               int(recvType))
      .require(sendCountMatrix != nullptr, HCCL_E_PTR, "EI0003: sendCountMatrix must not be null");
  if (!request.fine()) return request.submit();
  Operation& made = request.operation();
  const auto* matrix = static_cast<const uint64_t*>(sendCountMatrix);
  const uint32_t size = request.size(), rank = request.rank();
  for (uint32_t other = 0; other < size; ++other) {
    made.send_counts.push_back(matrix[rank * size + other]);
    made.recv_counts.push_back(matrix[other * size + rank]);
  }
  made.send_displacements = softnpu::hccl::running_sum(made.send_counts);
  made.recv_displacements = softnpu::hccl::running_sum(made.recv_counts);
  made.header.count = softnpu::hccl::fingerprint({matrix, matrix + size_t(size) * size});
  return request.send(sendBuf, softnpu::hccl::extent(made.send_counts, made.send_displacements))
      .recv(recvBuf, softnpu::hccl::extent(made.recv_counts, made.recv_displacements))
      .apart()
      .submit();
}

HcclResult HcclAllGatherV(void* sendBuf, uint64_t sendCount, void* recvBuf, const void* recvCounts,
                          const void* recvDispls, HcclDataType dataType, HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  request.op(HCCL_CMD_ALLGATHER_V, dataType, sendCount);
  if (!request.fine()) return request.submit();
  Operation& made = request.operation();
  request.counts("recvCounts", recvCounts, &made.recv_counts)
      .counts("recvDispls", recvDispls, &made.recv_displacements);
  if (!request.fine()) return request.submit();
  return request
      .require(made.recv_counts[request.rank()] == sendCount, HCCL_E_PARA,
               "EI0003: recvCounts[%u] is %llu, but sendCount is %llu", request.rank(),
               static_cast<unsigned long long>(made.recv_counts[request.rank()]),
               static_cast<unsigned long long>(sendCount))
      .send(sendBuf, sendCount)
      .recv(recvBuf, softnpu::hccl::extent(made.recv_counts, made.recv_displacements))
      .in_place_at(0, int64_t(made.recv_displacements[request.rank()]))
      .submit();
}

HcclResult HcclReduceScatterV(void* sendBuf, const void* sendCounts, const void* sendDispls, void* recvBuf,
                              uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm,
                              aclrtStream stream) {
  Request request(__func__, comm, stream);
  request.op(HCCL_CMD_REDUCE_SCATTER_V, dataType, recvCount)
      .reduce(op)
      .require(op != HCCL_REDUCE_PROD, HCCL_E_NOT_SUPPORT,
               "EI0003: this operation sums and takes the maximum or minimum, no products");
  if (!request.fine()) return request.submit();
  Operation& made = request.operation();
  request.counts("sendCounts", sendCounts, &made.send_counts)
      .counts("sendDispls", sendDispls, &made.send_displacements);
  if (!request.fine()) return request.submit();
  return request
      .require(made.send_counts[request.rank()] == recvCount, HCCL_E_PARA,
               "EI0003: sendCounts[%u] is %llu, but recvCount is %llu", request.rank(),
               static_cast<unsigned long long>(made.send_counts[request.rank()]),
               static_cast<unsigned long long>(recvCount))
      .send(sendBuf, softnpu::hccl::extent(made.send_counts, made.send_displacements))
      .recv(recvBuf, recvCount)
      .in_place_at(int64_t(made.send_displacements[request.rank()]), 0)
      .submit();
}

HcclResult HcclBarrier(HcclComm comm, aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.op(HCCL_CMD_BARRIER, HCCL_DATA_TYPE_INT8, 0).submit();
}

HcclResult HcclSend(void* sendBuf, uint64_t count, HcclDataType dataType, uint32_t destRank, HcclComm comm,
                    aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.message({HCCL_SEND, sendBuf, count, dataType, destRank}).submit();
}

HcclResult HcclRecv(void* recvBuf, uint64_t count, HcclDataType dataType, uint32_t srcRank, HcclComm comm,
                    aclrtStream stream) {
  Request request(__func__, comm, stream);
  return request.message({HCCL_RECV, recvBuf, count, dataType, srcRank}).submit();
}

HcclResult HcclBatchSendRecv(HcclSendRecvItem* sendRecvInfo, uint32_t itemNum, HcclComm comm,
                             aclrtStream stream) {
  Request request(__func__, comm, stream);
  request.require(sendRecvInfo != nullptr, HCCL_E_PTR, "EI0003: sendRecvInfo must not be null")
      .require(itemNum > 0, HCCL_E_PARA, "EI0003: a batch has at least one message");
  for (uint32_t i = 0; request.fine() && i < itemNum; ++i) request.message(sendRecvInfo[i]);
  return request.submit();
}

}  // extern "C"
