#include "softnpu/aclnn/raw.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "softnpu.h"
#include "softnpu/aclnn/dtype.h"
#include "softnpu/aclnn/pass.h"

#pragma GCC optimize("O3")

namespace softnpu::raw {

namespace {

constexpr int64_t kMostElements = 16 * 1024;  // beyond, ATen's vectors and threads win

template <class T>
inline constexpr bool is_float =
    std::is_floating_point_v<T> || std::is_same_v<T, c10::Half> || std::is_same_v<T, c10::BFloat16>;

// Integers wrap around, as ATen's do.
template <class T>
using Wrapping =
    typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;

#define WRAPPED(a, op, b) static_cast<T>(static_cast<Wrapping<T>>(a) op static_cast<Wrapping<T>>(b))
struct Add {
  template <class T>
  static T of(T a, T b) {
    return WRAPPED(a, +, b);
  }
};
struct Sub {
  template <class T>
  static T of(T a, T b) {
    return WRAPPED(a, -, b);
  }
};
struct Mul {
  template <class T>
  static T of(T a, T b) {
    return WRAPPED(a, *, b);
  }
};
#undef WRAPPED
struct Div {
  static constexpr bool kFloatOnly = true;
  template <class T>
  static T of(T a, T b) {
    return a / b;
  }
};
struct Maximum {
  template <class T>
  static T of(T a, T b) {
    if constexpr (is_float<T>) {
      if (a != a) return a;
      if (b != b) return b;
    }
    return a > b ? a : b;
  }
};
struct Minimum {
  template <class T>
  static T of(T a, T b) {
    if constexpr (is_float<T>) {
      if (a != a) return a;
      if (b != b) return b;
    }
    return a < b ? a : b;
  }
};
struct Neg {
  template <class T>
  static T of(T a) {
    if constexpr (is_float<T>) return -a;
    return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
  }
};
struct Abs {
  static constexpr bool kFloatOnly = true;
  template <class T>
  static T of(T a) {
    return static_cast<T>(std::fabs(static_cast<std::conditional_t<sizeof(T) < 4, float, T>>(a)));
  }
};
struct Relu {
  template <class T>
  static T of(T a) {
    return a < T(0) ? T(0) : a;
  }
};
struct Reciprocal {
  static constexpr bool kFloatOnly = true;
  template <class T>
  static T of(T a) {
    return T(1) / a;
  }
};

#define COMPARISON(name, op)   \
  struct name {                \
    template <class T>         \
    static bool of(T a, T b) { \
      return a op b;           \
    }                          \
  };
COMPARISON(Eq, ==)
COMPARISON(Ne, !=)
COMPARISON(Lt, <)
COMPARISON(Le, <=)
COMPARISON(Gt, >)
COMPARISON(Ge, >=)
#undef COMPARISON

// An output may be one of the inputs, at the same place: no dependence from one element to another.
template <class Op, class T>
void binary(void* out, const void* a, const void* b, int64_t count, uint64_t) {
  using R = decltype(Op::of(T(), T()));
  auto* to = static_cast<R*>(out);
  auto* left = static_cast<const T*>(a);
  auto* right = static_cast<const T*>(b);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(left[i], right[i]);
}

template <class Op, class T>
void with_number(void* out, const void* a, const void*, int64_t count, uint64_t number) {
  using R = decltype(Op::of(T(), T()));
  auto* to = static_cast<R*>(out);
  auto* left = static_cast<const T*>(a);
  T right;
  std::memcpy(&right, &number, sizeof(T));
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(left[i], right);
}

template <class Op, class T>
void unary(void* out, const void* a, const void*, int64_t count, uint64_t) {
  auto* to = static_cast<T*>(out);
  auto* from = static_cast<const T*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(from[i]);
}

template <class T>
void fill_with(void* out, const void*, const void*, int64_t count, uint64_t number) {
  auto* to = static_cast<T*>(out);
  T value;
  std::memcpy(&value, &number, sizeof(T));
  for (int64_t i = 0; i < count; ++i) to[i] = value;
}

void zero_bytes(void* out, const void*, const void*, int64_t count, uint64_t) {
  std::memset(out, 0, static_cast<size_t>(count));
}

void copy_bytes(void* out, const void* a, const void*, int64_t count, uint64_t) {
  std::memmove(out, a, static_cast<size_t>(count));
}

// Calls visit(T()) for the element type of the loops; null for the others.
template <class Visit>
RawLoop for_type(aclDataType dtype, Visit visit) {
  switch (dtype) {
    case ACL_FLOAT:
      return visit(float{});
    case ACL_DOUBLE:
      return visit(double{});
    case ACL_FLOAT16:
      return visit(c10::Half());
    case ACL_BF16:
      return visit(c10::BFloat16());
    case ACL_INT64:
      return visit(int64_t{});
    case ACL_INT32:
      return visit(int32_t{});
    default:
      return nullptr;
  }
}

template <class Op, class T>
constexpr bool suits = !requires {
  Op::kFloatOnly;
}
|| is_float<T>;

// Small, contiguous, of one shape; the last tensor may have the dtype `result` instead of the first one's.
bool qualifies(const RawCall& call, unsigned tensors, aclDataType result) {
  if (call.tensors() != tensors) return false;
  const aclTensor& first = call.tensor(0);
  if (first.numel == 0 || first.numel > kMostElements) return false;
  for (unsigned i = 0; i < tensors; ++i) {
    const aclTensor& tensor = call.tensor(i);
    if (!is_alive(tensor.generation) || !tensor.plain || tensor.rank != first.rank ||
        tensor.dtype != (i > 0 && i + 1 == tensors ? result : first.dtype) || tensor.data == nullptr ||
        tensor.reported.load(std::memory_order_relaxed) != nullptr || tensor.numel != first.numel)
      return false;
    // Of tensors with one dimension the number of elements is the shape.
    for (uint32_t d = 0; first.rank > 1 && d < first.rank; ++d)
      if (tensor.dims[d] != first.dims[d]) return false;
  }
  return true;
}

template <class Op>
constexpr bool compares = std::is_same_v<decltype(Op::of(0.0f, 0.0f)), bool>;

// A number as a picker reads it; kNone where the descriptor is dead or no number.
uint32_t read(const aclScalar& scalar, Cell& cell) {
  return is_alive(scalar.generation) ? number_from(scalar, cell) : uint32_t{kNone};
}

bool is_one(const aclScalar& scalar) {
  if (scalar.dtype == ACL_INT64 && is_alive(scalar.generation)) [[likely]] {
    int64_t value;
    std::memcpy(&value, scalar.value, sizeof(value));
    return value == 1;
  }
  Cell cell;
  const uint32_t kind = read(scalar, cell);
  return kind == kInt || kind == kBool ? cell.integer == 1 : kind == kReal && cell.number[0] == 1.0;
}

template <class Op, bool kAlpha>
bool pick_binary(RawCall& call) {
  const unsigned tensors = call.tensors();
  if (tensors < 2 || (kAlpha && !is_one(call.number(0))) || (compares<Op> && tensors != 3)) return false;
  const aclDataType dtype = call.tensor(0).dtype;
  if (!qualifies(call, tensors, compares<Op> ? ACL_BOOL : dtype)) return false;
  const RawLoop loop = for_type(dtype, [](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) return &binary<Op, T>;
    return nullptr;
  });
  return call.use(loop, tensors == 3 ? 2 : 0, 0, 1, call.tensor(0).numel);
}

// The bytes of a number as a T. False where the result would have another type than T, or other bits.
template <class T>
bool narrow(const Cell& cell, uint32_t kind, uint64_t* bytes) {
  T value;
  if constexpr (std::is_floating_point_v<T>) {
    if (kind == kImaginary || kind == kNone) return false;
    value = kind == kReal ? static_cast<T>(cell.number[0]) : static_cast<T>(cell.integer);
  } else if constexpr (std::is_integral_v<T>) {
    if (kind != kInt && kind != kBool) return false;
    value = static_cast<T>(cell.integer);
    if (static_cast<int64_t>(value) != cell.integer) return false;
  } else {
    return false;  // half types compute with the number in float
  }
  std::memcpy(bytes, &value, sizeof(T));
  return true;
}

template <class Op, bool kAlpha>
bool pick_number(RawCall& call) {
  const unsigned tensors = call.tensors();
  if (tensors == 0 || (kAlpha && !is_one(call.number(1))) || (compares<Op> && tensors != 2)) return false;
  const aclDataType dtype = call.tensor(0).dtype;
  if (!qualifies(call, tensors, compares<Op> ? ACL_BOOL : dtype)) return false;
  Cell cell;
  const uint32_t kind = read(call.number(0), cell);
  uint64_t number = 0;
  const RawLoop loop = for_type(dtype, [&](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) {
      if (narrow<T>(cell, kind, &number)) return &with_number<Op, T>;
    }
    return nullptr;
  });
  return call.use(loop, tensors - 1, 0, 0, call.tensor(0).numel, number);
}

