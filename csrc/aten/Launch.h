// The two-phase call of an operator of CANN:
//
//   launch<aclnnTopkGetWorkspaceSize>(self, k, dim, largest, sorted, values, indices);
//
// The C name is a token: every argument is converted by its parameter in cann/include, and a wrong count does
// not compile. Conversions, by parameter type:
//
//   aclTensor*        at::Tensor, std::optional<Tensor>, OptionalTensorRef, nullopt   (undefined: null)
//   aclTensorList*    TensorList, ITensorListRef, std::vector<Tensor>, and lists of optionals
//   aclScalar*        at::Scalar, a number, an optional of them                       (int64, double, bool,
//   complex128) aclScalarList*    ArrayRef<Scalar> aclIntArray*      IntArrayRef, OptionalIntArrayRef,
//   std::vector<int64_t>          (none: null) aclFloatArray*    ArrayRef<double>          aclBoolArray*
//   std::array<bool, N> char*             const char*, string_view, std::string aclDataType at::ScalarType
//   bool              exactly bool; integers and floating-point numbers to exactly the parameter's width
//
// Phase one (GetWorkspaceSize) runs on the calling thread, the workspace comes from the caching allocator,
// phase two goes to the current stream, and the descriptors are destroyed after it: the ABI keeps its own
// copies.
//
// All tensors must be on the current device; a kernel registered with bind() or bind_kernel() has it set
// already. Errors: MissingOperator where this CANN cannot run the operator at all, that is, where libopapi
// lacks the symbol or phase one answers 561103 (no kernel); the registration layer then takes the CPU
// fallback, with its warning and its count. Every other refusal (161002 for dtypes and shapes) is an error
// with the library's text.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <ATen/core/IListRef.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>
#include <c10/util/OptionalArrayRef.h>

#include "aclnn/aclnn.h"
#include "csrc/acl/Api.h"
#include "csrc/acl/DType.h"

namespace npu {

// The loaded CANN cannot run this operator, whatever the arguments.
class MissingOperator final : public c10::NotImplementedError {
  using NotImplementedError::NotImplementedError;
};

// For a kernel that knows that no operator of CANN does what these arguments ask for: `what` is a noun.
[[noreturn]] void no_operator(const char* what);

namespace detail {

using PhaseTwo = aclnnStatus (*)(void* workspace, uint64_t size, aclOpExecutor* executor, aclrtStream stream);

// The two symbols of one operator, looked up at its first call. Looking up twice from two threads is
// harmless.
class OpEntry {
 public:
  constexpr OpEntry(const char* phase_one_name, const char* name)
      : phase_one_name_(phase_one_name), name_(name) {}

  const char* name() const { return name_; }
  bool available() { return phase_two_.load(std::memory_order_acquire) != nullptr || find(); }

  // Throws MissingOperator; after it, both phases may be called.
  void require() {
    if (C10_UNLIKELY(!available())) missing();
  }
  void* phase_one() const { return phase_one_.load(std::memory_order_relaxed); }
  PhaseTwo phase_two() const { return phase_two_.load(std::memory_order_relaxed); }

 private:
  bool find();
  [[noreturn]] void missing() const;

