// What a row says about its operator besides the body: data types, and how phase one checks a call.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>

namespace softnpu {

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
class RawCall;

enum class Work : uint8_t { kBytes, kProduct };  // how to tell a large call from a small one

// How phase one finds out whether the kernel can do what it is asked.
enum class Check : uint8_t {
  kMeta,       // runs the body on meta tensors of the shapes of the call
  kPointwise,  // compares the shapes, and runs the body on CPU tensors of an element or two
};

// What phase one checks.
struct Rule {
  DtypeSet inputs;       // every In; every Out as well where there is no In
  bool same = false;     // every In and Out has one dtype
  bool remember = true;  // false where integer attributes differ on every call (seeds)
  Work work = Work::kBytes;
  Check check = Check::kMeta;
  bool (*raw)(RawCall& call) = nullptr;  // picks a raw loop where one fits
  uint64_t (*workspace)(const Capture& call) = nullptr;

  // Every output element is computed from the input elements at its place, after broadcasting.
  constexpr Rule pointwise() const {
    Rule rule = *this;
    rule.check = Check::kPointwise;
    return rule;
  }
  constexpr Rule raw_loop(bool (*picker)(RawCall&)) const {
    Rule rule = pointwise();
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

}  // namespace softnpu