template <class Op>
bool pick_unary(RawCall& call) {
  const unsigned tensors = call.tensors();
  if (tensors == 0) return false;
  const aclDataType dtype = call.tensor(0).dtype;
  if (!qualifies(call, tensors, dtype)) return false;
  const RawLoop loop = for_type(dtype, [](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) return &unary<Op, T>;
    return nullptr;
  });
  return call.use(loop, tensors - 1, 0, 0, call.tensor(0).numel);
}

int64_t bytes_of(const aclTensor& tensor) {
  return tensor.numel * static_cast<int64_t>(c10::elementSize(scalar_type(tensor.dtype)));
}

// Fills the only tensor with a number.
bool pick_fill(RawCall& call, const Cell& cell, uint32_t kind) {
  if (call.tensors() != 1 || !qualifies(call, 1, call.tensor(0).dtype)) return false;
  uint64_t bytes = 0;
  const RawLoop loop = for_type(call.tensor(0).dtype, [&](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (std::is_same_v<T, c10::Half> || std::is_same_v<T, c10::BFloat16>) {
      if (kind == kImaginary || kind == kNone) return nullptr;
      const double number = kind == kReal ? cell.number[0] : static_cast<double>(cell.integer);
      const T value(static_cast<float>(number));
      if (std::isfinite(number) && !std::isfinite(static_cast<float>(value))) return nullptr;
      std::memcpy(&bytes, &value, sizeof(T));
      return &fill_with<T>;
    } else {
      if constexpr (std::is_same_v<T, float>) {
        if (kind == kReal && std::isfinite(cell.number[0]) &&
            !std::isfinite(static_cast<float>(cell.number[0])))
          return nullptr;  // ATen refuses a finite number that a float cannot hold
      }
      return narrow<T>(cell, kind, &bytes) ? &fill_with<T> : nullptr;
    }
  });
  return call.use(loop, 0, 0, 0, call.tensor(0).numel, bytes);
}

}  // namespace

