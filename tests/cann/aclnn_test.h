// Common to the tests of the operators: device tensors with host values, and the two-phase call.
#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "aclnn/aclnn.h"
#include "tests/cann/cann_test.h"

namespace cann_test {

template <class T>
struct DataType;
template <>
struct DataType<float> {
  static constexpr aclDataType value = ACL_FLOAT;
};
template <>
struct DataType<double> {
  static constexpr aclDataType value = ACL_DOUBLE;
};
template <>
struct DataType<int64_t> {
  static constexpr aclDataType value = ACL_INT64;
};
template <>
struct DataType<int32_t> {
  static constexpr aclDataType value = ACL_INT32;
};
template <>
struct DataType<uint8_t> {
  static constexpr aclDataType value = ACL_UINT8;
};
template <>
struct DataType<int8_t> {
  static constexpr aclDataType value = ACL_INT8;
};
template <>
struct DataType<bool> {
  static constexpr aclDataType value = ACL_BOOL;
};

using Shape = std::vector<int64_t>;

inline int64_t size_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

inline Shape row_major(const Shape& shape) {
  Shape strides(shape.size());
  int64_t step = 1;
  for (size_t i = shape.size(); i-- > 0; step *= std::max<int64_t>(shape[i], 1)) strides[i] = step;
  return strides;
}

// Device memory with a shape. Descriptors made of it are destroyed with it.
template <class T>
class Tensor {
 public:
  explicit Tensor(Shape shape) : Tensor(shape, std::vector<T>(static_cast<size_t>(size_of(shape)))) {}
  Tensor(Shape shape, const std::vector<T>& values) : shape_(std::move(shape)), count_(values.size()) {
    EXPECT_EQ(static_cast<int64_t>(count_), size_of(shape_));
    EXPECT_TRUE(ok(aclrtMalloc(&data_, std::max<size_t>(bytes(), 32), ACL_MEM_MALLOC_HUGE_FIRST)));
    put(values);
    view_ = descriptor();
  }
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  ~Tensor() {
    if (view_ != nullptr) {
      EXPECT_TRUE(ok(aclDestroyTensor(view_)));
    }
    EXPECT_TRUE(ok(aclrtFree(data_)));
  }

  operator aclTensor*() const { return view_; }
  void* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  size_t bytes() const { return count_ * sizeof(T); }

  // A descriptor of its own, which the caller destroys.
  aclTensor* descriptor() const { return descriptor(shape_, row_major(shape_), 0); }
  aclTensor* descriptor(const Shape& dims, const Shape& strides, int64_t offset) const {
    const auto count = static_cast<int64_t>(count_);
    return aclCreateTensor(dims.data(), dims.size(), DataType<T>::value, strides.data(), offset,
                           ACL_FORMAT_ND, &count, 1, data_);
  }
  aclTensor* release() { return std::exchange(view_, nullptr); }

  void put(const std::vector<T>& values) {
    if (values.empty()) return;
    const std::vector<uint8_t> raw = bytes_of(values);
    EXPECT_TRUE(ok(aclrtMemcpy(data_, bytes(), raw.data(), bytes(), ACL_MEMCPY_HOST_TO_DEVICE)));
  }

  std::vector<T> get() const {
    std::vector<uint8_t> raw(std::max<size_t>(bytes(), 1));
    if (count_ > 0) {
      EXPECT_TRUE(ok(aclrtMemcpy(raw.data(), bytes(), data_, bytes(), ACL_MEMCPY_DEVICE_TO_HOST)));
    }
    std::vector<T> values(count_);
    for (size_t i = 0; i < count_; ++i) {
      T value;
      std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
      values[i] = value;
    }
    return values;
  }

 private:
  static std::vector<uint8_t> bytes_of(const std::vector<T>& values) {
    std::vector<uint8_t> raw(values.size() * sizeof(T));
    for (size_t i = 0; i < values.size(); ++i) {
      const T value = values[i];
      std::memcpy(raw.data() + i * sizeof(T), &value, sizeof(T));
    }
    return raw;
  }

