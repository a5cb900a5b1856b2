#include "softnpu/hccl/reduce.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "hccl/hccl_types.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

// One function of the loops below for each instruction set; the loader picks.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_ISA __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_ISA
#endif

namespace softnpu::hccl {
namespace {

constexpr uint64_t kBlock = 2048;  // elements of the accumulator: 16 KiB at most, in the first cache

float from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
uint32_t to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// bfloat16: the upper half of a float32; ties go to the even neighbour.
inline float bf16_load(uint16_t half) {
  return from_bits(uint32_t(half) << 16);
}
inline uint16_t bf16_store(float value) {
  const uint32_t bits = to_bits(value);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16 | 0x40) : rounded);
}

// float16 without instructions for it, free of branches so that the loops become vectors. Loading scales the
// shifted bits by 2^112, which also makes normal numbers of subnormal ones.
inline float f16_load(uint16_t half) {
  const uint32_t magnitude = uint32_t(half & 0x7fff) << 13;
  const uint32_t scaled = to_bits(from_bits(magnitude) * from_bits(uint32_t(127 + 112) << 23));
  const uint32_t special = magnitude >= (uint32_t{0x7c00} << 13) ? uint32_t{0xff} << 23 : 0;
  return from_bits(scaled | special | uint32_t(half & 0x8000) << 16);
}
// Storing lets the addition of a number 2^23 halves above the last place do the rounding of subnormal
// results.
inline uint16_t f16_store(float value) {
  const uint32_t bits = to_bits(value), magnitude = bits & 0x7fffffff;
  const uint32_t magic = uint32_t(127 - 15 + 23 - 10 + 1) << 23;
  const uint32_t subnormal = to_bits(from_bits(magnitude) + from_bits(magic)) - magic;
  const uint32_t normal = (magnitude - (uint32_t(127 - 15) << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
  const uint32_t infinite = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
  const uint32_t finite = magnitude < uint32_t(127 - 14) << 23 ? subnormal : normal;
  const uint32_t result = magnitude >= uint32_t(127 + 16) << 23 ? infinite : finite;
  return static_cast<uint16_t>(result | (bits >> 16 & 0x8000));
}

// The loops of one dtype: E is an element in memory, A one in the accumulator.
#define LOOPS(name, E, A, LOAD, STORE, SUM, PRODUCT)                                     \
  FOR_EACH_ISA void name##_load(void* accumulator, const void* input, uint64_t n) {      \
    A* a = static_cast<A*>(accumulator);                                                 \
    const E* x = static_cast<const E*>(input);                                           \
    for (uint64_t i = 0; i < n; ++i) a[i] = LOAD(x[i]);                                  \
  }                                                                                      \
  FOR_EACH_ISA void name##_store(void* output, const void* accumulator, uint64_t n) {    \
    E* y = static_cast<E*>(output);                                                      \
    const A* a = static_cast<const A*>(accumulator);                                     \
    for (uint64_t i = 0; i < n; ++i) y[i] = STORE(a[i]);                                 \
  }                                                                                      \
  FOR_EACH_ISA void name##_sum(void* accumulator, const void* input, uint64_t n) {       \
    A* a = static_cast<A*>(accumulator);                                                 \
    const E* x = static_cast<const E*>(input);                                           \
    for (uint64_t i = 0; i < n; ++i) a[i] = static_cast<A>(SUM(a[i]) + SUM(LOAD(x[i]))); \
  }                                                                                      \
  FOR_EACH_ISA void name##_product(void* accumulator, const void* input, uint64_t n) {   \
    A* a = static_cast<A*>(accumulator);                                                 \
    const E* x = static_cast<const E*>(input);                                           \
    for (uint64_t i = 0; i < n; ++i) a[i] = static_cast<A>(SUM(a[i]) * SUM(LOAD(x[i]))); \
  }                                                                                      \
  FOR_EACH_ISA void name##_max(void* accumulator, const void* input, uint64_t n) {       \
    A* a = static_cast<A*>(accumulator);                                                 \
    const E* x = static_cast<const E*>(input);                                           \
    for (uint64_t i = 0; i < n; ++i) a[i] = std::max<A>(a[i], LOAD(x[i]));               \
  }                                                                                      \
  FOR_EACH_ISA void name##_min(void* accumulator, const void* input, uint64_t n) {       \
    A* a = static_cast<A*>(accumulator);                                                 \
    const E* x = static_cast<const E*>(input);                                           \
    for (uint64_t i = 0; i < n; ++i) a[i] = std::min<A>(a[i], LOAD(x[i]));               \
  }
#define SAME(x) (x)
#define AS_UNSIGNED_64(x) static_cast<uint64_t>(x)
#define AS_UNSIGNED_32(x) static_cast<uint32_t>(x)