  const char* phase_one_name_;
  const char* name_;
  std::atomic<void*> phase_one_{nullptr};
  std::atomic<PhaseTwo> phase_two_{nullptr};
};

// "aclnnMmGetWorkspaceSize" and "aclnnMm" out of the token itself.
template <auto kPhaseOne>
struct OpNames {
  static constexpr std::string_view whole() {
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    constexpr size_t end = text.rfind("GetWorkspaceSize");
    static_assert(end != std::string_view::npos, "launch<> takes the name of a GetWorkspaceSize function");
    constexpr size_t begin = text.rfind("aclnn", end);
    static_assert(begin != std::string_view::npos, "launch<> takes the name of an aclnn function");
    return text.substr(begin, end + sizeof("GetWorkspaceSize") - 1 - begin);
  }
  template <size_t kDrop>
  static constexpr auto text() {
    std::array<char, whole().size() - kDrop + 1> chars{};
    for (size_t i = 0; i + 1 < chars.size(); ++i) chars[i] = whole()[i];
    return chars;
  }
  static constexpr auto phase_one = text<0>();
  static constexpr auto name = text<sizeof("GetWorkspaceSize") - 1>();
};

template <auto kPhaseOne>
inline constinit OpEntry entry{OpNames<kPhaseOne>::phase_one.data(), OpNames<kPhaseOne>::name.data()};

// Parameters of phase one without the two results at its end.
template <class Function>
struct Prototype;
template <class... Params>
struct Prototype<aclnnStatus (*)(Params...)> {
  static constexpr size_t kArity = sizeof...(Params) - 2;
  template <size_t kIndex>
  using Param = std::tuple_element_t<kIndex, std::tuple<Params...>>;
};

// make() and destroy() of one kind of descriptor. A null result means "no such argument".
template <class T>
struct Descriptor;

template <>
struct Descriptor<aclTensor> {
  static aclTensor* make(const at::TensorBase& tensor);
  static aclTensor* make(const std::optional<at::Tensor>& tensor) { return tensor ? make(*tensor) : nullptr; }
  static aclTensor* make(const at::OptionalTensorRef& tensor) {
    return tensor.has_value() ? make(*tensor) : nullptr;
  }
  static aclTensor* make(std::nullopt_t) { return nullptr; }
  static void destroy(aclTensor* tensor) noexcept { api().aclDestroyTensor(tensor); }
};

// The list owns the tensors in it.
template <>
struct Descriptor<aclTensorList> {
  static aclTensorList* make(at::ITensorListRef tensors);
  static aclTensorList* make(at::ArrayRef<std::optional<at::Tensor>> tensors);
  static void destroy(aclTensorList* list) noexcept { api().aclDestroyTensorList(list); }
};

template <>
struct Descriptor<aclScalar> {
  static aclScalar* make(const at::Scalar& scalar);
  static aclScalar* make(at::OptionalScalarRef scalar) {
    return scalar.has_value() ? make(scalar.get()) : nullptr;
  }
  template <class T>
  static aclScalar* make(const std::optional<T>& scalar) {
    return scalar ? make(*scalar) : nullptr;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  static aclScalar* make(T number) { return make(at::Scalar(number)); }
  // For a list, which destroys it.
  static aclScalar* make_owned(const at::Scalar& scalar);
  static void destroy(aclScalar* scalar) noexcept {
    if (scalar != one_) api().aclDestroyScalar(scalar);
  }

 private:
  // The integer 1, the alpha of nearly every addition: made once, for ever.
  static inline std::atomic<aclScalar*> one_{nullptr};
};

// The list owns the scalars in it.
template <>
struct Descriptor<aclScalarList> {
  static aclScalarList* make(at::ArrayRef<at::Scalar> scalars);
  static void destroy(aclScalarList* list) noexcept { api().aclDestroyScalarList(list); }
};

template <>
struct Descriptor<aclIntArray> {
  static aclIntArray* make(at::IntArrayRef values);
  static aclIntArray* make(at::OptionalIntArrayRef values) { return values ? make(*values) : nullptr; }
  template <class T>
  requires std::is_convertible_v<const T&, at::IntArrayRef>
  static aclIntArray* make(const T& values) { return make(at::IntArrayRef(values)); }
  static void destroy(aclIntArray* array) noexcept { api().aclDestroyIntArray(array); }
};

template <>
struct Descriptor<aclFloatArray> {
  static aclFloatArray* make(at::ArrayRef<double> values);
  static aclFloatArray* make(const std::optional<at::ArrayRef<double>>& values) {
    return values ? make(*values) : nullptr;
  }
  static void destroy(aclFloatArray* array) noexcept { api().aclDestroyFloatArray(array); }
};

template <>
struct Descriptor<aclBoolArray> {
  static aclBoolArray* make(const bool* values, size_t size);
  template <size_t kSize>
  static aclBoolArray* make(const std::array<bool, kSize>& values) {
    return make(values.data(), kSize);
  }
  static void destroy(aclBoolArray* array) noexcept { api().aclDestroyBoolArray(array); }
};

// One argument in the form that the prototype wants, alive until phase two has returned.
template <class Param>
class Converted {
  static_assert(std::is_arithmetic_v<Param>, "launch(): no conversion to this parameter type");

 public:
  template <class Arg>
  explicit Converted(const Arg& arg) : value(static_cast<Param>(arg)) {
    static_assert(std::is_arithmetic_v<Arg>, "launch(): this parameter is a number");
    static_assert(std::is_same_v<Param, bool> == std::is_same_v<Arg, bool>,
                  "launch(): bool goes to bool and to nothing else");
    static_assert(std::is_floating_point_v<Param> || std::is_integral_v<Arg>,
                  "launch(): a floating-point number does not go to an integer");
  }
  Param value;
};

template <>
class Converted<aclDataType> {
 public:
  explicit Converted(at::ScalarType type) : value(acl_dtype(type)) {}
  aclDataType value;
};

template <class T>
class Converted<T*> {
  using Kind = std::remove_const_t<T>;

