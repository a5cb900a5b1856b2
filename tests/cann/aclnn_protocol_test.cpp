// The two-phase call: descriptors, executors, refusals, threads.
#include <dlfcn.h>

#include <atomic>
#include <thread>

#include "tests/cann/aclnn_test.h"

namespace cann_test {
namespace {

class ProtocolTest : public OperatorTest {};

TEST_F(ProtocolTest, DescriptorTellsWhatItWasMadeOf) {
  Tensor<float> x({2, 3, 4});
  aclTensor* view = x.descriptor({3, 2}, {4, 12}, 5);
  int64_t* numbers = nullptr;
  uint64_t count = 0;
  ASSERT_TRUE(ok(aclGetViewShape(view, &numbers, &count)));
  EXPECT_EQ(Shape(numbers, numbers + count), Shape({3, 2}));
  delete[] numbers;
  ASSERT_TRUE(ok(aclGetViewStrides(view, &numbers, &count)));
  EXPECT_EQ(Shape(numbers, numbers + count), Shape({4, 12}));
  delete[] numbers;
  ASSERT_TRUE(ok(aclGetStorageShape(view, &numbers, &count)));
  EXPECT_EQ(Shape(numbers, numbers + count), Shape({24}));
  delete[] numbers;
  int64_t offset = -1;
  EXPECT_TRUE(ok(aclGetViewOffset(view, &offset)));
  EXPECT_EQ(offset, 5);
  aclFormat format = ACL_FORMAT_UNDEFINED;
  EXPECT_TRUE(ok(aclGetFormat(view, &format)));
  EXPECT_EQ(format, ACL_FORMAT_ND);
  aclDataType dtype = ACL_DT_UNDEFINED;
  EXPECT_TRUE(ok(aclGetDataType(view, &dtype)));
  EXPECT_EQ(dtype, ACL_FLOAT);
  void* address = nullptr;
  EXPECT_TRUE(ok(aclGetRawTensorAddr(view, &address)));
  EXPECT_EQ(address, x.data());
  EXPECT_TRUE(ok(aclSetRawTensorAddr(view, nullptr)));
  EXPECT_TRUE(ok(aclGetRawTensorAddr(view, &address)));
  EXPECT_EQ(address, nullptr);
  EXPECT_TRUE(ok(aclDestroyTensor(view)));
}

TEST_F(ProtocolTest, ArraysCopyAndTellTheirSize) {
  std::vector<int64_t> values{1, 2, 3};
  aclIntArray* integers = aclCreateIntArray(values.data(), values.size());
  values.assign(3, 0);
  uint64_t size = 0;
  EXPECT_TRUE(ok(aclGetIntArraySize(integers, &size)));
  EXPECT_EQ(size, 3u);
  EXPECT_TRUE(ok(aclDestroyIntArray(integers)));
  const bool flags[] = {true, false};
  aclBoolArray* booleans = aclCreateBoolArray(flags, 2);
  EXPECT_TRUE(ok(aclGetBoolArraySize(booleans, &size)));
  EXPECT_EQ(size, 2u);
  EXPECT_TRUE(ok(aclDestroyBoolArray(booleans)));
  const float reals[] = {1, 2, 3, 4};
  aclFloatArray* floats = aclCreateFloatArray(reals, 4);
  EXPECT_TRUE(ok(aclGetFloatArraySize(floats, &size)));
  EXPECT_EQ(size, 4u);
  EXPECT_TRUE(ok(aclDestroyFloatArray(floats)));
}

TEST_F(ProtocolTest, ListsOwnTheirEntries) {
  Tensor<float> a({2}, {1, 2}), b({2}, {3, 4}), out({4});
  aclTensor* entries[] = {a.release(), b.release()};
  aclTensorList* list = aclCreateTensorList(entries, 2);
  uint64_t size = 0;
  ASSERT_TRUE(ok(aclGetTensorListSize(list, &size)));
  EXPECT_EQ(size, 2u);
  EXPECT_TRUE(ok(run(&aclnnCatGetWorkspaceSize, &aclnnCat, list, int64_t{0}, out)));
  EXPECT_EQ(out.get(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_TRUE(ok(aclDestroyTensorList(list)));

  double one = 1;
  aclScalar* scalars[] = {aclCreateScalar(&one, ACL_DOUBLE)};
  aclScalarList* numbers = aclCreateScalarList(scalars, 1);
  ASSERT_TRUE(ok(aclGetScalarListSize(numbers, &size)));
  EXPECT_EQ(size, 1u);
  EXPECT_TRUE(ok(aclDestroyScalarList(numbers)));
}

TEST_F(ProtocolTest, DescriptorsMayDieRightAfterPhaseTwo) {
  Tensor<float> x({1000}, wave(1000)), out({1000});
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(stream_)));
  aclTensor* in_view = x.descriptor();
  aclTensor* out_view = out.descriptor();
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  {
    Scalar alpha(1);
    ASSERT_TRUE(ok(aclnnAddGetWorkspaceSize(in_view, in_view, alpha, out_view, &size, &executor)));
    ASSERT_TRUE(ok(aclnnAdd(nullptr, size, executor, stream_)));
  }
  ASSERT_TRUE(ok(aclDestroyTensor(in_view)));
  ASSERT_TRUE(ok(aclDestroyTensor(out_view)));
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  const std::vector<float> from = x.get(), to = out.get();
  for (size_t i = 0; i < from.size(); ++i) ASSERT_EQ(to[i], from[i] + from[i]);
}

TEST_F(ProtocolTest, ViewsAreHonoured) {
  Tensor<float> x({3, 4}, wave(12)), out({4, 3});
  aclTensor* transposed = x.descriptor({4, 3}, {1, 4}, 0);
  ASSERT_TRUE(ok(run(&aclnnInplaceCopyGetWorkspaceSize, &aclnnInplaceCopy, out, transposed)));
  const std::vector<float> from = x.get(), to = out.get();
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 3; ++j) EXPECT_EQ(to[i * 3 + j], from[j * 4 + i]);
  }
  EXPECT_TRUE(ok(aclDestroyTensor(transposed)));

