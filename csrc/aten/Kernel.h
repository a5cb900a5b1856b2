// Registration of a hand-written operator:
//
//   at::Tensor& index_fill_(at::Tensor& self, int64_t dim, const at::Tensor& index, const at::Scalar& value)
//   {
//     launch<aclnnInplaceIndexFillGetWorkspaceSize>(...);
//     return self;
//   }
//   TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) { bind_kernel<&index_fill_>(m, "index_fill_.int_Scalar"); }
//
// The signature is the dispatcher's: Tensor&, const Tensor&, const std::optional<Tensor>&, TensorList,
// IntArrayRef (also for SymInt[]), int64_t (also for SymInt), const Scalar&, std::optional<...> by value. The
// kernel runs with the device of its first npu tensor current; where this CANN lacks an operator that it
// launches, the whole call is taken by the CPU fallback, so launch before changing anything that the fallback
// would see. Each function binds one name.
#pragma once

#include <type_traits>

#include <torch/library.h>

#include "csrc/aten/Factory.h"
#include "csrc/aten/Fallback.h"
#include "csrc/aten/Launch.h"
#include "csrc/aten/Native.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace detail {

// The first npu tensor's device; the current one where there is no such tensor.
class FirstDevice {
 public:
  template <class Arg>
  void add(const Arg& arg) {
    if constexpr (std::is_base_of_v<at::TensorBase, Arg>) {
      if (device_.index() < 0 && arg.defined() && arg.is_privateuseone()) device_ = arg.device();
    } else if constexpr (std::is_same_v<Arg, std::optional<at::Tensor>>) {
      if (arg) add(*arg);
    } else if constexpr (std::is_convertible_v<const Arg&, at::ITensorListRef>) {
      if (device_.index() >= 0) return;
      for (const at::Tensor& tensor : at::ITensorListRef(arg)) add(tensor);
    }
  }
  c10::Device get() const {
    return device_.index() >= 0 ? device_ : c10::Device(c10::kPrivateUse1, current_device());
  }

 private:
  c10::Device device_{c10::kPrivateUse1, -1};
};

template <class... Args>
c10::Device device_of_call(const Args&... args) {
  FirstDevice device;
  (device.add(args), ...);
  return device.get();
}

// NPUGuard for the usual case, in which the device is current already: one comparison.
class OnDevice {
 public:
  explicit OnDevice(c10::Device device) {
    if (C10_LIKELY(current_device() == device.index())) {
      bound_device();
    } else {
      before_ = exchange_device(device.index());
    }
  }
  ~OnDevice() {
    if (C10_UNLIKELY(before_ >= 0)) restore_device(before_);
  }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  c10::DeviceIndex before_ = -1;
};

template <auto kKernel, class Function = std::remove_pointer_t<decltype(kKernel)>>
struct Bound;

template <auto kKernel, class Result, class... Args>
struct Bound<kKernel, Result(Args...)> {
  static inline const char* name = nullptr;

  static Result call(Args... args) {
    try {
      const OnDevice guard(device_of_call(args...));
      return kKernel(args...);
    } catch (const MissingOperator& missing) {
      return CpuFallback<Result(Args...)>::call(name, missing, args...);
    }
  }
};

}  // namespace detail

// `name` must be a literal: it outlives the call. A composite is made of other operators of torch and
// launches nothing itself.
template <auto kKernel>
void bind_composite(torch::Library& library, const char* name) {
  using Bound = detail::Bound<kKernel>;
  TORCH_INTERNAL_ASSERT(Bound::name == nullptr, "one kernel bound to two names: ", Bound::name, " and ",
                        name);
  Bound::name = name;
  library.impl(name, TORCH_FN(Bound::call));
}

template <auto kKernel>
void bind_kernel(torch::Library& library, const char* name) {
  bind_composite<kKernel>(library, name);
  note_native(name);
}

}  // namespace npu
