// Random numbers: the seed and the offset decide them, whatever the stream and the number of threads.
#include <algorithm>

#include "tests/cann/aclnn_test.h"

namespace cann_test {
namespace {

class RandomTest : public OperatorTest {
 protected:
  std::vector<float> uniform(int64_t count, uint64_t seed, uint64_t offset) {
    Tensor<float> x({count});
    EXPECT_TRUE(
        ok(run(&aclnnInplaceUniformGetWorkspaceSize, &aclnnInplaceUniform, x, 0.0, 1.0, seed, offset)));
    return x.get();
  }
};

TEST_F(RandomTest, SameSeedAndOffsetSameNumbers) {
  const std::vector<float> once = uniform(100'000, 42, 8), again = uniform(100'000, 42, 8);
  EXPECT_EQ(once, again);
  const std::vector<float> longer = uniform(200'000, 42, 8);
  EXPECT_TRUE(std::equal(once.begin(), once.end(), longer.begin()));
  EXPECT_NE(once, uniform(100'000, 42, 12));
  EXPECT_NE(once, uniform(100'000, 43, 8));
}

TEST_F(RandomTest, UniformHasItsMoments) {
  constexpr int64_t count = 1 << 18;
  Tensor<float> x({count});
  ASSERT_TRUE(ok(run(&aclnnInplaceUniformGetWorkspaceSize, &aclnnInplaceUniform, x, -2.0, 4.0, uint64_t{7},
                     uint64_t{0})));
  double sum = 0, squares = 0;
  for (const float value : x.get()) {
    ASSERT_GE(value, -2.0f);
    ASSERT_LT(value, 4.0f);
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 1.0, 0.02);
  EXPECT_NEAR(squares / count - mean * mean, 3.0, 0.03);
}

TEST_F(RandomTest, NormalHasItsMoments) {
  constexpr int64_t count = 1 << 18;
  Tensor<float> x({count});
  ASSERT_TRUE(ok(
      run(&aclnnInplaceNormalGetWorkspaceSize, &aclnnInplaceNormal, x, 1.0f, 2.0f, int64_t{7}, int64_t{4})));
  double sum = 0, squares = 0;
  int64_t beyond = 0;
  for (const double value : x.get()) {
    sum += value;
    squares += (value - 1) * (value - 1);
    beyond += std::abs(value - 1) > 4;  // two standard deviations
  }
  EXPECT_NEAR(sum / count, 1.0, 0.02);
  EXPECT_NEAR(squares / count, 4.0, 0.05);
  EXPECT_NEAR(static_cast<double>(beyond) / count, 0.0455, 0.003);
}

TEST_F(RandomTest, IntegersStayInRangeAndReachItsEnds) {
  Tensor<int64_t> x({10'000});
  ASSERT_TRUE(ok(run(&aclnnInplaceRandomGetWorkspaceSize, &aclnnInplaceRandom, x, int64_t{-3}, int64_t{4},
                     int64_t{1}, int64_t{0})));
  const std::vector<int64_t> values = x.get();
  EXPECT_EQ(*std::min_element(values.begin(), values.end()), -3);
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 3);
}

TEST_F(RandomTest, PermutationHasEveryNumberOnce) {
  constexpr int64_t n = 1000;
  Tensor<int64_t> x({n});
  ASSERT_TRUE(ok(run(&aclnnRandpermGetWorkspaceSize, &aclnnRandperm, n, int64_t{5}, int64_t{0}, x)));
  std::vector<int64_t> values = x.get();
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int64_t i = 0; i < n; ++i) ASSERT_EQ(values[i], i);
}

TEST_F(RandomTest, DropoutMaskAndItsUse) {
  constexpr int64_t count = 100'000;
  Tensor<float> x({count}, std::vector<float>(count, 3.0f)), out({count});
  Tensor<uint8_t> mask({(count + 127) / 128 * 16});
  IntArray shape{count};
  ASSERT_TRUE(ok(run(&aclnnDropoutGenMaskV2GetWorkspaceSize, &aclnnDropoutGenMaskV2, shape, 0.25, int64_t{3},
                     int64_t{0}, ACL_FLOAT, mask)));
  ASSERT_TRUE(ok(run(&aclnnDropoutDoMaskGetWorkspaceSize, &aclnnDropoutDoMask, x, mask, 0.25, out)));
  int64_t kept = 0;
  for (const float value : out.get()) {
    ASSERT_TRUE(value == 0.0f || value == 4.0f) << value;
    kept += value != 0;
  }
  EXPECT_NEAR(static_cast<double>(kept) / count, 0.75, 0.01);
}

TEST_F(RandomTest, MultinomialFollowsItsWeights) {
  constexpr int64_t samples = 20'000;
  Tensor<float> weights({4}, {1, 0, 2, 5});
  Tensor<int64_t> drawn({samples});
  ASSERT_TRUE(ok(run(&aclnnMultinomialGetWorkspaceSize, &aclnnMultinomial, weights, samples, true, int64_t{9},
                     int64_t{0}, drawn)));
  std::vector<double> counts(4);
  for (const int64_t category : drawn.get()) ++counts.at(static_cast<size_t>(category));
  EXPECT_EQ(counts[1], 0);
  EXPECT_NEAR(counts[0] / samples, 0.125, 0.015);
  EXPECT_NEAR(counts[3] / samples, 0.625, 0.015);
  Tensor<int64_t> distinct({3});
  ASSERT_TRUE(ok(run(&aclnnMultinomialGetWorkspaceSize, &aclnnMultinomial, weights, int64_t{3}, false,
                     int64_t{9}, int64_t{0}, distinct)));
  std::vector<int64_t> values = distinct.get();
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, (std::vector<int64_t>{0, 2, 3}));
}

}  // namespace
}  // namespace cann_test