// Integers wrap around, which only unsigned arithmetic may.
LOOPS(int8, int8_t, int8_t, SAME, SAME, AS_UNSIGNED_32, AS_UNSIGNED_32)
LOOPS(int16, int16_t, int16_t, SAME, SAME, AS_UNSIGNED_32, AS_UNSIGNED_32)
LOOPS(int32, int32_t, int32_t, SAME, SAME, AS_UNSIGNED_32, AS_UNSIGNED_32)
LOOPS(int64, int64_t, int64_t, SAME, SAME, AS_UNSIGNED_64, AS_UNSIGNED_64)
LOOPS(uint64, uint64_t, uint64_t, SAME, SAME, SAME, SAME)
LOOPS(float32, float, float, SAME, SAME, SAME, SAME)
LOOPS(float64, double, double, SAME, SAME, SAME, SAME)
LOOPS(float16, uint16_t, float, f16_load, f16_store, SAME, SAME)
LOOPS(bfloat16, uint16_t, float, bf16_load, bf16_store, SAME, SAME)
#undef LOOPS
#undef SAME
#undef AS_UNSIGNED_64
#undef AS_UNSIGNED_32
#undef FOR_EACH_ISA

using Load = void (*)(void*, const void*, uint64_t);

struct Kernel {
  HcclDataType dtype;
  size_t size;
  Load load, store;
  Load combine[4];  // by HcclReduceOp
};

#define ROW(dtype, size, name)                           \
  {                                                      \
    dtype, size, name##_load, name##_store, {            \
      name##_sum, name##_product, name##_max, name##_min \
    }                                                    \
  }
const Kernel kKernels[] = {
    ROW(HCCL_DATA_TYPE_INT8, 1, int8),      ROW(HCCL_DATA_TYPE_INT16, 2, int16),
    ROW(HCCL_DATA_TYPE_INT32, 4, int32),    ROW(HCCL_DATA_TYPE_INT64, 8, int64),
    ROW(HCCL_DATA_TYPE_UINT64, 8, uint64),  ROW(HCCL_DATA_TYPE_FP32, 4, float32),
    ROW(HCCL_DATA_TYPE_FP64, 8, float64),   ROW(HCCL_DATA_TYPE_FP16, 2, float16),
    ROW(HCCL_DATA_TYPE_BFP16, 2, bfloat16),
};
#undef ROW

const Kernel& kernel_of(int32_t dtype) {
  for (const Kernel& kernel : kKernels) {
    if (kernel.dtype == dtype) return kernel;
  }
  __builtin_unreachable();  // the call was refused on the host
}

}  // namespace

bool exceeds_caches(uint64_t bytes) {
  static const uint64_t limit = [] {
    const long size = sysconf(_SC_LEVEL3_CACHE_SIZE);
    return size > 0 ? uint64_t(size) : uint64_t{32} << 20;
  }();
  return bytes > limit;
}

void copy(void* to, const void* from, uint64_t bytes, bool streaming) {
#if defined(__x86_64__)
  constexpr uint64_t kLine = 64;
  if (streaming && bytes >= 4 * kLine) {
    auto* out = static_cast<char*>(to);
    const auto* in = static_cast<const char*>(from);
    const uint64_t head = (kLine - reinterpret_cast<uintptr_t>(out) % kLine) % kLine;
    std::memcpy(out, in, head);
    uint64_t at = head;
    for (; at + kLine <= bytes; at += kLine) {
      const auto* x = reinterpret_cast<const __m128i*>(in + at);
      auto* y = reinterpret_cast<__m128i*>(out + at);
      const __m128i a = _mm_loadu_si128(x), b = _mm_loadu_si128(x + 1), c = _mm_loadu_si128(x + 2),
                    d = _mm_loadu_si128(x + 3);
      _mm_stream_si128(y, a);
      _mm_stream_si128(y + 1, b);
      _mm_stream_si128(y + 2, c);
      _mm_stream_si128(y + 3, d);
    }
    _mm_sfence();
    std::memcpy(out + at, in + at, bytes - at);
    return;
  }
#endif
  (void)streaming;
  std::memcpy(to, from, bytes);
}

void reduce(int32_t dtype, int32_t op, const void* const* inputs, uint32_t inputs_size, void* const* outputs,
            uint32_t outputs_size, uint64_t count, bool streaming) {
  const Kernel& kernel = kernel_of(dtype);
  alignas(64) char accumulator[kBlock * 8];
  alignas(64) char result[kBlock * 8];
  // Where the accumulator is of the type itself there is nothing to convert at the end.
  const bool converts = dtype == HCCL_DATA_TYPE_FP16 || dtype == HCCL_DATA_TYPE_BFP16;
  for (uint64_t begin = 0; begin < count; begin += kBlock) {
    const uint64_t n = std::min(kBlock, count - begin), offset = begin * kernel.size;
    kernel.load(accumulator, static_cast<const char*>(inputs[0]) + offset, n);
    for (uint32_t i = 1; i < inputs_size; ++i) {
      kernel.combine[op](accumulator, static_cast<const char*>(inputs[i]) + offset, n);
    }
    if (converts) kernel.store(result, accumulator, n);
    for (uint32_t i = 0; i < outputs_size; ++i) {
      copy(static_cast<char*>(outputs[i]) + offset, converts ? result : accumulator, n * kernel.size,
           streaming);
    }
  }
}

}  // namespace softnpu::hccl
