// One row is one operator:
//
//   SOFT_OP(aclnnAtan2, Floating.pointwise(), (In self, In other, Out out), at::atan2_out(out, self, other))
//
// defines both exported symbols. The C types come from the prototype in cann/include; a row whose parameters
// do not fit it does not compile. The body is written once and runs in two passes:
//
//   check  in phase one, on the caller's thread: on tensors without memory (device `meta`), or, where the
//   rule
//          says pointwise(), on CPU tensors of an element or two. What ATen would refuse is refused here with
//          161002. A call of the same dtypes, shapes and numbers as one that passed is not checked again.
//   run    on the worker of the stream, on CPU tensors that view the device memory.
//
// A body that cannot run on meta tensors validates first and then returns `if (checking())`. One that can
// calls aten:: instead of at:: (aten.h says why).
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "aclnn/aclnn.h"
#include "softnpu/aclnn/base/executor.h"
#include "softnpu/aclnn/capture.h"
#include "softnpu/aclnn/holders.h"
#include "softnpu/aclnn/parameters.h"
#include "softnpu/aclnn/raw.h"
#include "softnpu/aclnn/rule.h"

namespace softnpu {

// True in the check pass: the values in tensors mean nothing.
bool checking();
// Device memory that phase one asked for and the caller gave to phase two, as a CPU tensor of `count`
// elements that starts `offset` bytes in.
at::Tensor workspace(at::ScalarType dtype, int64_t count, int64_t offset = 0);

aclnnStatus launch(const Operator& op, void* workspace, uint64_t size, aclOpExecutor* executor,
                   aclrtStream stream);

struct Registration {
  explicit Registration(const Operator& op);
};

// ---------------------------------------------------------------- from the kind in the row to the C argument

template <class C, class Handle>
inline constexpr bool is_handle = std::is_same_v<std::remove_const_t<std::remove_pointer_t<C>>, Handle>;

// Kind<P>: which C types may stand for P, what the executor keeps of it, and its holder.
template <class P>
struct Kind {
  static_assert(std::is_arithmetic_v<P>, "not a kind of parameter that SOFT_OP knows");
  template <class C>
  static constexpr bool fits = std::is_same_v<std::remove_const_t<C>, P>;
  using Holder = PlainHolder<P>;
  using Slot = P;
  static P capture(Capture&, P value) { return value; }
};

#define SOFT_KIND(type, handle, holder, slot, expression)                          \
  template <>                                                                      \
  struct Kind<type> {                                                              \
    template <class C>                                                             \
    static constexpr bool fits = is_handle<C, handle>;                             \
    using Holder = holder;                                                         \
    using Slot = slot;                                                             \
    static Slot capture(Capture& call, const handle* value) { return expression; } \
  };
SOFT_KIND(In, aclTensor, InHolder, uint32_t, call.tensor(value, false))
SOFT_KIND(Index, aclTensor, IndexHolder, uint32_t, call.tensor(value, false))
SOFT_KIND(OptIn, aclTensor, OptInHolder, uint32_t, call.tensor(value, true))
SOFT_KIND(Out, aclTensor, OutHolder, uint32_t, call.tensor(value, false))
SOFT_KIND(OptOut, aclTensor, OptOutHolder, uint32_t, call.tensor(value, true))
SOFT_KIND(Reported, aclTensor, ReportedHolder, uint32_t, call.reported(value, true))
SOFT_KIND(InList, aclTensorList, InListHolder, uint32_t, call.tensors(value, false))
SOFT_KIND(OutList, aclTensorList, OutListHolder, uint32_t, call.tensors(value, false))
SOFT_KIND(IndexList, aclTensorList, IndexListHolder, uint32_t, call.tensors(value, true))
SOFT_KIND(Number, aclScalar, NumberHolder, NumberSlot, call.number(value, false))
SOFT_KIND(OptNumber, aclScalar, OptNumberHolder, NumberSlot, call.number(value, true))
SOFT_KIND(Numbers, aclScalarList, NumbersHolder, uint32_t, call.numbers(value))
SOFT_KIND(Ints, aclIntArray, ArrayHolder<int64_t>, uint32_t, call.integers(value, false))
SOFT_KIND(OptInts, aclIntArray, OptIntsHolder, uint32_t, call.integers(value, true))
SOFT_KIND(Bools, aclBoolArray, ArrayHolder<bool>, uint32_t, call.booleans(value))
SOFT_KIND(Floats, aclFloatArray, ArrayHolder<float>, uint32_t, call.floats(value))
SOFT_KIND(Text, char, TextHolder, uint32_t, call.text(value))
#undef SOFT_KIND

template <>
struct Kind<DType> {
  template <class C>
  static constexpr bool fits = std::is_same_v<std::remove_const_t<C>, aclDataType>;
  using Holder = DTypeHolder;
  using Slot = int8_t;
  static Slot capture(Capture& call, aclDataType value) { return call.dtype(value); }
};

// ---------------------------------------------------------------- the two phases of a row

template <unsigned I, class Prototype>
struct ParameterOf;
template <unsigned I, class... C>
struct ParameterOf<I, aclnnStatus (*)(C...)> {
  using type = std::tuple_element_t<I, std::tuple<C...>>;
};
template <unsigned I, class Prototype>
using Parameter = typename ParameterOf<I, Prototype>::type;

template <class Row, class Body>
struct Kernel;

template <class Row, class... P>
struct Kernel<Row, void (*)(P...)> {
  using Slots = std::tuple<typename Kind<P>::Slot...>;
  using Order = std::index_sequence_for<P...>;

