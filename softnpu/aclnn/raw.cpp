#include "softnpu/aclnn/raw.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <cmath>
#include <cstring>
#include <type_traits>

#include "softnpu/aclnn/pass.h"

#pragma GCC optimize("O3")

namespace softnpu::raw {

namespace {

constexpr int64_t kMostBytes = 64 * 1024;  // beyond, ATen's vectors and threads win

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
void binary(void* out, const void* a, const void* b, int64_t count, Cell) {
  using R = decltype(Op::of(T(), T()));
  auto* to = static_cast<R*>(out);
  auto* left = static_cast<const T*>(a);
  auto* right = static_cast<const T*>(b);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(left[i], right[i]);
}

template <class Op, class T>
void with_number(void* out, const void* a, const void*, int64_t count, Cell number) {
  using R = decltype(Op::of(T(), T()));
  auto* to = static_cast<R*>(out);
  auto* left = static_cast<const T*>(a);
  T right;
  std::memcpy(&right, &number, sizeof(T));
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(left[i], right);
}

template <class Op, class T>
void unary(void* out, const void* a, const void*, int64_t count, Cell) {
  auto* to = static_cast<T*>(out);
  auto* from = static_cast<const T*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < count; ++i) to[i] = Op::of(from[i]);
}

template <class T>
void fill_with(void* out, const void*, const void*, int64_t count, Cell number) {
  auto* to = static_cast<T*>(out);
  T value;
  std::memcpy(&value, &number, sizeof(T));
  for (int64_t i = 0; i < count; ++i) to[i] = value;
}

void zero_bytes(void* out, const void*, const void*, int64_t count, Cell) {
  std::memset(out, 0, static_cast<size_t>(count));
}

void copy_bytes(void* out, const void* a, const void*, int64_t count, Cell) {
  std::memmove(out, a, static_cast<size_t>(count));
}

// Calls visit(T()) for the element type of the loops; null for the others.
template <class Visit>
RawLoop for_type(int8_t dtype, Visit visit) {
  switch (static_cast<at::ScalarType>(dtype)) {
    case at::kFloat:
      return visit(float{});
    case at::kDouble:
      return visit(double{});
    case at::kHalf:
      return visit(c10::Half());
    case at::kBFloat16:
      return visit(c10::BFloat16());
    case at::kLong:
      return visit(int64_t{});
    case at::kInt:
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

// Small, contiguous, of one shape; the last view may have the dtype `result` instead of the first one's.
bool qualifies(const Capture& call, unsigned views, int8_t result) {
  if (call.view_count() != views) return false;
  const View& first = call.view(0);
  const auto size = static_cast<int64_t>(c10::elementSize(static_cast<at::ScalarType>(first.dtype)));
  if (!first.contiguous || first.numel * size > kMostBytes) return false;
  for (unsigned i = 1; i < views; ++i) {
    const View& other = call.view(i);
    const bool is_last = i + 1 == views;
    if (!other.contiguous || other.rank != first.rank || other.dtype != (is_last ? result : first.dtype) ||
        std::memcmp(other.dims(), first.dims(), first.rank * sizeof(int64_t)) != 0)
      return false;
  }
  return true;
}

bool use(Capture& call, RawLoop loop, unsigned out, unsigned a, unsigned b, uint32_t number, int64_t count) {
  if (loop == nullptr) return false;
  aclOpExecutor& executor = call.executor();
  executor.raw = loop;
  executor.raw_cells[0] = call.view(out).cell;
  executor.raw_cells[1] = call.view(a).cell;
  executor.raw_cells[2] = call.view(b).cell;
  executor.raw_cells[3] = number;
  executor.raw_count = count;
  return true;
}

constexpr auto kBoolDtype = static_cast<int8_t>(at::kBool);

template <class Op>
constexpr bool compares = std::is_same_v<decltype(Op::of(0.0f, 0.0f)), bool>;

template <class Op, bool kAlpha>
bool pick_binary(Capture& call) {
  const unsigned views = call.view_count();
  if (views < 2 || (kAlpha && !call.is_one(0))) return false;
  const int8_t dtype = call.view(0).dtype;
  if (compares<Op> && views != 3) return false;
  if (!qualifies(call, views, compares<Op> ? kBoolDtype : dtype)) return false;
  const RawLoop loop = for_type(dtype, [](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) return &binary<Op, T>;
    return nullptr;
  });
  return use(call, loop, views == 3 ? 2 : 0, 0, 1, 0, call.view(0).numel);
}

// Puts the number into its cell as a T. False where the result would have another type than T, or other bits.
template <class T>
bool narrow(Cell& cell, uint32_t kind) {
  T value;
  if constexpr (std::is_floating_point_v<T>) {
    if (kind == kImaginary) return false;
    value = kind == kReal ? static_cast<T>(cell.number[0]) : static_cast<T>(cell.integer);
  } else if constexpr (std::is_integral_v<T>) {
    if (kind != kInt && kind != kBool) return false;
    value = static_cast<T>(cell.integer);
    if (static_cast<int64_t>(value) != cell.integer) return false;
  } else {
    return false;  // half types compute with the number in float
  }
  std::memcpy(&cell, &value, sizeof(T));
  return true;
}

template <class Op, bool kAlpha>
bool pick_number(Capture& call) {
  const unsigned views = call.view_count();
  if (kAlpha && !call.is_one(1)) return false;
  const int8_t dtype = call.view(0).dtype;
  if (compares<Op> && views != 2) return false;
  if (!qualifies(call, views, compares<Op> ? kBoolDtype : dtype)) return false;
  const RawLoop loop = for_type(dtype, [&](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) {
      if (narrow<T>(call.number_cell(0), call.number_slot(0).kind)) return &with_number<Op, T>;
    }
    return nullptr;
  });
  return use(call, loop, views - 1, 0, 0, call.number_slot(0).cell, call.view(0).numel);
}

template <class Op>
bool pick_unary(Capture& call) {
  const unsigned views = call.view_count();
  const int8_t dtype = call.view(0).dtype;
  if (!qualifies(call, views, dtype)) return false;
  const RawLoop loop = for_type(dtype, [](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (suits<Op, T>) return &unary<Op, T>;
    return nullptr;
  });
  return use(call, loop, views - 1, 0, 0, 0, call.view(0).numel);
}

int64_t bytes_of(const View& view) {
  return view.numel * static_cast<int64_t>(c10::elementSize(static_cast<at::ScalarType>(view.dtype)));
}

// Fills the first view with the number in `cell`.
bool pick_fill(Capture& call, Cell& cell, uint32_t kind, uint32_t offset) {
  const View& view = call.view(0);
  if (!qualifies(call, 1, view.dtype)) return false;
  const RawLoop loop = for_type(view.dtype, [&](auto t) -> RawLoop {
    using T = decltype(t);
    if constexpr (std::is_same_v<T, c10::Half> || std::is_same_v<T, c10::BFloat16>) {
      if (kind == kImaginary) return nullptr;
      const double number = kind == kReal ? cell.number[0] : static_cast<double>(cell.integer);
      const T value(static_cast<float>(number));
      if (std::isfinite(number) && !std::isfinite(static_cast<float>(value))) return nullptr;
      std::memcpy(&cell, &value, sizeof(T));
      return &fill_with<T>;
    } else {
      if constexpr (std::is_same_v<T, float>) {
        if (kind == kReal && std::isfinite(cell.number[0]) &&
            !std::isfinite(static_cast<float>(cell.number[0])))
          return nullptr;  // ATen refuses a finite number that a float cannot hold
      }
      return narrow<T>(cell, kind) ? &fill_with<T> : nullptr;
    }
  });
  return use(call, loop, 0, 0, 0, offset, view.numel);
}

}  // namespace

