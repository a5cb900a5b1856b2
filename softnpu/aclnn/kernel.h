// One row is one operator:
//
//   SOFT_OP(aclnnAtan2, Floating, (In self, In other, Out out), at::atan2_out(out, self, other))
//
// defines both exported symbols. The C types come from the prototype in cann/include; a row whose parameters
// do not fit it does not compile. The body is written once and runs in two passes:
//
//   check  in phase one, on the caller's thread, on tensors without memory (device `meta`). What ATen would
//   refuse is
//          refused here with 161002. A call of the same dtypes and shapes as one that passed is not checked
//          again.
//   run    on the worker of the stream, on CPU tensors that view the device memory.
//
// A body that cannot run on meta tensors validates first and then returns `if (checking())`.
#pragma once

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>

#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aclnn/aclnn.h"
#include "softnpu/aclnn/base/executor.h"
#include "softnpu/aclnn/parameters.h"

namespace softnpu {

// ---------------------------------------------------------------- what a row says about its arguments

using DtypeSet = uint64_t;

template <class... T>
constexpr DtypeSet dtype_set(T... types) {
  return ((DtypeSet{1} << static_cast<int>(types)) | ...);
}

inline constexpr DtypeSet kFloats = dtype_set(at::kFloat, at::kDouble, at::kHalf, at::kBFloat16);
inline constexpr DtypeSet kComplexes = dtype_set(at::kComplexFloat, at::kComplexDouble);
inline constexpr DtypeSet kInts = dtype_set(at::kByte, at::kChar, at::kShort, at::kInt, at::kLong);
inline constexpr DtypeSet kWideUnsigned = dtype_set(at::kUInt16, at::kUInt32, at::kUInt64);
inline constexpr DtypeSet kStorageOnly =
    dtype_set(at::kComplexHalf, at::kFloat8_e4m3fn, at::kFloat8_e5m2) | kWideUnsigned;
inline constexpr DtypeSet kBools = dtype_set(at::kBool);

class Capture;

enum class Work : uint8_t { kBytes, kProduct };  // how to tell a large call from a small one

// What phase one checks before it runs the body on meta tensors, which do not know what a CPU kernel lacks.
struct Rule {
  DtypeSet inputs;       // every In; every Out as well where there is no In
  bool same = false;     // every In and Out has one dtype
  bool remember = true;  // false where integer attributes differ on every call (seeds)
  Work work = Work::kBytes;
  bool (*raw)(Capture& call) = nullptr;  // picks a raw loop where one fits
  uint64_t (*workspace)(const Capture& call) = nullptr;