  template <class... C>
  static aclnnStatus prepare(C... arguments, uint64_t* workspaceSize, aclOpExecutor** executor) {
    static_assert(sizeof...(C) == sizeof...(P));
    static_assert((Kind<P>::template fits<C> && ...), "a parameter of the row does not fit the prototype");
    if constexpr (Row::rule.raw != nullptr) {
      if (workspaceSize != nullptr && executor != nullptr && !strict()) {
        RawCall call;
        (call.add(arguments), ...);
        if (Row::rule.raw(call)) return call.finish(Row::op, workspaceSize, executor);
      }
    }
    Capture call(Row::op, workspaceSize, executor);
    const uint32_t slots = call.reserve(sizeof(Slots));
    if (!call.failed()) fill(call, slots, Order(), arguments...);
    return call.finish(Row::rule, &invoke);
  }

  template <size_t... I, class... C>
  static void fill(Capture& call, uint32_t slots, std::index_sequence<I...>, C... arguments) {
    (fill_one<I, P>(call, slots, arguments), ...);
  }

  template <size_t I, class Type, class C>
  static void fill_one(Capture& call, uint32_t slots, C argument) {
    if (call.failed()) return;
    call.argument = I;
    const auto slot = Kind<Type>::capture(call, argument);
    if (!call.failed()) std::get<I>(call.executor().template at<Slots>(slots)) = slot;
  }

  static void invoke(aclOpExecutor& executor) { invoke(executor, executor.at<Slots>(0), Order()); }

  template <size_t... I>
  static void invoke(aclOpExecutor& executor, const Slots& slots, std::index_sequence<I...>) {
    apply(typename Kind<P>::Holder(executor, std::get<I>(slots))...);
  }

  template <class... Holder>
  static void apply(Holder&&... holders) {
    Row::body(holders.get()...);
    (holders.settle(), ...);
  }
};

// prepare<> cannot deduce the C types in front of the two last parameters, so the macro names them through
// this.
template <class Row, class Prototype>
struct Prepare;
template <class Row, class... C>
struct Prepare<Row, aclnnStatus (*)(C...)> {
  template <class... A>
  static aclnnStatus call(uint64_t* workspaceSize, aclOpExecutor** executor, A... arguments) {
    return Kernel<Row, decltype(&Row::body)>::template prepare<A...>(arguments..., workspaceSize, executor);
  }
};

}  // namespace softnpu

#define SOFT_JOIN(a, b) SOFT_JOIN_(a, b)
#define SOFT_JOIN_(a, b) a##b
#define SOFT_EXPORT __attribute__((visibility("default")))

// name, rule, (parameters), body
#define SOFT_OP(name, rule_, parameters, ...)                                                               \
  namespace {                                                                                               \
  struct name##Row {                                                                                        \
    static constexpr softnpu::Operator op{#name, #parameters};                                              \
    static constexpr softnpu::Rule rule = rule_;                                                            \
    static void body parameters { __VA_ARGS__; }                                                            \
  };                                                                                                        \
  const softnpu::Registration name##_registration(name##Row::op);                                           \
  }                                                                                                         \
  extern "C" SOFT_EXPORT aclnnStatus name##GetWorkspaceSize(                                                \
      SOFT_JOIN(SOFT_TYPED_, SOFT_COUNT parameters)(name), uint64_t* workspaceSize,                         \
      aclOpExecutor** executor) {                                                                           \
    return softnpu::Prepare<name##Row, decltype(&name##GetWorkspaceSize)>::call(                            \
        workspaceSize, executor, SOFT_JOIN(SOFT_NAMED_, SOFT_COUNT parameters));                            \
  }                                                                                                         \
  extern "C" SOFT_EXPORT aclnnStatus name(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, \
                                          aclrtStream stream) {                                             \
    return softnpu::launch(name##Row::op, workspace, workspaceSize, executor, stream);                      \
  }