bool add(Capture& call) {
  return pick_binary<Add, true>(call);
}
bool sub(Capture& call) {
  return pick_binary<Sub, true>(call);
}
bool mul(Capture& call) {
  return pick_binary<Mul, false>(call);
}
bool div(Capture& call) {
  return pick_binary<Div, false>(call);
}
bool maximum(Capture& call) {
  return pick_binary<Maximum, false>(call);
}
bool minimum(Capture& call) {
  return pick_binary<Minimum, false>(call);
}
bool eq(Capture& call) {
  return pick_binary<Eq, false>(call);
}
bool ne(Capture& call) {
  return pick_binary<Ne, false>(call);
}
bool lt(Capture& call) {
  return pick_binary<Lt, false>(call);
}
bool le(Capture& call) {
  return pick_binary<Le, false>(call);
}
bool gt(Capture& call) {
  return pick_binary<Gt, false>(call);
}
bool ge(Capture& call) {
  return pick_binary<Ge, false>(call);
}
bool adds(Capture& call) {
  return pick_number<Add, true>(call);
}
bool subs(Capture& call) {
  if (call.number_slot(0).kind == kBool) return false;  // ATen refuses it
  return pick_number<Sub, true>(call);
}
bool muls(Capture& call) {
  return pick_number<Mul, false>(call);
}
bool divs(Capture& call) {
  return pick_number<Div, false>(call);
}
bool eqs(Capture& call) {
  return pick_number<Eq, false>(call);
}
bool nes(Capture& call) {
  return pick_number<Ne, false>(call);
}
bool lts(Capture& call) {
  return pick_number<Lt, false>(call);
}
bool les(Capture& call) {
  return pick_number<Le, false>(call);
}
bool gts(Capture& call) {
  return pick_number<Gt, false>(call);
}
bool ges(Capture& call) {
  return pick_number<Ge, false>(call);
}
bool neg(Capture& call) {
  return pick_unary<Neg>(call);
}
bool abs(Capture& call) {
  return pick_unary<Abs>(call);
}
bool relu(Capture& call) {
  return pick_unary<Relu>(call);
}
bool reciprocal(Capture& call) {
  return pick_unary<Reciprocal>(call);
}

bool fill(Capture& call) {
  return pick_fill(call, call.number_cell(0), call.number_slot(0).kind, call.number_slot(0).cell);
}

bool zero(Capture& call) {
  if (!qualifies(call, 1, call.view(0).dtype)) return false;
  return use(call, &zero_bytes, 0, 0, 0, 0, bytes_of(call.view(0)));
}

bool one(Capture& call) {
  const uint32_t offset = call.executor().cells.reserve(sizeof(Cell));
  Cell& cell = call.executor().cell(offset);
  cell.integer = 1;
  return pick_fill(call, cell, kInt, offset);
}

bool copy(Capture& call) {
  if (!qualifies(call, 2, call.view(0).dtype)) return false;
  return use(call, &copy_bytes, 0, 1, 1, 0, bytes_of(call.view(0)));
}

}  // namespace softnpu::raw