 public:
  template <class Arg>
  explicit Converted(const Arg& arg) : value(Descriptor<Kind>::make(arg)) {}
  ~Converted() {
    if (value != nullptr) Descriptor<Kind>::destroy(value);
  }
  Converted(const Converted&) = delete;
  Converted& operator=(const Converted&) = delete;
  Kind* value;
};

class Text {
 public:
  explicit Text(std::string_view text) : text_(text), value(text_.data()) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

 private:
  std::string text_;

 public:
  char* value;
};
template <>
class Converted<const char*> : public Text {
  using Text::Text;
};
template <>
class Converted<char*> : public Text {
  using Text::Text;
};

// The device of a call: the first tensor's, the same for all.
class CallDevice {
 public:
  template <class Arg>
  void add(const Arg& arg) {
    if constexpr (std::is_base_of_v<at::TensorBase, Arg>) {
      add_tensor(arg);
    } else if constexpr (std::is_same_v<Arg, std::optional<at::Tensor>> ||
                         std::is_same_v<Arg, at::OptionalTensorRef>) {
      if (arg.has_value()) add_tensor(*arg);
    } else if constexpr (std::is_convertible_v<const Arg&, at::ITensorListRef>) {
      for (const at::Tensor& tensor : at::ITensorListRef(arg)) add_tensor(tensor);
    } else if constexpr (std::is_convertible_v<const Arg&, at::ArrayRef<std::optional<at::Tensor>>>) {
      for (const auto& tensor : at::ArrayRef<std::optional<at::Tensor>>(arg)) add(tensor);
    }
  }
  // Negative before the first tensor.
  c10::DeviceIndex index() const { return device_.index(); }

 private:
  C10_ALWAYS_INLINE void add_tensor(const at::TensorBase& tensor) {
    if (!tensor.defined()) return;
    const c10::Device device = tensor.device();
    if (C10_LIKELY(device == device_)) return;
    if (device_.index() >= 0 || device.type() != c10::kPrivateUse1) mismatch(device);
    device_ = device;
  }
  [[noreturn]] void mismatch(c10::Device other) const;

  c10::Device device_{c10::kPrivateUse1, -1};
};

// An argument as it appears in the text of a refusal.
struct Shown {
  const at::TensorBase* tensor = nullptr;
};
template <class Arg>
Shown show(const Arg& arg) {
  if constexpr (std::is_base_of_v<at::TensorBase, Arg>) {
    return {&arg};
  } else if constexpr (std::is_same_v<Arg, std::optional<at::Tensor>>) {
    return {arg ? &*arg : nullptr};
  } else {
    return {};
  }
}

[[noreturn]] void refused(const OpEntry& op, aclnnStatus status, const CallDevice& device,
                          at::ArrayRef<Shown> args);

// Workspace and phase two.
void execute(const OpEntry& op, uint64_t workspace_size, aclOpExecutor* executor, const CallDevice& device);

// `after` gets the descriptors once phase two has been enqueued, before they are destroyed; its result is the
// call's.
template <auto kPhaseOne, size_t... kIndex, class After, class... Args>
auto launch_converted(std::index_sequence<kIndex...>, const After& after, const Args&... args) {
  using Proto = Prototype<decltype(kPhaseOne)>;
  OpEntry& op = entry<kPhaseOne>;
  op.require();
  CallDevice device;
  (device.add(args), ...);

  std::tuple<Converted<typename Proto::template Param<kIndex>>...> converted(args...);
  uint64_t workspace_size = 0;
  aclOpExecutor* executor = nullptr;
  const auto phase_one = reinterpret_cast<decltype(kPhaseOne)>(op.phase_one());
  const aclnnStatus status = phase_one(std::get<kIndex>(converted).value..., &workspace_size, &executor);
  if (C10_UNLIKELY(status != ACLNN_SUCCESS)) {
    const std::array<Shown, sizeof...(Args)> shown{show(args)...};
    refused(op, status, device, shown);
  }
  execute(op, workspace_size, executor, device);
  return after(converted);
}

}  // namespace detail

template <auto kPhaseOne, class... Args>
void launch(const Args&... args) {
  constexpr size_t kArity = detail::Prototype<decltype(kPhaseOne)>::kArity;
  static_assert(sizeof...(Args) == kArity, "launch(): not the number of arguments of this operator");
  if constexpr (sizeof...(Args) == kArity) {
    detail::launch_converted<kPhaseOne>(
        std::make_index_sequence<kArity>{}, [](const auto&) {}, args...);
  }
}

// Whether the loaded CANN exports the operator. For kernels that can choose between two; a missing operator
// needs no test, launch() throws and the fallback follows.
template <auto kPhaseOne>
bool available() {
  return detail::entry<kPhaseOne>.available();
}

}  // namespace npu
