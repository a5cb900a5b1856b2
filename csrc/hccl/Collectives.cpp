// The collectives: each override looks at its arguments and says what to call.
#include <algorithm>
#include <cstdint>
#include <utility>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/HcclDType.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/hccl/ProcessGroupHCCL.h"

namespace npu {
namespace {

using c10d::OpType;
using Tensors = ProcessGroupHCCL::Tensors;

uint64_t count_of(const at::Tensor& tensor) {
  return static_cast<uint64_t>(tensor.numel() * hccl_element(tensor.scalar_type()).parts);
}

HcclDataType dtype_of(const at::Tensor& tensor) {
  return hccl_element(tensor.scalar_type()).dtype;
}

std::vector<uint64_t> counts_of(const Tensors& tensors) {
  std::vector<uint64_t> counts;
  for (const at::Tensor& tensor : tensors) counts.push_back(static_cast<uint64_t>(tensor.numel()));
  return counts;
}

std::vector<uint64_t> scaled(std::vector<uint64_t> counts, int64_t parts) {
  for (uint64_t& count : counts) count *= static_cast<uint64_t>(parts);
  return counts;
}

bool all_of_size(const Tensors& tensors, int64_t elements) {
  return std::all_of(tensors.begin(), tensors.end(),
                     [elements](const at::Tensor& tensor) { return tensor.numel() == elements; });
}

Tensors with(Tensors tensors, const at::Tensor& more) {
  tensors.push_back(more);
  return tensors;
}

Tensors joined(Tensors tensors, const Tensors& more) {
  tensors.insert(tensors.end(), more.begin(), more.end());
  return tensors;
}

// Room for the elements of all tensors, one after another.
at::Tensor room_for(const Tensors& tensors) {
  int64_t elements = 0;
  for (const at::Tensor& tensor : tensors) elements += tensor.numel();
  return at::empty({elements}, tensors[0].options().memory_format(std::nullopt));
}

// Where the tensors lie one after another already, as the chunks of one tensor do, their memory.
std::optional<at::Tensor> as_one(const Tensors& tensors) {
  const at::Tensor& first = tensors[0];
  int64_t end = first.storage_offset();
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.is_alias_of(first) || tensor.storage_offset() != end) return std::nullopt;
    end += tensor.numel();
  }
  return first.as_strided({end - first.storage_offset()}, {1}, first.storage_offset());
}

at::Tensor pack(const Tensors& tensors) {
  if (std::optional<at::Tensor> whole = as_one(tensors)) return *whole;
  const at::Tensor whole = room_for(tensors);
  int64_t at = 0;
  for (const at::Tensor& tensor : tensors) {
    whole.narrow(0, at, tensor.numel()).copy_(flat(tensor));
    at += tensor.numel();
  }
  return whole;
}

void unpack(const at::Tensor& whole, const Tensors& tensors) {
  int64_t at = 0;
  for (const at::Tensor& tensor : tensors) {
    const at::Tensor piece = whole.narrow(0, at, tensor.numel());
    if (piece.data_ptr() != tensor.data_ptr()) flat(tensor).copy_(piece);
    at += tensor.numel();
  }
}

void all_gather(const HcclLink& link, const at::Tensor& input, const at::Tensor& output) {
  if (input.numel() == 0) return;
  HCCL_CHECK(api().HcclAllGather(input.data_ptr(), output.data_ptr(), count_of(input), dtype_of(input),
                                 link.comm, link.stream));
}

void all_gather(const HcclLink& link, const at::Tensor& input, const Tensors& outputs) {
  std::optional<at::Tensor> whole = as_one(outputs);
  if (!whole.has_value()) whole = room_for(outputs);
  if (all_of_size(outputs, input.numel())) {
    all_gather(link, input, *whole);
  } else {
    const HcclElement element = hccl_element(input.scalar_type());
    const std::vector<uint64_t> counts = scaled(counts_of(outputs), element.parts);
    at::Tensor spare, other_spare;
    HCCL_CHECK(api().HcclAllGatherV(address_of(input, spare), count_of(input),
                                    address_of(*whole, other_spare), counts.data(),
                                    running_sum(counts).data(), element.dtype, link.comm, link.stream));
  }
  unpack(*whole, outputs);
}

