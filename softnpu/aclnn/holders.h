// The kinds of parameters that a row may have, and what stands for each of them while its body runs.
#pragma once

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>

#include <optional>
#include <vector>

#include "softnpu/aclnn/capture.h"

namespace softnpu {

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

}  // namespace softnpu