  constexpr Rule raw_loop(bool (*picker)(Capture&)) const {
    Rule rule = *this;
    rule.raw = picker;
    return rule;
  }
  constexpr Rule scratch(uint64_t (*bytes)(const Capture&)) const {
    Rule rule = *this;
    rule.workspace = bytes;
    return rule;
  }
  constexpr Rule unremembered() const {
    Rule rule = *this;
    rule.remember = false;
    return rule;
  }
};

inline constexpr Rule Stored{kFloats | kComplexes | kInts | kBools |
                             kStorageOnly};  // moved, not computed with
inline constexpr Rule Any{kFloats | kComplexes | kInts | kBools};
inline constexpr Rule Numeric{kFloats | kComplexes | kInts};
inline constexpr Rule Real{kFloats | kInts | kBools};
inline constexpr Rule RealNumeric{kFloats | kInts};
inline constexpr Rule Floating{kFloats};
inline constexpr Rule FloatingOrComplex{kFloats | kComplexes};
inline constexpr Rule Integral{kInts | kBools};
inline constexpr Rule Product{kFloats | kComplexes | kInts, true, true, Work::kProduct};
inline constexpr Rule Random{kFloats | kInts | kBools, false, false};

// ---------------------------------------------------------------- kinds of parameters of a row

struct IndexTensor : at::Tensor {
  using at::Tensor::Tensor;
};

struct MaybeTensor {
  at::Tensor tensor;
  explicit operator bool() const { return tensor.defined(); }
};

// A list whose tensors are written.
struct OutTensors {
  std::vector<at::Tensor> tensors;
  size_t size() const { return tensors.size(); }
  at::Tensor& operator[](size_t i) { return tensors[i]; }
  operator at::TensorList() const { return tensors; }
};

// An output whose shape only the values decide: made large enough by the caller, told through the descriptor.
struct ReportedTensor {
  at::Tensor room;
  ReportedShape* shape = nullptr;
  explicit operator bool() const { return room.defined(); }
  void report(const at::Tensor& result);
};

using In = const at::Tensor&;
using Index = const IndexTensor&;  // int32 or int64 at the ABI, int64 in the body
using OptIn = const std::optional<at::Tensor>&;
using Out = at::Tensor&;
using OptOut = MaybeTensor&;
using Reported = ReportedTensor&;
using InList = at::TensorList;
using OutList = OutTensors&;
using IndexList = const c10::List<std::optional<at::Tensor>>&;  // a null or empty entry means a full slice
using Number = const at::Scalar&;
using OptNumber = const std::optional<at::Scalar>&;
using Numbers = at::ArrayRef<at::Scalar>;
using Ints = at::IntArrayRef;
using OptInts = at::OptionalIntArrayRef;
using Bools = at::ArrayRef<bool>;
using Floats = at::ArrayRef<float>;
using DType = at::ScalarType;
using Text = const char*;

// True in the check pass.
bool checking();
// Device memory that phase one asked for and the caller gave to phase two, as a CPU tensor of `count`
// elements that starts `offset` bytes in.
at::Tensor workspace(at::ScalarType dtype, int64_t count, int64_t offset = 0);

// ---------------------------------------------------------------- capturing the arguments of a call

struct NumberSlot {
  uint32_t cell;
  uint32_t kind;  // 0 absent, else NumberKind
};
enum NumberKind : uint32_t { kNone, kBool, kInt, kReal, kImaginary };

class Capture {
 public:
  Capture(const Operator& op, uint64_t* workspaceSize, aclOpExecutor** executor);
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // `as_made`: the shape it was created with, where an earlier operator has reported another.
  uint32_t tensor(const aclTensor* tensor, bool optional, bool as_made = false);
  uint32_t reported(const aclTensor* tensor, bool optional);
  uint32_t tensors(const aclTensorList* list, bool null_entries);
  uint32_t integers(const aclIntArray* array, bool optional);
  uint32_t booleans(const aclBoolArray* array);
  uint32_t floats(const aclFloatArray* array);
  uint32_t text(const char* string);
  NumberSlot number(const aclScalar* scalar, bool optional);
  uint32_t numbers(const aclScalarList* list);
  int8_t dtype(aclDataType dtype);

  aclnnStatus finish(const Rule& rule, void (*invoke)(aclOpExecutor&));

  // What pickers of raw loops and workspace sizes look at: the first tensors and numbers of the call, in
  // order.
  static constexpr unsigned kSeen = 6;
  unsigned view_count() const { return views_; }
  const View& view(unsigned i) const { return executor_->at<View>(view_[i]); }
  const NumberSlot& number_slot(unsigned i) const { return number_[i]; }
  Cell& number_cell(unsigned i) const { return executor_->cell(number_[i].cell); }
  bool is_one(unsigned number) const;
  aclOpExecutor& executor() const { return *executor_; }

  uint32_t reserve(size_t bytes) {
    return executor_ == nullptr ? 0 : executor_->signature.reserve_zeroed(bytes);
  }
  unsigned argument = 0;  // being captured now
  bool failed() const { return status_ != ACLNN_SUCCESS; }

 private:
  friend struct Report;
  void refuse(aclnnStatus status, const char* format, ...) __attribute__((format(printf, 3, 4)));
  std::string argument_name(unsigned index) const;
  void remember_life(const aclTensor* tensor);
  bool check_dtypes(const Rule& rule);
  bool check_addresses();
  bool check_body();
  void size_up(const Rule& rule);
  aclnnStatus give_up();