  Shape shape_;
  size_t count_;
  void* data_ = nullptr;
  aclTensor* view_ = nullptr;
};

// A scalar that lives for one statement.
class Scalar {
 public:
  explicit Scalar(double value) : handle_(aclCreateScalar(&value, ACL_DOUBLE)) {}
  explicit Scalar(int64_t value) : handle_(aclCreateScalar(&value, ACL_INT64)) {}
  explicit Scalar(int value) : Scalar(static_cast<int64_t>(value)) {}
  Scalar(const Scalar&) = delete;
  Scalar& operator=(const Scalar&) = delete;
  ~Scalar() { EXPECT_TRUE(ok(aclDestroyScalar(handle_))); }
  operator aclScalar*() const { return handle_; }

 private:
  aclScalar* handle_;
};

class IntArray {
 public:
  IntArray(std::initializer_list<int64_t> values)
      : handle_(aclCreateIntArray(values.begin(), values.size())) {}
  IntArray(const IntArray&) = delete;
  IntArray& operator=(const IntArray&) = delete;
  ~IntArray() { EXPECT_TRUE(ok(aclDestroyIntArray(handle_))); }
  operator aclIntArray*() const { return handle_; }

 private:
  aclIntArray* handle_;
};

// Device 0 and a stream.
class OperatorTest : public OnDevice {
 protected:
  void SetUp() override {
    OnDevice::SetUp();
    stream_ = stream();
  }
  void TearDown() override {
    if (workspace_ != nullptr) {
      EXPECT_TRUE(ok(aclrtFree(workspace_)));
    }
    EXPECT_TRUE(ok(aclrtDestroyStream(stream_)));
  }

  using Second = aclnnStatus (*)(void*, uint64_t, aclOpExecutor*, aclrtStream);

  // Both phases without waiting. The result is that of the first phase that refuses.
  template <class First, class... A>
  int launch(First first, Second second, const A&... arguments) {
    uint64_t size = 0;
    aclOpExecutor* executor = nullptr;
    const int code = first(convert(arguments)..., &size, &executor);
    if (code != ACL_SUCCESS) return code;
    if (size > workspace_size_) {
      EXPECT_TRUE(ok(aclrtSynchronizeStream(stream_)));
      if (workspace_ != nullptr) {
        EXPECT_TRUE(ok(aclrtFree(workspace_)));
      }
      workspace_ = device_memory(size);
      workspace_size_ = size;
    }
    return second(workspace_, size, executor, stream_);
  }

  // Both phases and the end of the work.
  template <class First, class... A>
  int run(First first, Second second, const A&... arguments) {
    const int code = launch(first, second, arguments...);
    return code == ACL_SUCCESS ? aclrtSynchronizeStream(stream_) : code;
  }

  static testing::AssertionResult near(const std::vector<float>& actual, const std::vector<double>& expected,
                                       double tolerance = 1e-5) {
    if (actual.size() != expected.size())
      return testing::AssertionFailure() << actual.size() << " values instead of " << expected.size();
    for (size_t i = 0; i < actual.size(); ++i) {
      const double slack = tolerance * std::max(1.0, std::abs(expected[i]));
      if (!(std::abs(static_cast<double>(actual[i]) - expected[i]) <= slack))
        return testing::AssertionFailure()
               << "element " << i << " is " << actual[i] << " instead of " << expected[i];
    }
    return testing::AssertionSuccess();
  }

  // Numbers from -1 to 1 that differ and repeat.
  static std::vector<float> wave(int64_t count, double phase = 0) {
    std::vector<float> values(static_cast<size_t>(count));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(std::sin(phase + 0.7 * static_cast<double>(i + 1)));
    return values;
  }

  aclrtStream stream_ = nullptr;

 private:
  template <class T>
  static aclTensor* convert(const Tensor<T>& tensor) {
    return tensor;
  }
  static aclScalar* convert(const Scalar& scalar) { return scalar; }
  static aclIntArray* convert(const IntArray& array) { return array; }
  template <class A>
  static A convert(const A& plain) {
    return plain;
  }

  void* workspace_ = nullptr;
  uint64_t workspace_size_ = 0;
};

}  // namespace cann_test