bool add(RawCall& call) {
  return pick_binary<Add, true>(call);
}
bool sub(RawCall& call) {
  return pick_binary<Sub, true>(call);
}
bool mul(RawCall& call) {
  return pick_binary<Mul, false>(call);
}
bool div(RawCall& call) {
  return pick_binary<Div, false>(call);
}
bool maximum(RawCall& call) {
  return pick_binary<Maximum, false>(call);
}
bool minimum(RawCall& call) {
  return pick_binary<Minimum, false>(call);
}
bool eq(RawCall& call) {
  return pick_binary<Eq, false>(call);
}
bool ne(RawCall& call) {
  return pick_binary<Ne, false>(call);
}
bool lt(RawCall& call) {
  return pick_binary<Lt, false>(call);
}
bool le(RawCall& call) {
  return pick_binary<Le, false>(call);
}
bool gt(RawCall& call) {
  return pick_binary<Gt, false>(call);
}
bool ge(RawCall& call) {
  return pick_binary<Ge, false>(call);
}
bool adds(RawCall& call) {
  return pick_number<Add, true>(call);
}
bool subs(RawCall& call) {
  if (call.tensors() == 0 || call.number(0).dtype == ACL_BOOL) return false;  // ATen refuses it
  return pick_number<Sub, true>(call);
}
bool muls(RawCall& call) {
  return pick_number<Mul, false>(call);
}
bool divs(RawCall& call) {
  return pick_number<Div, false>(call);
}
bool eqs(RawCall& call) {
  return pick_number<Eq, false>(call);
}
bool nes(RawCall& call) {
  return pick_number<Ne, false>(call);
}
bool lts(RawCall& call) {
  return pick_number<Lt, false>(call);
}
bool les(RawCall& call) {
  return pick_number<Le, false>(call);
}
bool gts(RawCall& call) {
  return pick_number<Gt, false>(call);
}
bool ges(RawCall& call) {
  return pick_number<Ge, false>(call);
}
bool neg(RawCall& call) {
  return pick_unary<Neg>(call);
}
bool abs(RawCall& call) {
  return pick_unary<Abs>(call);
}
bool relu(RawCall& call) {
  return pick_unary<Relu>(call);
}
bool reciprocal(RawCall& call) {
  return pick_unary<Reciprocal>(call);
}