  const Operator& op_;
  uint64_t* workspace_size_;
  aclOpExecutor** result_;
  aclOpExecutor* executor_ = nullptr;
  aclnnStatus status_ = ACLNN_SUCCESS;
  unsigned views_ = 0;
  unsigned numbers_ = 0;
  uint32_t view_[kSeen] = {};
  NumberSlot number_[kSeen] = {};
};

aclnnStatus launch(const Operator& op, void* workspace, uint64_t size, aclOpExecutor* executor,
                   aclrtStream stream);

struct Registration {
  explicit Registration(const Operator& op);
};

// ---------------------------------------------------------------- one argument during a pass

// Each holder makes the C++ argument of its kind for the time of one pass over the body and gives it back.
struct TensorHolder {
  TensorHolder(aclOpExecutor& executor, uint32_t slot);
  ~TensorHolder();
  void settle() {}
  void check_shape() const;
  aclOpExecutor& executor;
  uint32_t slot;
  at::Tensor tensor;
};

struct InHolder : TensorHolder {
  using TensorHolder::TensorHolder;
  In get() { return tensor; }
};
struct OutHolder : TensorHolder {
  using TensorHolder::TensorHolder;
  Out get() { return tensor; }
  void settle() { check_shape(); }
};
struct IndexHolder : TensorHolder {
  IndexHolder(aclOpExecutor& executor, uint32_t slot);
  Index get() { return index; }
  IndexTensor index;
};
struct OptInHolder {
  OptInHolder(aclOpExecutor& executor, uint32_t slot);
  ~OptInHolder();
  OptIn get() { return value; }
  void settle() {}
  aclOpExecutor& executor;
  uint32_t slot;
  std::optional<at::Tensor> value;
};
struct OptOutHolder {
  OptOutHolder(aclOpExecutor& executor, uint32_t slot);
  ~OptOutHolder();
  OptOut get() { return value; }
  void settle();
  aclOpExecutor& executor;
  uint32_t slot;
  MaybeTensor value;
};
struct ReportedSlot {
  uint32_t view;
  uint32_t shape;  // index into the executor's list, from 1
};
struct ReportedHolder {
  ReportedHolder(aclOpExecutor& executor, uint32_t slot);
  ~ReportedHolder();
  Reported get() { return value; }
  void settle() {}
  aclOpExecutor& executor;
  uint32_t slot;
  ReportedTensor value;
};
struct ListHolder {
  ListHolder(aclOpExecutor& executor, uint32_t slot);
  ~ListHolder();
  void settle() {}
  void check_shapes() const;
  aclOpExecutor& executor;
  uint32_t slot;
  OutTensors list;
};
struct InListHolder : ListHolder {
  using ListHolder::ListHolder;
  InList get() { return list.tensors; }
};
struct OutListHolder : ListHolder {
  using ListHolder::ListHolder;
  OutList get() { return list; }
  void settle() { check_shapes(); }
};
struct IndexListHolder : ListHolder {
  IndexListHolder(aclOpExecutor& executor, uint32_t slot);
  IndexList get() { return indices; }
  c10::List<std::optional<at::Tensor>> indices;
};
struct NumberHolder {
  NumberHolder(aclOpExecutor& executor, NumberSlot slot);
  Number get() { return value; }
  void settle() {}
  at::Scalar value;
};
struct OptNumberHolder {
  OptNumberHolder(aclOpExecutor& executor, NumberSlot slot);
  OptNumber get() { return value; }
  void settle() {}
  std::optional<at::Scalar> value;
};
struct NumbersHolder {
  NumbersHolder(aclOpExecutor& executor, uint32_t slot);
  Numbers get() { return values; }
  void settle() {}
  std::vector<at::Scalar> values;
};
template <class T>
struct ArrayHolder {
  ArrayHolder(aclOpExecutor& executor, uint32_t slot) : header(&executor.at<uint64_t>(slot)) {}
  at::ArrayRef<T> get() {  // not braces: a pair of values would be a list of two flags for bool
    return at::ArrayRef<T>(reinterpret_cast<const T*>(header + 1), static_cast<size_t>(*header));
  }
  void settle() {}
  const uint64_t* header;
};
struct OptIntsHolder {
  OptIntsHolder(aclOpExecutor& executor, uint32_t slot) {
    if (slot != 0) value = ArrayHolder<int64_t>(executor, slot).get();
  }
  OptInts get() { return value; }
  void settle() {}
  OptInts value;
};
struct TextHolder {
  TextHolder(aclOpExecutor& executor, uint32_t slot)
      : value(slot == 0 ? nullptr : &executor.at<char>(slot)) {}
  Text get() { return value; }
  void settle() {}
  Text value;
};
struct DTypeHolder {
  DTypeHolder(aclOpExecutor&, int8_t slot) : value(static_cast<DType>(slot)) {}
  DType get() { return value; }
  void settle() {}
  DType value;
};
template <class T>
struct PlainHolder {
  PlainHolder(aclOpExecutor&, T slot) : value(slot) {}
  T get() { return value; }
  void settle() {}
  T value;
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
