// What the opaque handles of the operator interface point at. Private to libnnopbase, which makes and
// destroys them, and libopapi, which reads them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "aclnn/aclnn_base.h"
#include "softnpu.h"

namespace softnpu {

inline constexpr uint64_t kMaxRank = 16;  // more than hardware's 8, for the sake of clients that view freely
inline constexpr uint64_t kHardwareRank = 8;  // what SOFTNPU_STRICT=1 allows

// SOFTNPU_STRICT, read once by each library.
inline bool strict() {
  static const bool value = softnpu_strict();
  return value;
}

// The shape that a data-dependent operator reports from the stream. Shared by the descriptor and the
// executor, so that a descriptor destroyed before the stream gets there is never written.
class ReportedShape {
 public:
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  void set(const int64_t* dims, uint64_t rank) {
    std::lock_guard<std::mutex> lock(mutex_);
    rank_ = rank;
    for (uint64_t i = 0; i < rank; ++i) dims_[i] = dims[i];
    known_ = true;
  }

  bool get(int64_t* dims, uint64_t* rank) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!known_) return false;
    *rank = rank_;
    for (uint64_t i = 0; i < rank_; ++i) dims[i] = dims_[i];
    return true;
  }

 private:
  std::mutex mutex_;
  std::atomic<int> references_{1};
  bool known_ = false;
  uint64_t rank_ = 0;
  int64_t dims_[kMaxRank] = {};
};

// Whether the strides of a tensor say where its elements are.
inline bool is_strided(aclFormat format) {
  switch (format) {
    case ACL_FORMAT_UNDEFINED:
    case ACL_FORMAT_ND:
    case ACL_FORMAT_NCHW:
    case ACL_FORMAT_NHWC:
    case ACL_FORMAT_HWCN:
    case ACL_FORMAT_NCDHW:
    case ACL_FORMAT_NDHWC:
    case ACL_FORMAT_NC:
    case ACL_FORMAT_NCL:
      return true;
    default:
      return false;
  }
}

// Counts the lives of a pooled descriptor: odd while it is alive. An executor that remembers the number can
// tell whether the handle it captured still means the same object.
using Generation = std::atomic<uint32_t>;
inline bool is_alive(const Generation& generation) {
  return generation.load(std::memory_order_relaxed) & 1;
}
// A descriptor belongs to one thread at a time, so that no atomic update is needed: it would cost as much as
// the rest of making one.
inline void begin_life(Generation& generation) {
  generation.store(generation.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}
// False where it has ended before.
inline bool end_life(Generation& generation) {
  if (!is_alive(generation)) return false;
  begin_life(generation);
  return true;
}

}  // namespace softnpu

struct aclTensor {
  softnpu::Generation generation{0};
  aclDataType dtype = ACL_DT_UNDEFINED;
  aclFormat format = ACL_FORMAT_UNDEFINED;
  uint32_t rank = 0;
  uint32_t storage_rank = 0;
  int64_t offset = 0;  // elements
  int64_t numel = 0;
  void* data = nullptr;
  bool plain = false;  // its elements follow one another in memory, in order
  std::atomic<softnpu::ReportedShape*> reported{nullptr};
  int64_t dims[softnpu::kMaxRank];
  int64_t strides[softnpu::kMaxRank];
  int64_t storage_dims[softnpu::kMaxRank];
  aclTensor* next = nullptr;
  aclTensor* next_batch = nullptr;
};

struct aclScalar {
  softnpu::Generation generation{0};
  aclDataType dtype = ACL_DT_UNDEFINED;
  alignas(16) unsigned char value[16] = {};
  aclScalar* next = nullptr;
  aclScalar* next_batch = nullptr;
};

struct aclIntArray {
  uint64_t size;
  int64_t* values;
};

struct aclBoolArray {
  uint64_t size;
  bool* values;
};

struct aclFloatArray {
  uint64_t size;
  float* values;
};

struct aclTensorList {
  uint64_t size;
  aclTensor** tensors;  // owned; an entry may be null
};

struct aclScalarList {
  uint64_t size;
  aclScalar** scalars;  // owned
};
