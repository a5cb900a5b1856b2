// Copies: between host and device, on a device, between devices; any strides, any dtypes.
//
// Note [Order of copies]
// A copy is work of the current stream of the device (between devices: of both current streams). Pageable
// host memory makes it blocking: the stream is waited for, then the bytes move. With non_blocking=True and
// pinned host memory it is enqueued, and the pinned block is recorded with its allocator, so that it is not
// handed out before the copy ends. Dtypes are converted on the host for host memory (the host waits anyway)
// and on the source for a copy between devices.
#include <ATen/EmptyTensor.h>
#include <ATen/MemoryOverlap.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/view_as_real.h>
#include <torch/library.h>

#include <array>
#include <mutex>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/aten/Factory.h"
#include "csrc/aten/Launch.h"
#include "csrc/core/NPUEvent.h"
#include "csrc/core/NPUGuard.h"
#include "csrc/core/NPUHostAllocator.h"
#include "csrc/core/NPUStream.h"

namespace npu {
namespace {

// The same elements in the same places of one gapless block.
bool same_block(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_contiguous() && b.is_contiguous()) return true;
  return a.strides() == b.strides() && a.is_non_overlapping_and_dense();
}

// A tensor without gaps, with the strides of `like` where those have none.
at::Tensor block_like(const at::Tensor& like, at::ScalarType type, c10::Device device) {
  const bool dense = like.is_non_overlapping_and_dense();
  if (device.is_cpu()) {
    return dense ? at::Tensor(at::detail::empty_strided_cpu(like.sizes(), like.strides(), type))
                 : at::Tensor(at::detail::empty_cpu(like.sizes(), type));
  }
  return dense ? empty_strided(like.sizes(), like.strides(), type, device)
               : empty(like.sizes(), type, device);
}

void record_pinned(const at::Tensor& host, const NPUStream& stream) {
  const c10::DataPtr& data = host.storage().data_ptr();
  host_allocator()->record_event(data.get(), data.get_context(), stream.unwrap());
}

// Moves one block between host and device, in the order of the device's current stream.
void transfer(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  const bool to_device = to.is_privateuseone();
  const at::Tensor& host = to_device ? from : to;
  const aclrtMemcpyKind kind = to_device ? ACL_MEMCPY_HOST_TO_DEVICE : ACL_MEMCPY_DEVICE_TO_HOST;
  const NPUStream stream = getCurrentNPUStream();
  if (non_blocking && is_pinned_ptr(host.const_data_ptr())) {
    NPU_CHECK(api().aclrtMemcpyAsync(to.mutable_data_ptr(), to.nbytes(), from.const_data_ptr(), from.nbytes(),
                                     kind, stream.stream()));
    record_pinned(host, stream);
  } else {
    void* target =
        to.mutable_data_ptr();  // may enqueue a copy of its own, where the storage was shared lazily
    stream.synchronize();
    NPU_CHECK(api().aclrtMemcpy(target, to.nbytes(), from.const_data_ptr(), from.nbytes(), kind));
  }
}

void copy_on_device(const at::Tensor& from, const at::Tensor& to) {
  const NPUGuard guard(to.device());
  at::assert_no_internal_overlap(to);
  at::assert_no_partial_overlap(to, from);
  if (from.scalar_type() == to.scalar_type() && same_block(from, to)) {
    if (from.const_data_ptr() == to.const_data_ptr()) return;
    NPU_CHECK(api().aclrtMemcpyAsync(to.mutable_data_ptr(), to.nbytes(), from.const_data_ptr(), from.nbytes(),
                                     ACL_MEMCPY_DEVICE_TO_DEVICE, getCurrentNPUStream().stream()));
  } else {
    launch<aclnnInplaceCopyGetWorkspaceSize>(to, from);
  }
}

// Dtypes whose every value survives as an aclScalar.
bool fillable(at::ScalarType type) {
  return c10::isIntegralType(type, /*includeBool=*/true) || c10::isComplexType(type) || type == at::kFloat ||
         type == at::kDouble || type == at::kHalf || type == at::kBFloat16;
}

void copy_from_host(const at::Tensor& source, const at::Tensor& to, bool non_blocking) {
  const NPUGuard guard(to.device());
  at::assert_no_internal_overlap(to);
  // One number is an argument of a fill: no transfer, no waiting.
  if (source.numel() == 1 && fillable(source.scalar_type()) && fillable(to.scalar_type())) {
    // Converted here, by the rules of a copy: it wraps and truncates where a fill would refuse the number.
    launch<aclnnInplaceFillScalarGetWorkspaceSize>(to, source.to(to.scalar_type()).item());
    return;
  }
  // What has fewer elements than the destination is sent once and broadcast on the device.
  const bool broadcast = source.numel() != to.numel();
  const at::Tensor from = broadcast ? source : source.expand(to.sizes());
  const bool direct = !broadcast && to.is_non_overlapping_and_dense();
  const at::Tensor block = direct ? to : block_like(from, to.scalar_type(), to.device());
  if (from.scalar_type() == block.scalar_type() && same_block(from, block)) {
    transfer(from, block, non_blocking);
  } else {
    at::Tensor host = block_like(block, block.scalar_type(), c10::kCPU);
    host.copy_(from);
    transfer(host, block, false);
  }
  if (!direct) copy_on_device(block.expand(to.sizes()), to);
}

void copy_to_host(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  const NPUGuard guard(from.device());
  at::Tensor block = from;
  if (!from.is_non_overlapping_and_dense()) {
    block = block_like(to, from.scalar_type(), from.device());
    copy_on_device(from, block);
  }
  if (block.scalar_type() == to.scalar_type() && same_block(block, to)) {
    transfer(block, to, non_blocking);
  } else {
    const at::Tensor host = block_like(block, block.scalar_type(), c10::kCPU);
    transfer(block, host, false);
    to.copy_(host);
  }
}

// Lets `device` reach the memory of `peer`; once per pair and process. False where the hardware cannot.
bool reach_peer(c10::DeviceIndex device, c10::DeviceIndex peer) {
  static std::mutex mutex;
  static std::array<std::array<int8_t, kMaxDevices>, kMaxDevices>
      state{};  // 0 unknown, 1 enabled, -1 impossible
  const std::lock_guard lock(mutex);
  int8_t& known = state[device][peer];
  if (known == 0) {
    const bool possible = can_access_peer(device, peer);
    if (possible) {
      const NPUGuard guard(c10::Device(c10::kPrivateUse1, device));
      NPU_CHECK(api().aclrtDeviceEnablePeerAccess(peer, 0));  // where it throws, the next copy asks again
    }
    known = possible ? 1 : -1;
  }
  return known == 1;
}

void wait_for(const NPUStream& waiting, const NPUStream& stream) {
  NPUEvent event;
  event.record(stream);
  event.block(waiting);
}

// One block between devices, on the source's stream. The destination's stream must have finished with the
// block before, and waits for the copy afterwards.
void transfer_between(const at::Tensor& from, const at::Tensor& to, const NPUStream& source,
                      const NPUStream& target) {
  const size_t bytes = from.nbytes();
  if (reach_peer(source.device_index(), target.device_index()) &&
      reach_peer(target.device_index(), source.device_index())) {
    wait_for(source, target);
    {
      const NPUGuard guard(from.device());
      NPU_CHECK(api().aclrtMemcpyAsync(to.mutable_data_ptr(), bytes, from.const_data_ptr(), bytes,
                                       ACL_MEMCPY_DEVICE_TO_DEVICE, source.stream()));
    }
    wait_for(target, source);
    return;
  }
  // Through pinned memory where the devices cannot reach each other.
  const c10::DataPtr stage = host_allocator()->allocate(bytes);
  {
    const NPUGuard guard(from.device());
    NPU_CHECK(api().aclrtMemcpyAsync(stage.get(), bytes, from.const_data_ptr(), bytes,
                                     ACL_MEMCPY_DEVICE_TO_HOST, source.stream()));
  }
  wait_for(target, source);
  const NPUGuard guard(to.device());
  NPU_CHECK(api().aclrtMemcpyAsync(to.mutable_data_ptr(), bytes, stage.get(), bytes,
                                   ACL_MEMCPY_HOST_TO_DEVICE, target.stream()));
  host_allocator()->record_event(stage.get(), stage.get_context(), target.unwrap());
}

void copy_between_devices(const at::Tensor& from, const at::Tensor& to) {
  at::assert_no_internal_overlap(to);
  at::Tensor block = from;
  if (from.scalar_type() != to.scalar_type() || !from.is_non_overlapping_and_dense()) {
    block = block_like(to, to.scalar_type(), from.device());
    copy_on_device(from, block);
  }
  const bool direct = same_block(block, to);
  const at::Tensor landing = direct ? to : block_like(block, to.scalar_type(), to.device());
  transfer_between(block, landing, getCurrentNPUStream(from.device().index()),
                   getCurrentNPUStream(to.device().index()));
  if (!direct) copy_on_device(landing, to);
}

// The numbers as they lie in memory, without lazy conjugation and negation.
at::Tensor stored(const at::Tensor& tensor) {
  at::Tensor plain = tensor;
  if (plain.is_conj()) plain = plain.conj();
  if (plain.is_neg()) plain = plain._neg_view();
  return plain;
}

// This kernel is reached with lazily conjugated and negated tensors (both keys fall through to it, or copying
// such a tensor to the host would recurse for ever): the numbers are copied as stored, and what the bits of
// source and destination do not agree about is applied to the destination. The source comes unexpanded.
at::Tensor copy_from(const at::Tensor& self, const at::Tensor& dst, bool non_blocking) {
  TORCH_CHECK(self.defined() && dst.defined(),
              "copy_() between npu and another device got an undefined tensor");
  const at::Tensor to = stored(dst);
  const at::Tensor source = stored(self);
  const bool conjugate = self.is_conj() != dst.is_conj() && to.is_complex() && source.is_complex();
  const bool negate = self.is_neg() != dst.is_neg() && to.scalar_type() != at::kBool;
  const bool finish = conjugate || negate;
  const at::Tensor from = source.sizes() == to.sizes() ? source : source.expand(to.sizes());
  if (to.numel() == 0) return dst;

  if (!from.is_privateuseone()) {
    copy_from_host(source, to, non_blocking);
  } else if (!to.is_privateuseone()) {
    copy_to_host(from, to, non_blocking && !finish);
  } else if (from.device() == to.device()) {
    copy_on_device(from, to);
  } else {
    copy_between_devices(from, to);
  }
  if (finish) {
    const NPUGuard guard(to.is_privateuseone() ? to.device() : from.device());
    if (conjugate) at::Tensor(at::view_as_real(to)).select(-1, 1).neg_();
    if (negate) at::Tensor(to).neg_();
  }
  return dst;
}

at::Tensor copy_from_and_resize(const at::Tensor& self, const at::Tensor& dst) {
  if (self.sizes() != dst.sizes()) dst.resize_(self.sizes());
  return copy_from(self, dst, false);
}

at::Scalar local_scalar_dense(const at::Tensor& self) {
  const NPUGuard guard(self.device());
  const at::Tensor host = at::detail::empty_cpu({}, self.scalar_type());
  transfer(self, host, false);
  return host.item();
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("_copy_from", TORCH_FN(copy_from));
  m.impl("_copy_from_and_resize", TORCH_FN(copy_from_and_resize));
  m.impl("_local_scalar_dense", TORCH_FN(local_scalar_dense));
}

TORCH_LIBRARY_IMPL(aten, Conjugate, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}
TORCH_LIBRARY_IMPL(aten, Negative, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

}  // namespace npu