  // Every second element of the second row, as the output.
  aclTensor* part = x.descriptor({2}, {2}, 4);
  Scalar value(7);
  ASSERT_TRUE(ok(run(&aclnnInplaceFillScalarGetWorkspaceSize, &aclnnInplaceFillScalar, part, value)));
  std::vector<float> expected = from;
  expected[4] = expected[6] = 7;
  EXPECT_EQ(x.get(), expected);
  EXPECT_TRUE(ok(aclDestroyTensor(part)));
}

TEST_F(ProtocolTest, RepeatableExecutorRunsAgainWithOtherAddresses) {
  Tensor<float> x({4}, {1, 2, 3, 4}), y({4}, {10, 20, 30, 40}), out({4}), other({4});
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  Scalar alpha(1);
  ASSERT_TRUE(ok(aclnnAddGetWorkspaceSize(x, y, alpha, out, &size, &executor)));
  ASSERT_TRUE(ok(aclSetAclOpExecutorRepeatable(executor)));
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(stream_)));
  ASSERT_TRUE(ok(aclnnAdd(nullptr, size, executor, stream_)));
  // The run above is still waiting and keeps the addresses that it was launched with.
  ASSERT_TRUE(ok(aclSetTensorAddr(executor, 0, x, y.data())));
  ASSERT_TRUE(ok(aclSetTensorAddr(executor, 2, out, other.data())));
  ASSERT_TRUE(ok(aclnnAdd(nullptr, size, executor, stream_)));
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  EXPECT_EQ(out.get(), (std::vector<float>{11, 22, 33, 44}));
  EXPECT_EQ(other.get(), (std::vector<float>{20, 40, 60, 80}));

  ASSERT_TRUE(ok(aclSetInputTensorAddr(executor, 1, y, x.data())));
  ASSERT_TRUE(ok(aclSetOutputTensorAddr(executor, 0, out, out.data())));
  ASSERT_TRUE(ok(aclnnAdd(nullptr, size, executor, stream_)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  EXPECT_EQ(out.get(), (std::vector<float>{11, 22, 33, 44}));
  EXPECT_TRUE(refused(aclSetTensorAddr(executor, 3, out, out.data())));
  EXPECT_TRUE(ok(aclDestroyAclOpExecutor(executor)));
}

TEST_F(ProtocolTest, ExecutorIsUsedOnce) {
  Tensor<float> x({4}), out({4});
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  ASSERT_TRUE(ok(aclnnAbsGetWorkspaceSize(x, out, &size, &executor)));
  EXPECT_TRUE(refused(aclSetTensorAddr(executor, 0, x, x.data())));
  ASSERT_TRUE(ok(aclnnAbs(nullptr, size, executor, stream_)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  EXPECT_TRUE(refused(aclnnAbs(nullptr, 0, nullptr, stream_), ACLNN_ERR_INNER_NULLPTR_EXECUTOR));
}

TEST_F(ProtocolTest, ExecutorOfAnotherOperatorIsRefused) {
  Tensor<float> x({4}), out({4});
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  ASSERT_TRUE(ok(aclnnExpGetWorkspaceSize(x, out, &size, &executor)));
  EXPECT_TRUE(refused(aclnnAbs(nullptr, size, executor, stream_)));
}

TEST_F(ProtocolTest, NullArgumentsAreNamed) {
  Tensor<float> x({4}), out({4});
  Scalar alpha(1);
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  const aclTensor* none = nullptr;
  ASSERT_EQ(aclnnAddGetWorkspaceSize(x, none, alpha, out, &size, &executor), ACLNN_ERR_PARAM_NULLPTR);
  EXPECT_NE(std::string(aclGetRecentErrMsg()).find("other"), std::string::npos);
  EXPECT_TRUE(
      refused(aclnnAddGetWorkspaceSize(x, x, nullptr, out, &size, &executor), ACLNN_ERR_PARAM_NULLPTR));
  EXPECT_TRUE(
      refused(aclnnAddGetWorkspaceSize(x, x, alpha, nullptr, &size, &executor), ACLNN_ERR_PARAM_NULLPTR));
  EXPECT_TRUE(
      refused(aclnnAddGetWorkspaceSize(x, x, alpha, out, nullptr, &executor), ACLNN_ERR_PARAM_NULLPTR));
  EXPECT_TRUE(refused(aclnnAddGetWorkspaceSize(x, x, alpha, out, &size, nullptr), ACLNN_ERR_PARAM_NULLPTR));
}

TEST_F(ProtocolTest, WhatTheKernelCannotDoIsRefusedInPhaseOne) {
  Tensor<float> a({2, 3}), b({3, 2}), out({2, 2}), wrong({2, 3});
  Tensor<double> d({3, 2});
  Tensor<int64_t> i({2, 3});
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  EXPECT_TRUE(refused(aclnnMmGetWorkspaceSize(a, d, out, 0, &size, &executor), ACLNN_ERR_PARAM_INVALID));
  EXPECT_TRUE(refused(aclnnMmGetWorkspaceSize(a, a, out, 0, &size, &executor), ACLNN_ERR_PARAM_INVALID));
  EXPECT_TRUE(refused(aclnnMmGetWorkspaceSize(a, b, wrong, 0, &size, &executor), ACLNN_ERR_PARAM_INVALID));
  ASSERT_EQ(aclnnSoftmaxGetWorkspaceSize(i, 1, wrong, &size, &executor), ACLNN_ERR_PARAM_INVALID);
  const std::string text = aclGetRecentErrMsg();
  EXPECT_NE(text.find("aclnnSoftmax"), std::string::npos) << text;
  EXPECT_NE(text.find("self"), std::string::npos) << text;
  EXPECT_NE(text.find("Long"), std::string::npos) << text;
  EXPECT_TRUE(ok(aclrtSynchronizeStream(stream_)));
}

TEST_F(ProtocolTest, PrivateFormatsAreRefused) {
  Tensor<float> out({16, 16});
  const int64_t dims[] = {16, 16};
  aclTensor* x = aclCreateTensor(dims, 2, ACL_FLOAT, nullptr, 0, ACL_FORMAT_FRACTAL_NZ, dims, 2, out.data());
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  EXPECT_TRUE(refused(aclnnAbsGetWorkspaceSize(x, out, &size, &executor), ACLNN_ERR_PARAM_INVALID));
  EXPECT_TRUE(ok(aclDestroyTensor(x)));
}

TEST_F(ProtocolTest, MissingOperatorSaysItsName) {
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  Tensor<float> x({4});
  const int code = aclnnCIoUGetWorkspaceSize(x, x, false, false, "iou", x, x, &size, &executor);
  ASSERT_EQ(code, ACLNN_ERR_INNER_NULLPTR_EXECUTOR);
  EXPECT_NE(std::string(aclGetRecentErrMsg()).find("aclnnCIoU"), std::string::npos);
}

TEST_F(ProtocolTest, DataDependentShapeIsReportedByTheDescriptor) {
  Tensor<float> x({6}, {1, 2, 3, 4, 5, 6}), out({6});
  Tensor<bool> mask({6}, {true, false, true, false, true, false});
  ASSERT_TRUE(ok(run(&aclnnMaskedSelectGetWorkspaceSize, &aclnnMaskedSelect, x, mask, out)));
  int64_t* dims = nullptr;
  uint64_t rank = 0;
  ASSERT_TRUE(ok(aclGetViewShape(out, &dims, &rank)));
  ASSERT_EQ(rank, 1u);
  EXPECT_EQ(dims[0], 3);
  delete[] dims;
  const std::vector<float> values = out.get();
  EXPECT_EQ(std::vector<float>(values.begin(), values.begin() + 3), (std::vector<float>{1, 3, 5}));
}

TEST_F(ProtocolTest, DescriptorOfAReportedShapeMayDieBeforeTheWork) {
  Tensor<float> x({6}, {1, 2, 3, 4, 5, 6}), out({6});
  Tensor<bool> mask({6}, {true, true, true, false, false, false});
  Gate gate;
  ASSERT_TRUE(ok(gate.enqueue(stream_)));
  aclTensor* view = out.descriptor();
  ASSERT_TRUE(ok(launch(&aclnnMaskedSelectGetWorkspaceSize, &aclnnMaskedSelect, x, mask, view)));
  ASSERT_TRUE(ok(aclDestroyTensor(view)));
  aclTensor* next = out.descriptor();  // may well be the same memory
  gate.open();
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  int64_t* dims = nullptr;
  uint64_t rank = 0;
  ASSERT_TRUE(ok(aclGetViewShape(next, &dims, &rank)));
  EXPECT_EQ(dims[0], 6);
  delete[] dims;
  EXPECT_TRUE(ok(aclDestroyTensor(next)));
  EXPECT_EQ(out.get()[2], 3.0f);
}

TEST_F(ProtocolTest, KernelFailureIsTheErrorOfTheStream) {
  Tensor<float> x({4}, {1, 2, 3, 4}), out({2});
  Tensor<int64_t> index({2}, {1, 9});
  aclrtStream on = stream();
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  ASSERT_TRUE(ok(aclnnIndexSelectGetWorkspaceSize(x, 0, index, out, &size, &executor)));
  ASSERT_TRUE(ok(aclnnIndexSelect(nullptr, size, executor, on)));
  const int code = aclrtSynchronizeStream(on);
  ASSERT_NE(code, ACL_SUCCESS);
  const char* text = aclGetRecentErrMsg();
  ASSERT_NE(text, nullptr);
  EXPECT_NE(std::string(text).find("aclnnIndexSelect"), std::string::npos) << text;
  aclrtDestroyStreamForce(on);
}

TEST_F(ProtocolTest, WorkspaceMustBeAsLargeAsAsked) {
  Tensor<float> x({64}, wave(64)), values({64});
  Tensor<int64_t> positions({64});
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  ASSERT_TRUE(ok(aclnnSortGetWorkspaceSize(x, false, 0, false, values, positions, &size, &executor)));
  ASSERT_GT(size, 0u);
  EXPECT_TRUE(refused(aclnnSort(nullptr, 0, executor, stream_)));
}

TEST_F(ProtocolTest, DoubleDestroyIsRefused) {
  Tensor<float> x({4});
  aclTensor* view = x.descriptor();
  ASSERT_TRUE(ok(aclDestroyTensor(view)));
  EXPECT_TRUE(refused(aclDestroyTensor(view)));
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  EXPECT_TRUE(refused(aclnnAbsGetWorkspaceSize(view, x, &size, &executor)));
}

TEST_F(ProtocolTest, PhasesOnDifferentThreads) {
  constexpr int kThreads = 4, kCalls = 500;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      if (aclrtSetDevice(0) != ACL_SUCCESS) return (void)++wrong;
      aclrtStream on = nullptr;
      if (aclrtCreateStream(&on) != ACL_SUCCESS) return (void)++wrong;
      {
        Tensor<float> x({16}, std::vector<float>(16, 1.0f)), sum({16});
        for (int i = 0; i < kCalls; ++i) {
          Scalar alpha(1);
          uint64_t size = 0;
          aclOpExecutor* executor = nullptr;
          if (aclnnInplaceAddGetWorkspaceSize(sum, x, alpha, &size, &executor) != ACL_SUCCESS) ++wrong;
          std::thread([&] {
            if (i % 50 != 0) return;
            if (aclrtSetDevice(0) != ACL_SUCCESS ||
                aclnnInplaceAdd(nullptr, size, executor, on) != ACL_SUCCESS)
              ++wrong;
            executor = nullptr;
          }).join();
          if (executor != nullptr && aclnnInplaceAdd(nullptr, size, executor, on) != ACL_SUCCESS) ++wrong;
        }
        if (aclrtSynchronizeStream(on) != ACL_SUCCESS) ++wrong;
        for (const float value : sum.get()) wrong += value != static_cast<float>(kCalls);
      }
      if (aclrtDestroyStream(on) != ACL_SUCCESS) ++wrong;
      (void)t;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(ProtocolTest, SleepsOnTwoStreamsOverlap) {
  aclrtStream other = stream();
  const int64_t cycles = 500'000'000;
  IntArray first{cycles}, second{cycles};
  uint64_t size = 0;
  aclOpExecutor* executor = nullptr;
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ok(aclnnSleepGetWorkspaceSize(first, &size, &executor)));
  ASSERT_TRUE(ok(aclnnSleep(nullptr, size, executor, stream_)));
  ASSERT_TRUE(ok(aclnnSleepGetWorkspaceSize(second, &size, &executor)));
  ASSERT_TRUE(ok(aclnnSleep(nullptr, size, executor, other)));
  EXPECT_LT(seconds_since(begin), 0.25);
  ASSERT_TRUE(ok(aclrtSynchronizeStream(stream_)));
  ASSERT_TRUE(ok(aclrtSynchronizeStream(other)));
  EXPECT_GE(seconds_since(begin), 0.4);
  EXPECT_LT(seconds_since(begin), 0.9);
  EXPECT_TRUE(ok(aclrtDestroyStream(other)));
}

}  // namespace
}  // namespace cann_test