void broadcast(const HcclLink& link, const at::Tensor& tensor, int64_t root) {
  if (tensor.numel() == 0) return;
  HCCL_CHECK(api().HcclBroadcast(tensor.data_ptr(), count_of(tensor), dtype_of(tensor),
                                 static_cast<uint32_t>(root), link.comm, link.stream));
}

}  // namespace

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allreduce(Tensors& tensors, const c10d::AllreduceOptions& opts) {
  const Checks check = checks("all_reduce");
  const at::Tensor& tensor = check.only(tensors);
  const c10::DeviceIndex device = check.device_of(tensors);
  const Reduction reduction = check.reduction(opts.reduceOp, tensor.scalar_type());
  return collective({OpType::ALLREDUCE, "hccl:all_reduce", opts.timeout}, device, tensors, tensors,
                    [&](const HcclLink& link) { reduction.all_reduce(link, flat(tensor), flat(tensor)); });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allreduce_sparse(Tensors&, const c10d::AllreduceOptions&) {
  checks("all_reduce").fail("hccl does not take sparse tensors; call .to_dense().");
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allreduce_coalesced(Tensors& tensors,
                                                                const c10d::AllreduceCoalescedOptions& opts) {
  const Checks check = checks("all_reduce_coalesced");
  const c10::DeviceIndex device = check.device_of(tensors);
  std::vector<Reduction> reductions;
  for (const at::Tensor& tensor : tensors) {
    reductions.push_back(check.reduction(opts.reduceOp, tensor.scalar_type()));
  }
  return collective({OpType::ALLREDUCE_COALESCED, "hccl:all_reduce_coalesced", opts.timeout}, device, tensors,
                    tensors, [&](const HcclLink& link) {
                      for (size_t i = 0; i < tensors.size(); ++i) {
                        reductions[i].all_reduce(link, flat(tensors[i]), flat(tensors[i]));
                      }
                    });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::broadcast(Tensors& tensors, const c10d::BroadcastOptions& opts) {
  const Checks check = checks("broadcast");
  const at::Tensor& tensor = check.only(tensors);
  const c10::DeviceIndex device = check.device_of(tensors);
  check.root(opts.rootRank);
  return collective({OpType::BROADCAST, "hccl:broadcast", opts.timeout}, device, tensors, tensors,
                    [&](const HcclLink& link) { npu::broadcast(link, tensor, opts.rootRank); });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::reduce(Tensors& tensors, const c10d::ReduceOptions& opts) {
  const Checks check = checks("reduce");
  const at::Tensor& tensor = check.only(tensors);
  const c10::DeviceIndex device = check.device_of(tensors);
  check.root(opts.rootRank);
  const Reduction reduction = check.reduction(opts.reduceOp, tensor.scalar_type());
  return collective(
      {OpType::REDUCE, "hccl:reduce", opts.timeout}, device, tensors, tensors,
      [&](const HcclLink& link) { reduction.reduce(link, flat(tensor), static_cast<int>(opts.rootRank)); });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allgather(TensorLists& outputs, Tensors& inputs,
                                                      const c10d::AllgatherOptions& opts) {
  const Checks check = checks("all_gather");
  const at::Tensor& input = check.only(inputs);
  const Tensors& list = check.only(outputs);
  check.one_for_each_rank(list, "outputs");
  const Tensors all = with(list, input);
  const c10::DeviceIndex device = check.device_of(all);
  check.same_dtype(all);
  const at::Tensor& own = list[static_cast<size_t>(getRank())];
  check.require(own.numel() == input.numel(), "the output of this rank has ", own.numel(),
                " elements, but its input has ", input.numel(), ".");
  return collective({OpType::ALLGATHER, "hccl:all_gather", opts.timeout}, device, inputs, list,
                    [&](const HcclLink& link) { all_gather(link, input, list); });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::_allgather_base(at::Tensor& output, at::Tensor& input,
                                                            const c10d::AllgatherOptions& opts) {
  Tensors outputs{output}, inputs{input};
  return allgather_into_tensor_coalesced(outputs, inputs, opts);
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allgather_coalesced(TensorLists& outputs, Tensors& inputs,
                                                                const c10d::AllgatherOptions& opts) {
  const Checks check = checks("all_gather_coalesced");
  check.require(outputs.size() == static_cast<size_t>(getSize()), "there are ", outputs.size(),
                " lists of outputs, but the group has ", getSize(), " ranks.");
  Tensors all = inputs;
  TensorLists by_input(inputs.size());  // of each input, where it goes from each rank
  for (const Tensors& list : outputs) {
    check.require(list.size() == inputs.size(), "a list of outputs has ", list.size(),
                  " tensors, but there are ", inputs.size(), " inputs.");
    for (size_t i = 0; i < list.size(); ++i) {
      check.require(list[i].scalar_type() == inputs[i].scalar_type() && list[i].numel() == inputs[i].numel(),
                    "an output is of shape ", list[i].sizes(), " and ", list[i].scalar_type(),
                    ", but its input of ", inputs[i].sizes(), " and ", inputs[i].scalar_type(), ".");
      by_input[i].push_back(list[i]);
    }
    all = joined(all, list);
  }
  const c10::DeviceIndex device = check.device_of(all);
  return collective({OpType::ALLGATHER_COALESCED, "hccl:all_gather_coalesced", opts.timeout}, device, inputs,
                    all, [&](const HcclLink& link) {
                      for (size_t i = 0; i < inputs.size(); ++i) all_gather(link, inputs[i], by_input[i]);
                    });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::allgather_into_tensor_coalesced(
    Tensors& outputs, Tensors& inputs, const c10d::AllgatherOptions& opts) {
  const Checks check = checks("all_gather_into_tensor");
  check.require(outputs.size() == inputs.size(), "there are ", outputs.size(), " outputs, but ",
                inputs.size(), " inputs.");
  const c10::DeviceIndex device = check.device_of(joined(inputs, outputs));
  for (size_t i = 0; i < inputs.size(); ++i) {
    check.same_dtype({inputs[i], outputs[i]});
    check.require(outputs[i].numel() == inputs[i].numel() * getSize(), "an output has ", outputs[i].numel(),
                  " elements, but must have ", getSize(), " times the ", inputs[i].numel(), " of the input.");
  }
  return collective({OpType::_ALLGATHER_BASE, "hccl:all_gather_into_tensor", opts.timeout}, device, inputs,
                    outputs, [&](const HcclLink& link) {
                      for (size_t i = 0; i < inputs.size(); ++i) all_gather(link, inputs[i], outputs[i]);
                    });
}

// HCCL has no gather: an exchange in which only the root receives.
ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::gather(TensorLists& outputs, Tensors& inputs,
                                                   const c10d::GatherOptions& opts) {
  const Checks check = checks("gather");
  const at::Tensor& input = check.only(inputs);
  check.root(opts.rootRank);
  const bool here = opts.rootRank == getRank();
  check.require(here || outputs.empty(), "outputs were given on a rank that is not the destination.");
  const Tensors list = here ? check.only(outputs) : Tensors{};
  const Tensors all = with(list, input);
  const c10::DeviceIndex device = check.device_of(all);
  check.same_dtype(all);
  if (here) {
    check.one_for_each_rank(list, "outputs");
    const at::Tensor& own = list[static_cast<size_t>(getRank())];
    check.require(own.numel() == input.numel(), "the output of this rank has ", own.numel(),
                  " elements, but its input has ", input.numel(), ".");
  }
  return collective({OpType::GATHER, "hccl:gather", opts.timeout}, device, inputs, list,
                    [&](const HcclLink& link) {
                      const at::Tensor whole = here ? room_for(list) : at::Tensor();
                      gather_to(link, flat(input), whole, counts_of(list), static_cast<int>(opts.rootRank));
                      if (here) unpack(whole, list);
                    });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::scatter(Tensors& outputs, TensorLists& inputs,
                                                    const c10d::ScatterOptions& opts) {
  const Checks check = checks("scatter");
  const at::Tensor& output = check.only(outputs);
  check.root(opts.rootRank);
  const bool here = opts.rootRank == getRank();
  check.require(here || inputs.empty(), "inputs were given on a rank that is not the source.");
  const Tensors list = here ? check.only(inputs) : Tensors{};
  const Tensors all = with(list, output);
  const c10::DeviceIndex device = check.device_of(all);
  check.same_dtype(all);
  if (here) {
    check.one_for_each_rank(list, "inputs");
    check.require(all_of_size(list, output.numel()), "an input has not the ", output.numel(),
                  " elements that the output has.");
  }
  return collective(
      {OpType::SCATTER, "hccl:scatter", opts.timeout}, device, list, outputs, [&](const HcclLink& link) {
        if (output.numel() == 0) return;
        const at::Tensor whole = here ? pack(list) : output;
        HCCL_CHECK(api().HcclScatter(whole.data_ptr(), output.data_ptr(), count_of(output), dtype_of(output),
                                     static_cast<uint32_t>(opts.rootRank), link.comm, link.stream));
      });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::reduce_scatter(Tensors& outputs, TensorLists& inputs,
                                                           const c10d::ReduceScatterOptions& opts) {
  const Checks check = checks("reduce_scatter");
  const at::Tensor& output = check.only(outputs);
  const Tensors& list = check.only(inputs);
  check.one_for_each_rank(list, "inputs");
  const Tensors all = with(list, output);
  const c10::DeviceIndex device = check.device_of(all);
  check.same_dtype(all);
  const at::Tensor& own = list[static_cast<size_t>(getRank())];
  check.require(own.numel() == output.numel(), "the input for this rank has ", own.numel(),
                " elements, but the output has ", output.numel(), ".");
  const Reduction reduction = check.reduction(opts.reduceOp, output.scalar_type());
  return collective({OpType::REDUCE_SCATTER, "hccl:reduce_scatter", opts.timeout}, device, list, outputs,
                    [&](const HcclLink& link) {
                      const at::Tensor whole = pack(list);
                      if (all_of_size(list, output.numel())) {
                        reduction.reduce_scatter(link, whole, flat(output));
                      } else {
                        reduction.reduce_scatter(link, whole, counts_of(list), flat(output));
                      }
                    });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::_reduce_scatter_base(at::Tensor& output, at::Tensor& input,
                                                                 const c10d::ReduceScatterOptions& opts) {
  Tensors outputs{output}, inputs{input};
  return reduce_scatter_tensor_coalesced(outputs, inputs, opts);
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::reduce_scatter_tensor_coalesced(
    Tensors& outputs, Tensors& inputs, const c10d::ReduceScatterOptions& opts) {
  const Checks check = checks("reduce_scatter_tensor");
  check.require(outputs.size() == inputs.size(), "there are ", outputs.size(), " outputs, but ",
                inputs.size(), " inputs.");
  const c10::DeviceIndex device = check.device_of(joined(inputs, outputs));
  std::vector<Reduction> reductions;
  for (size_t i = 0; i < inputs.size(); ++i) {
    check.same_dtype({inputs[i], outputs[i]});
    check.require(inputs[i].numel() == outputs[i].numel() * getSize(), "an input has ", inputs[i].numel(),
                  " elements, but must have ", getSize(), " times the ", outputs[i].numel(),
                  " of the output.");
    reductions.push_back(check.reduction(opts.reduceOp, inputs[i].scalar_type()));
  }
  return collective({OpType::_REDUCE_SCATTER_BASE, "hccl:reduce_scatter_tensor", opts.timeout}, device,
                    inputs, outputs, [&](const HcclLink& link) {
                      for (size_t i = 0; i < inputs.size(); ++i) {
                        reductions[i].reduce_scatter(link, flat(inputs[i]), flat(outputs[i]));
                      }
                    });
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::alltoall_base(at::Tensor& output, at::Tensor& input,
                                                          std::vector<int64_t>& output_splits,
                                                          std::vector<int64_t>& input_splits,
                                                          const c10d::AllToAllOptions& opts) {
  const Checks check = checks("all_to_all_single");
  const c10::DeviceIndex device = check.device_of({input, output});
  check.same_dtype({input, output});
  const HcclElement element = hccl_element(input.scalar_type());
  const std::vector<uint64_t> sends = scaled(check.splits(input, input_splits, "input"), element.parts);
  const std::vector<uint64_t> receives = scaled(check.splits(output, output_splits, "output"), element.parts);
  const bool even = input_splits.empty() && output_splits.empty();
  check.require(!even || input.numel() == output.numel(), "the input has ", input.numel(),
                " elements and the output ", output.numel(), ", but without split sizes they are the same.");
  return collective({OpType::ALLTOALL_BASE, "hccl:all_to_all_single", opts.timeout}, device, {input},
                    {output}, [&](const HcclLink& link) {
                      if (even && input.numel() == 0) return;
                      at::Tensor spare, other_spare;
                      void* from = address_of(input, spare);
                      void* to = address_of(output, other_spare);
                      if (even) {
                        HCCL_CHECK(api().HcclAlltoAll(from, sends[0], element.dtype, to, receives[0],
                                                      element.dtype, link.comm, link.stream));
                      } else {
                        HCCL_CHECK(api().HcclAlltoAllV(
                            from, sends.data(), running_sum(sends).data(), element.dtype, to, receives.data(),
                            running_sum(receives).data(), element.dtype, link.comm, link.stream));
                      }
                    });
}

// A batch of messages, so nothing is packed.
ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::alltoall(Tensors& outputs, Tensors& inputs,
                                                     const c10d::AllToAllOptions& opts) {
  const Checks check = checks("all_to_all");
  check.one_for_each_rank(inputs, "inputs");
  check.one_for_each_rank(outputs, "outputs");
  const Tensors all = joined(inputs, outputs);
  const c10::DeviceIndex device = check.device_of(all);
  check.same_dtype(all);
  const auto own = static_cast<size_t>(getRank());
  check.require(inputs[own].numel() == outputs[own].numel(), "this rank sends itself ", inputs[own].numel(),
                " elements, but expects ", outputs[own].numel(), ".");
  return collective({OpType::ALLTOALL, "hccl:all_to_all", opts.timeout}, device, inputs, outputs,
                    [&](const HcclLink& link) {
                      std::vector<HcclSendRecvItem> items;
                      const auto add = [&](HcclSendRecvType kind, const at::Tensor& tensor, size_t rank) {
                        if (rank == own || tensor.numel() == 0) return;
                        items.push_back({kind, tensor.data_ptr(), count_of(tensor), dtype_of(tensor),
                                         static_cast<uint32_t>(rank)});
                      };
                      for (size_t rank = 0; rank < inputs.size(); ++rank) {
                        add(HCCL_SEND, inputs[rank], rank);
                        add(HCCL_RECV, outputs[rank], rank);
                      }
                      flat(outputs[own]).copy_(flat(inputs[own]));
                      if (items.empty()) return;
                      HCCL_CHECK(api().HcclBatchSendRecv(items.data(), static_cast<uint32_t>(items.size()),
                                                         link.comm, link.stream));
                    });
}

// Without a device in the call: the one bound to the group, the only one it has used, or the current one.
c10::DeviceIndex ProcessGroupHCCL::device_of_barrier(const c10d::BarrierOptions& opts) const {
  if (!opts.device_ids.empty()) {
    const int64_t index = opts.device_ids[0];
    TORCH_CHECK_VALUE(opts.device_ids.size() == 1 && index >= 0 && index < device_count(), status_->speaker(),
                      " barrier: device_ids must hold the index of one device of this process, but is [",
                      c10::Join(", ", opts.device_ids), "].");
    return static_cast<c10::DeviceIndex>(index);
  }
  if (opts.device.has_value() && opts.device->is_privateuseone() && opts.device->has_index()) {
    return opts.device->index();
  }
  if (const auto bound = getBoundDeviceId(); bound.has_value() && bound->is_privateuseone()) {
    return bound->index();
  }
  const std::vector<c10::DeviceIndex> used = communicators_->devices();
  return used.size() == 1 ? used[0] : current_device();
}

ProcessGroupHCCL::WorkPtr ProcessGroupHCCL::barrier(const c10d::BarrierOptions& opts) {
  const Call call{OpType::BARRIER, "hccl:barrier", opts.timeout, true};
  return collective(call, device_of_barrier(opts), {}, {},
                    [](const HcclLink& link) { HCCL_CHECK(api().HcclBarrier(link.comm, link.stream)); });
}

}  // namespace npu