bool fill(RawCall& call) {
  if (call.tensors() == 0) return false;
  Cell cell;
  const uint32_t kind = read(call.number(0), cell);
  return pick_fill(call, cell, kind);
}

bool zero(RawCall& call) {
  if (call.tensors() == 0 || !qualifies(call, 1, call.tensor(0).dtype)) return false;
  if (scalar_type(call.tensor(0).dtype) == at::ScalarType::Undefined) return false;
  return call.use(&zero_bytes, 0, 0, 0, bytes_of(call.tensor(0)));
}

bool one(RawCall& call) {
  Cell cell;
  cell.integer = 1;
  return pick_fill(call, cell, kInt);
}

bool copy(RawCall& call) {
  if (call.tensors() == 0 || !qualifies(call, 2, call.tensor(0).dtype)) return false;
  if (scalar_type(call.tensor(0).dtype) == at::ScalarType::Undefined) return false;
  return call.use(&copy_bytes, 0, 1, 1, bytes_of(call.tensor(0)));
}

}  // namespace softnpu::raw

namespace softnpu {

namespace {

// Bytes of an element, for the dtypes that qualify.
const auto kElementSize = [] {
  std::array<uint8_t, 64> sizes{};
  for (size_t i = 0; i < sizes.size(); ++i) {
    const at::ScalarType type = scalar_type(static_cast<aclDataType>(i));
    if (type != at::ScalarType::Undefined) sizes[i] = static_cast<uint8_t>(c10::elementSize(type));
  }
  return sizes;
}();

int64_t element_size(const aclTensor& tensor) {
  return kElementSize[static_cast<size_t>(tensor.dtype)];
}

}  // namespace

bool RawCall::use(RawLoop loop, unsigned out, unsigned a, unsigned b, int64_t count, uint64_t number) {
  if (loop == nullptr) return false;
  std::byte* first[kMost];
  uintptr_t begin = std::numeric_limits<uintptr_t>::max(), end = 0;
  RawTensors& kept = executor_->raw_tensors;
  for (unsigned i = 0; i < tensors_; ++i) {
    const aclTensor& tensor = *tensor_[i];
    const int64_t size = element_size(tensor);
    kept.offset_bytes[i] = tensor.offset * size;
    first[i] = static_cast<std::byte*>(tensor.data) + kept.offset_bytes[i];
    const auto address = reinterpret_cast<uintptr_t>(first[i]);
    begin = std::min(begin, address);
    end = std::max(end, address + static_cast<uintptr_t>(tensor.numel * size));
  }
  // Small tensors lie near each other more often than not: then one look at the page table is enough.
  if (end - begin > kNear || softnpu_device_of(reinterpret_cast<void*>(begin), end - begin) < 0) {
    for (unsigned i = 0; i < tensors_; ++i) {
      const auto bytes = static_cast<size_t>(tensor_[i]->numel * element_size(*tensor_[i]));
      if (softnpu_device_of(first[i], bytes) < 0) return false;
    }
  }
  kept.count = tensors_;
  kept.role[0] = static_cast<uint8_t>(out);
  kept.role[1] = static_cast<uint8_t>(a);
  kept.role[2] = static_cast<uint8_t>(b);
  RawTask& task = executor_->raw;
  task.loop = loop;
  task.address[0] = first[out];
  task.address[1] = first[a];
  task.address[2] = first[b];
  task.count = count;
  task.number = number;
  return true;
}

aclnnStatus RawCall::finish(const Operator& op, uint64_t* workspaceSize, aclOpExecutor** result) {
  executor_->op = &op;
  executor_->state = ExecutorState::kReady;
  *workspaceSize = 0;
  *result = std::exchange(executor_, nullptr);
  return ACLNN_SUCCESS;
}

}  // namespace softnpu
