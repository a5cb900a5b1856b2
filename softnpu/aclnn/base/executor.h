// The executor: what phase one captured of a call, by value, so that phase two can hand it to a stream after
// every descriptor is gone. Private to libnnopbase, which owns its memory, and libopapi, which fills and runs
// it.
//
// Two regions hold the capture. `signature` has everything that decides whether the call is valid (dtypes,
// shapes, strides, integer attributes) and nothing else, so its bytes are the key under which a valid call is
// remembered. `cells` has what may differ between two calls that are alike: addresses and the values of
// scalars. Both are addressed by offset, because they move when they outgrow the room inside the executor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "softnpu/aclnn/base/descriptors.h"

namespace softnpu {

struct Operator {
  const char* name;        // "aclnnAdd"
  const char* parameters;  // "(In self, In other, Number alpha, Out out)", as the row spells them

  // "Number alpha" for 2.
  std::string_view parameter(unsigned index) const {
    std::string_view rest(parameters);
    rest = rest.substr(1, rest.size() - 2);
    for (; index > 0; --index) rest = rest.substr(rest.find(',') + 1);
    rest = rest.substr(0, rest.find(','));
    return rest.substr(rest.find_first_not_of(" \n"));
  }
};

// Whether a parameter like "Out out" or "OutList results" is written.
inline bool is_written(std::string_view parameter) {
  const std::string_view kind = parameter.substr(0, parameter.find(' '));
  return kind == "Reported" || kind.find("Out") != std::string_view::npos;
}

// Whether a parameter like "InList x" or "OutList results" is a list of tensors.
inline bool is_list(std::string_view parameter) {
  const std::string_view kind = parameter.substr(0, parameter.find(' '));
  return kind == "InList" || kind == "OutList";
}

struct Cell {
  union {
    void* address;
    int64_t integer;
    double number[2];
  };
};

// A tensor of the call. Lies in the signature region and is followed by its dims and strides.
struct View {
  int8_t dtype;  // c10::ScalarType
  uint8_t rank;
  uint8_t argument;  // which parameter of the operator
  bool contiguous;
  uint32_t cell;  // its address
  uint32_t next;  // offset of the next view, 0 at the end
  uint32_t reserved;
  int64_t offset_bytes;  // from the tensor's storage to its first element
  int64_t numel;
  int64_t extent;  // bytes from the first element to the end of the last one

  const int64_t* dims() const { return reinterpret_cast<const int64_t*>(this + 1); }
  const int64_t* strides() const { return dims() + rank; }
};

// A region that starts inside the executor and moves to the heap when it outgrows it.
template <size_t kInline>
class Region {
 public:
  Region() = default;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  std::byte* data() { return base_; }
  const std::byte* data() const { return base_; }
  uint32_t size() const { return used_; }

  // Room that the caller writes in full.
  uint32_t reserve(size_t bytes) {
    const uint32_t offset = used_;
    const size_t wanted = offset + ((bytes + 7) & ~size_t{7});
    if (wanted > capacity_) grow(wanted);
    used_ = static_cast<uint32_t>(wanted);
    return offset;
  }

  // Room with padding: what is not written is part of the signature as well.
  uint32_t reserve_zeroed(size_t bytes) {
    const uint32_t offset = reserve(bytes);
    std::memset(base_ + offset, 0, used_ - offset);
    return offset;
  }

  void copy_from(const Region& other) {
    clear();
    reserve(other.used_);
    std::memcpy(base_, other.base_, other.used_);
  }

  void clear() {
    used_ = 0;
    if (capacity_ > kInline) shrink();
  }

 private:
  void grow(size_t wanted) {
    std::vector<std::byte> larger(wanted * 2);
    std::memcpy(larger.data(), base_, used_);
    heap_.swap(larger);
    base_ = heap_.data();
    capacity_ = heap_.size();
  }

  void shrink() {
    std::vector<std::byte>().swap(heap_);
    base_ = inline_;
    capacity_ = kInline;
  }

  std::byte* base_ = inline_;
  size_t capacity_ = kInline;
  uint32_t used_ = 0;
  alignas(16) std::byte inline_[kInline];
  std::vector<std::byte> heap_;
};

// A loop over contiguous memory that replaces the general kernel for small pointwise calls. `number` holds
// the bytes of one element.
using RawLoop = void (*)(void* out, const void* a, const void* b, int64_t count, uint64_t number);

// All that such a call needs on the stream, with device addresses.
struct RawTask {
  RawLoop loop = nullptr;
  void* address[3] = {};  // out, a, b
  int64_t count = 0;
  uint64_t number = 0;
};
static_assert(sizeof(RawTask) <= SOFTNPU_PAYLOAD);

// Where the addresses of a RawTask come from, for executors that are used again with others.
struct RawTensors {
  uint8_t count = 0;
  uint8_t argument[3] = {};  // of each tensor: which parameter of the operator
  uint8_t role[3] = {};      // of each address of the task: which of the tensors
  int64_t offset_bytes[3] = {};
};

enum class ExecutorState : uint8_t { kFree, kReady, kRepeatable };

struct CapturedTensor {
  const aclTensor* tensor;
  uint32_t generation;
};

}  // namespace softnpu

struct aclOpExecutor {
  // What the worker of the stream reads first.
  void (*invoke)(aclOpExecutor& executor) = nullptr;
  const softnpu::Operator* op = nullptr;
  softnpu::ExecutorState state = softnpu::ExecutorState::kFree;
  bool large = false;  // worth more than one thread
  uint8_t reported_count = 0;
  uint32_t first_view = 0;
  uint32_t last_view = 0;
  void* workspace = nullptr;
  uint64_t workspace_size = 0;

  softnpu::RawTask raw;  // used where it has a loop; there are no views then
  softnpu::RawTensors raw_tensors;
  softnpu::Region<256> cells;
  softnpu::Region<640> signature;
  softnpu::ReportedShape* reported[3] = {};
  std::vector<softnpu::CapturedTensor> captured;  // under SOFTNPU_STRICT=1 only

  aclOpExecutor* next = nullptr;
  aclOpExecutor* next_batch = nullptr;

  softnpu::Cell& cell(uint32_t offset) { return *reinterpret_cast<softnpu::Cell*>(cells.data() + offset); }
  template <class T>
  T& at(uint32_t offset) {
    return *reinterpret_cast<T*>(signature.data() + offset);
  }
};

extern "C" {

// A fresh executor, or null when host memory is exhausted.
aclOpExecutor* softnpu_executor_take(void);
// Gives it back; nothing may use it afterwards.
void softnpu_executor_give(aclOpExecutor* executor);
// A copy that the stream can own while the caller changes the addresses of a repeatable one.
aclOpExecutor* softnpu_executor_clone(aclOpExecutor* executor);
}
