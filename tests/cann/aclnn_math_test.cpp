// Results against closed forms.
#include <algorithm>
#include <map>

#include "tests/cann/aclnn_test.h"

namespace cann_test {
namespace {

class MathTest : public OperatorTest {
 protected:
  static std::vector<double> widen(const std::vector<float>& values) {
    return {values.begin(), values.end()};
  }

  static std::vector<double> product(const std::vector<float>& a, const std::vector<float>& b, int m, int k,
                                     int n) {
    std::vector<double> c(static_cast<size_t>(m) * n);
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j)
        for (int l = 0; l < k; ++l) c[i * n + j] += static_cast<double>(a[i * k + l]) * b[l * n + j];
    return c;
  }
};

TEST_F(MathTest, Mm) {
  constexpr int m = 7, k = 5, n = 3;
  Tensor<float> a({m, k}, wave(m * k)), b({k, n}, wave(k * n, 1)), out({m, n});
  ASSERT_TRUE(ok(run(&aclnnMmGetWorkspaceSize, &aclnnMm, a, b, out, int8_t{0})));
  EXPECT_TRUE(near(out.get(), product(a.get(), b.get(), m, k, n)));

  // The same matrix, given as the transpose of its transpose.
  Tensor<float> bt({n, k});
  aclTensor* view = b.descriptor({n, k}, {1, n}, 0);
  ASSERT_TRUE(ok(run(&aclnnInplaceCopyGetWorkspaceSize, &aclnnInplaceCopy, bt, view)));
  aclTensor* back = bt.descriptor({k, n}, {1, k}, 0);
  ASSERT_TRUE(ok(run(&aclnnMmGetWorkspaceSize, &aclnnMm, a, back, out, int8_t{0})));
  EXPECT_TRUE(near(out.get(), product(a.get(), b.get(), m, k, n)));
  EXPECT_TRUE(ok(aclDestroyTensor(view)));
  EXPECT_TRUE(ok(aclDestroyTensor(back)));
}

TEST_F(MathTest, MmOfNothingIsZero) {
  Tensor<float> a({2, 0}), b({0, 3}), out({2, 3}, wave(6));
  ASSERT_TRUE(ok(run(&aclnnMmGetWorkspaceSize, &aclnnMm, a, b, out, int8_t{0})));
  EXPECT_EQ(out.get(), std::vector<float>(6, 0.0f));
}

TEST_F(MathTest, LargeMmUsesTheSameArithmetic) {
  constexpr int m = 130, k = 150, n = 140;
  Tensor<float> a({m, k}, wave(m * k)), b({k, n}, wave(k * n, 2)), out({m, n});
  ASSERT_TRUE(ok(run(&aclnnMatmulGetWorkspaceSize, &aclnnMatmul, a, b, out, int8_t{0})));
  EXPECT_TRUE(near(out.get(), product(a.get(), b.get(), m, k, n), 1e-4));
}

TEST_F(MathTest, AddmmAndAddmvTakeTheirFactorsInDifferentOrder) {
  constexpr int m = 4, k = 3, n = 2;
  Tensor<float> a({m, k}, wave(m * k)), b({k, n}, wave(k * n, 1)), bias({n}, {10, 20}), out({m, n});
  Scalar beta(2.0), alpha(3.0);
  ASSERT_TRUE(ok(run(&aclnnAddmmGetWorkspaceSize, &aclnnAddmm, bias, a, b, beta, alpha, out, int8_t{0})));
  std::vector<double> expected = product(a.get(), b.get(), m, k, n);
  for (int i = 0; i < m * n; ++i) expected[i] = 3 * expected[i] + 2 * (i % n == 0 ? 10 : 20);
  EXPECT_TRUE(near(out.get(), expected));

  Tensor<float> x({k}, wave(k, 3)), y({m}, wave(m, 4)), result({m});
  ASSERT_TRUE(ok(run(&aclnnAddmvGetWorkspaceSize, &aclnnAddmv, y, a, x, alpha, beta, result, int8_t{0})));
  expected = product(a.get(), x.get(), m, k, 1);
  for (int i = 0; i < m; ++i) expected[i] = 3 * expected[i] + 2 * static_cast<double>(y.get()[i]);
  EXPECT_TRUE(near(result.get(), expected));
}

TEST_F(MathTest, BatchMatMul) {
  constexpr int batch = 3, m = 2, k = 4, n = 5;
  Tensor<float> a({batch, m, k}, wave(batch * m * k)), b({batch, k, n}, wave(batch * k * n, 1)),
      out({batch, m, n});
  ASSERT_TRUE(ok(run(&aclnnBatchMatMulGetWorkspaceSize, &aclnnBatchMatMul, a, b, out, int8_t{0})));
  std::vector<double> expected;
  const std::vector<float> left = a.get(), right = b.get();
  for (int i = 0; i < batch; ++i) {
    const auto part = product({left.begin() + i * m * k, left.begin() + (i + 1) * m * k},
                              {right.begin() + i * k * n, right.begin() + (i + 1) * k * n}, m, k, n);
    expected.insert(expected.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(near(out.get(), expected));
}

TEST_F(MathTest, SoftmaxAndItsGradient) {
  constexpr int rows = 4, columns = 6;
  Tensor<float> x({rows, columns}, wave(rows * columns)), out({rows, columns}), log({rows, columns}),
      grad({rows, columns});
  ASSERT_TRUE(ok(run(&aclnnSoftmaxGetWorkspaceSize, &aclnnSoftmax, x, int64_t{1}, out)));
  ASSERT_TRUE(ok(run(&aclnnLogSoftmaxGetWorkspaceSize, &aclnnLogSoftmax, x, int64_t{-1}, log)));
  const std::vector<float> values = x.get();
  std::vector<double> softmax(values.size()), logs(values.size());
  for (int r = 0; r < rows; ++r) {
    double sum = 0;
    for (int c = 0; c < columns; ++c) sum += std::exp(static_cast<double>(values[r * columns + c]));
    for (int c = 0; c < columns; ++c) {
      softmax[r * columns + c] = std::exp(static_cast<double>(values[r * columns + c])) / sum;
      logs[r * columns + c] = std::log(softmax[r * columns + c]);
    }
  }
  EXPECT_TRUE(near(out.get(), softmax));
  EXPECT_TRUE(near(log.get(), logs));

  Tensor<float> dy({rows, columns}, wave(rows * columns, 2));
  ASSERT_TRUE(
      ok(run(&aclnnSoftmaxBackwardGetWorkspaceSize, &aclnnSoftmaxBackward, dy, out, int64_t{1}, grad)));
  std::vector<double> expected(values.size());
  const std::vector<float> g = dy.get();
  for (int r = 0; r < rows; ++r) {
    double dot = 0;
    for (int c = 0; c < columns; ++c) dot += g[r * columns + c] * softmax[r * columns + c];
    for (int c = 0; c < columns; ++c)
      expected[r * columns + c] = softmax[r * columns + c] * (g[r * columns + c] - dot);
  }
  EXPECT_TRUE(near(grad.get(), expected));
}

TEST_F(MathTest, LayerNormAndItsGradient) {
  constexpr int rows = 3, width = 8;
  constexpr double eps = 1e-5;
  Tensor<float> x({rows, width}, wave(rows * width)), weight({width}, wave(width, 1)),
      bias({width}, wave(width, 2));
  Tensor<float> out({rows, width}), mean({rows, 1}), rstd({rows, 1});
  IntArray shape{width};
  ASSERT_TRUE(ok(
      run(&aclnnLayerNormGetWorkspaceSize, &aclnnLayerNorm, x, shape, weight, bias, eps, out, mean, rstd)));
  const std::vector<float> values = x.get(), w = weight.get(), b = bias.get();
  std::vector<double> expected(values.size()), means(rows), rstds(rows), normal(values.size());
  for (int r = 0; r < rows; ++r) {
    double sum = 0, squares = 0;
    for (int c = 0; c < width; ++c) sum += values[r * width + c];
    means[r] = sum / width;
    for (int c = 0; c < width; ++c) squares += std::pow(values[r * width + c] - means[r], 2);
    rstds[r] = 1 / std::sqrt(squares / width + eps);
    for (int c = 0; c < width; ++c) {
      normal[r * width + c] = (values[r * width + c] - means[r]) * rstds[r];
      expected[r * width + c] = normal[r * width + c] * w[c] + b[c];
    }
  }
  EXPECT_TRUE(near(out.get(), expected));
  EXPECT_TRUE(near(mean.get(), means));
  EXPECT_TRUE(near(rstd.get(), rstds));

  Tensor<float> dy({rows, width}, wave(rows * width, 3)), dx({rows, width}), dw({width}), db({width});
  const bool all[] = {true, true, true};
  aclBoolArray* mask = aclCreateBoolArray(all, 3);
  ASSERT_TRUE(ok(run(&aclnnLayerNormBackwardGetWorkspaceSize, &aclnnLayerNormBackward, dy, x, shape, mean,
                     rstd, weight, bias, mask, dx, dw, db)));
  EXPECT_TRUE(ok(aclDestroyBoolArray(mask)));
  const std::vector<float> g = dy.get();
  std::vector<double> gx(values.size()), gw(width), gb(width);
  for (int r = 0; r < rows; ++r) {
    double first = 0, second = 0;
    for (int c = 0; c < width; ++c) {
      const int i = r * width + c;
      first += g[i] * w[c] / width;
      second += g[i] * w[c] * normal[i] / width;
      gw[c] += g[i] * normal[i];
      gb[c] += g[i];
    }
    for (int c = 0; c < width; ++c) {
      const int i = r * width + c;
      gx[i] = rstds[r] * (g[i] * w[c] - first - normal[i] * second);
    }
  }
  EXPECT_TRUE(near(dx.get(), gx));
  EXPECT_TRUE(near(dw.get(), gw));
  EXPECT_TRUE(near(db.get(), gb));
}

TEST_F(MathTest, NegativeLogLikelihood) {
  constexpr int rows = 4, classes = 3;
  Tensor<float> log({rows, classes}, wave(rows * classes)), loss({}), total({});
  Tensor<int64_t> target({rows}, {2, 0, -100, 1});
  const aclTensor* none = nullptr;
  ASSERT_TRUE(ok(run(&aclnnNLLLossGetWorkspaceSize, &aclnnNLLLoss, log, target, none, int64_t{1},
                     int64_t{-100}, loss, total)));
  const std::vector<float> values = log.get();
  const double expected = -(static_cast<double>(values[2]) + values[3] + values[10]) / 3;
  EXPECT_TRUE(near(loss.get(), {expected}));
  EXPECT_TRUE(near(total.get(), {3}));
  Tensor<float> dy({}, {1}), dx({rows, classes});
  ASSERT_TRUE(ok(run(&aclnnNLLLossBackwardGetWorkspaceSize, &aclnnNLLLossBackward, dy, log, target, none,
                     int64_t{1}, int64_t{-100}, total, dx)));
  std::vector<double> grad(rows * classes);
  grad[2] = grad[3] = grad[10] = -1.0 / 3;
  EXPECT_TRUE(near(dx.get(), grad));
}

TEST_F(MathTest, GeluIsTheErfFormOrTheTanhForm) {
  Tensor<float> x({64}, wave(64)), out({64});
  const std::vector<float> values = x.get();
  std::vector<double> erf, tanh;
  for (const double v : values) {
    erf.push_back(0.5 * v * (1 + std::erf(v / std::sqrt(2.0))));
    tanh.push_back(0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))));
  }
  ASSERT_TRUE(ok(run(&aclnnGeluV2GetWorkspaceSize, &aclnnGeluV2, x, int64_t{0}, out)));
  EXPECT_TRUE(near(out.get(), erf));
  ASSERT_TRUE(ok(run(&aclnnGeluV2GetWorkspaceSize, &aclnnGeluV2, x, int64_t{1}, out)));
  EXPECT_TRUE(near(out.get(), tanh));
}

TEST_F(MathTest, AdamW) {
  constexpr int count = 100;
  constexpr float lr = 0.01f, beta1 = 0.9f, beta2 = 0.99f, decay = 0.1f, eps = 1e-8f;
  Tensor<float> p({count}, wave(count)), m({count}), v({count}), grad({count}, wave(count, 2)), step({}, {0});
  std::vector<double> parameter = widen(p.get()), first(count), second(count);
  aclTensor* none = nullptr;
  for (int t = 1; t <= 5; ++t) {
    step.put({static_cast<float>(t - 1)});  // the number of steps before this one
    ASSERT_TRUE(ok(run(&aclnnApplyAdamWV2GetWorkspaceSize, &aclnnApplyAdamWV2, p, m, v, none, grad, step, lr,
                       beta1, beta2, decay, eps, false, false)));
    const std::vector<float> g = grad.get();
    for (int i = 0; i < count; ++i) {
      parameter[i] -= lr * decay * parameter[i];
      first[i] = beta1 * first[i] + (1 - beta1) * g[i];
      second[i] = beta2 * second[i] + (1 - beta2) * g[i] * g[i];
      const double m_hat = first[i] / (1 - std::pow(beta1, t)), v_hat = second[i] / (1 - std::pow(beta2, t));
      parameter[i] -= lr * m_hat / (std::sqrt(v_hat) + eps);
    }
  }
  EXPECT_TRUE(near(p.get(), parameter));
  EXPECT_TRUE(near(m.get(), first));
  EXPECT_TRUE(near(v.get(), second));
}

TEST_F(MathTest, ForeachComputesEachTensor) {
  Tensor<float> a({3}, {1, 2, 3}), b({2}, {4, 5}), c({3}), d({2});
  aclTensor* in[] = {a.descriptor(), b.descriptor()};
  aclTensor* out[] = {c.descriptor(), d.descriptor()};
  aclTensorList* from = aclCreateTensorList(in, 2);
  aclTensorList* to = aclCreateTensorList(out, 2);
  Scalar two(2.0);
  ASSERT_TRUE(ok(run(&aclnnForeachMulScalarV2GetWorkspaceSize, &aclnnForeachMulScalarV2, from, two, to)));
  EXPECT_EQ(c.get(), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(d.get(), (std::vector<float>{8, 10}));
  ASSERT_TRUE(ok(run(&aclnnForeachAddListV2GetWorkspaceSize, &aclnnForeachAddListV2, from, to, two, to)));
  EXPECT_EQ(c.get(), (std::vector<float>{5, 10, 15}));
  EXPECT_TRUE(ok(aclDestroyTensorList(from)));
  EXPECT_TRUE(ok(aclDestroyTensorList(to)));
}

TEST_F(MathTest, NonFiniteCheckAndUnscale) {
  Tensor<float> a({3}, {2, 4, 6}), b({2}, {8, std::numeric_limits<float>::infinity()}), found({1}),
      inverse({1}, {0.5});
  aclTensor* first[] = {a.descriptor()};
  aclTensorList* good = aclCreateTensorList(first, 1);
  ASSERT_TRUE(ok(run(&aclnnForeachNonFiniteCheckAndUnscaleGetWorkspaceSize,
                     &aclnnForeachNonFiniteCheckAndUnscale, good, found, inverse)));
  EXPECT_EQ(a.get(), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(found.get()[0], 0.0f);
  aclTensor* second[] = {b.descriptor()};
  aclTensorList* bad = aclCreateTensorList(second, 1);
  ASSERT_TRUE(ok(run(&aclnnForeachNonFiniteCheckAndUnscaleGetWorkspaceSize,
                     &aclnnForeachNonFiniteCheckAndUnscale, bad, found, inverse)));
  EXPECT_EQ(found.get()[0], 1.0f);
  EXPECT_TRUE(ok(aclDestroyTensorList(good)));
  EXPECT_TRUE(ok(aclDestroyTensorList(bad)));
}

TEST_F(MathTest, SortAndTopk) {
  Tensor<float> x({2, 4}, {3, 1, 4, 1.5, -2, 7, 0, 5}), values({2, 4}), best({2, 2});
  Tensor<int64_t> order({2, 4}), where({2, 2});
  ASSERT_TRUE(ok(run(&aclnnSortGetWorkspaceSize, &aclnnSort, x, false, int64_t{1}, true, values, order)));
  EXPECT_EQ(values.get(), (std::vector<float>{4, 3, 1.5, 1, 7, 5, 0, -2}));
  EXPECT_EQ(order.get(), (std::vector<int64_t>{2, 0, 3, 1, 1, 3, 2, 0}));
  ASSERT_TRUE(
      ok(run(&aclnnTopkGetWorkspaceSize, &aclnnTopk, x, int64_t{2}, int64_t{-1}, false, true, best, where)));
  EXPECT_EQ(best.get(), (std::vector<float>{1, 1.5, -2, 0}));
  EXPECT_EQ(where.get(), (std::vector<int64_t>{1, 3, 0, 2}));
}

TEST_F(MathTest, Reductions) {
  constexpr int rows = 3, columns = 5;
  Tensor<float> x({rows, columns}, wave(rows * columns)), sum({rows}), variance({rows}), all({});
  IntArray last{1}, both{0, 1};
  ASSERT_TRUE(ok(run(&aclnnReduceSumGetWorkspaceSize, &aclnnReduceSum, x, last, false, ACL_FLOAT, sum)));
  ASSERT_TRUE(ok(
      run(&aclnnVarCorrectionGetWorkspaceSize, &aclnnVarCorrection, x, last, int64_t{1}, false, variance)));
  ASSERT_TRUE(ok(run(&aclnnMeanGetWorkspaceSize, &aclnnMean, x, both, false, ACL_FLOAT, all)));
  const std::vector<float> values = x.get();
  std::vector<double> sums(rows), variances(rows);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) sums[r] += values[r * columns + c];
    for (int c = 0; c < columns; ++c)
      variances[r] += std::pow(values[r * columns + c] - sums[r] / columns, 2) / (columns - 1);
  }
  EXPECT_TRUE(near(sum.get(), sums));
  EXPECT_TRUE(near(variance.get(), variances));
  EXPECT_TRUE(near(all.get(), {(sums[0] + sums[1] + sums[2]) / (rows * columns)}));

  Tensor<float> most({rows});
  Tensor<int64_t> where({rows});
  ASSERT_TRUE(ok(run(&aclnnMaxDimGetWorkspaceSize, &aclnnMaxDim, x, int64_t{1}, false, most, where)));
  for (int r = 0; r < rows; ++r) {
    const auto begin = values.begin() + r * columns;
    const auto at = std::max_element(begin, begin + columns);
    EXPECT_EQ(most.get()[r], *at);
    EXPECT_EQ(where.get()[r], at - begin);
  }
}

TEST_F(MathTest, IndexingAndItsInverse) {
  Tensor<float> table({4, 2}, {0, 1, 10, 11, 20, 21, 30, 31}), rows({3, 2}), grad({4, 2});
  Tensor<int64_t> which({3}, {2, 0, 2});
  ASSERT_TRUE(ok(run(&aclnnEmbeddingGetWorkspaceSize, &aclnnEmbedding, table, which, rows)));
  EXPECT_EQ(rows.get(), (std::vector<float>{20, 21, 0, 1, 20, 21}));
  ASSERT_TRUE(ok(run(&aclnnEmbeddingDenseBackwardGetWorkspaceSize, &aclnnEmbeddingDenseBackward, rows, which,
                     uint64_t{4}, ~uint64_t{0}, false, grad)));
  EXPECT_EQ(grad.get(), (std::vector<float>{0, 1, 0, 0, 40, 42, 0, 0}));

  // table[:, [1, 0]]: the dimension that is not indexed comes as an empty tensor.
  Tensor<float> swapped({4, 2});
  Tensor<int64_t> columns({2}, {1, 0}), empty({0});
  aclTensor* entries[] = {empty.descriptor(), columns.descriptor()};
  aclTensorList* indices = aclCreateTensorList(entries, 2);
  ASSERT_TRUE(ok(run(&aclnnIndexGetWorkspaceSize, &aclnnIndex, table, indices, swapped)));
  EXPECT_EQ(swapped.get(), (std::vector<float>{1, 0, 11, 10, 21, 20, 31, 30}));
  EXPECT_TRUE(ok(aclDestroyTensorList(indices)));

  Tensor<float> added({4, 2});
  Tensor<float> ones({3, 2}, std::vector<float>(6, 1.0f));
  aclTensor* only[] = {which.descriptor()};
  indices = aclCreateTensorList(only, 1);
  ASSERT_TRUE(
      ok(run(&aclnnIndexPutImplGetWorkspaceSize, &aclnnIndexPutImpl, added, indices, ones, true, false)));
  EXPECT_EQ(added.get(), (std::vector<float>{1, 1, 0, 0, 2, 2, 0, 0}));
  EXPECT_TRUE(ok(aclDestroyTensorList(indices)));
}

TEST_F(MathTest, RangesAndTriangles) {
  Tensor<float> range({5}), spaced({5}), eye({2, 3});
  Scalar start(1), end(11), step(2);
  ASSERT_TRUE(ok(run(&aclnnArangeGetWorkspaceSize, &aclnnArange, start, end, step, range)));
  EXPECT_EQ(range.get(), (std::vector<float>{1, 3, 5, 7, 9}));
  ASSERT_TRUE(ok(run(&aclnnLinspaceGetWorkspaceSize, &aclnnLinspace, start, end, int64_t{5}, spaced)));
  EXPECT_TRUE(near(spaced.get(), {1, 3.5, 6, 8.5, 11}));
  ASSERT_TRUE(ok(run(&aclnnEyeGetWorkspaceSize, &aclnnEye, int64_t{2}, int64_t{3}, eye)));
  EXPECT_EQ(eye.get(), (std::vector<float>{1, 0, 0, 0, 1, 0}));
  Tensor<float> x({2, 3}, {1, 2, 3, 4, 5, 6}), lower({2, 3});
  ASSERT_TRUE(ok(run(&aclnnTrilGetWorkspaceSize, &aclnnTril, x, int64_t{0}, lower)));
  EXPECT_EQ(lower.get(), (std::vector<float>{1, 0, 0, 4, 5, 0}));
}

TEST_F(MathTest, ScalarsComeAsWideTypesWhateverTheTensor) {
  Tensor<int32_t> i({3}, {1, 2, 3}), sum({3});
  Scalar five(5), one(1);
  ASSERT_TRUE(ok(run(&aclnnAddsGetWorkspaceSize, &aclnnAdds, i, five, one, sum)));
  EXPECT_EQ(sum.get(), (std::vector<int32_t>{6, 7, 8}));
  Tensor<float> x({3}, {1, 2, 3}), y({3});
  Scalar half(0.5), two(2.0);
  ASSERT_TRUE(ok(run(&aclnnAddsGetWorkspaceSize, &aclnnAdds, x, half, two, y)));
  EXPECT_EQ(y.get(), (std::vector<float>{2, 3, 4}));
  Tensor<bool> greater({3});
  ASSERT_TRUE(ok(run(&aclnnGtScalarGetWorkspaceSize, &aclnnGtScalar, i, Scalar(1.5), greater)));
  EXPECT_EQ(greater.get(), (std::vector<bool>{false, true, true}));
}

TEST_F(MathTest, SmallCallsGiveTheBitsOfLargeOnes) {
  // The last elements of a large call, and the same elements as a small call of their own.
  constexpr int64_t large = 1 << 17, small = 1000;
  Tensor<float> a({large}, wave(large)), b({large}, wave(large, 0.3)), out({large});
  std::vector<float> x = a.get(), y = b.get();
  Tensor<float> c({small}, {x.end() - small, x.end()}), d({small}, {y.end() - small, y.end()}),
      result({small});
  Scalar one(1), scale(0.3);
  auto compare = [&](auto first, aclnnStatus (*second)(void*, uint64_t, aclOpExecutor*, aclrtStream),
                     auto&&... more) {
    ASSERT_TRUE(ok(run(first, second, a, b, more..., out)));
    ASSERT_TRUE(ok(run(first, second, c, d, more..., result)));
    const std::vector<float> whole = out.get(), part = result.get();
    ASSERT_EQ(std::memcmp(whole.data() + large - small, part.data(), small * sizeof(float)), 0);
  };
  compare(&aclnnAddGetWorkspaceSize, &aclnnAdd, one);
  compare(&aclnnSubGetWorkspaceSize, &aclnnSub, one);
  compare(&aclnnMulGetWorkspaceSize, &aclnnMul);
  compare(&aclnnDivGetWorkspaceSize, &aclnnDiv);
  compare(&aclnnMaximumGetWorkspaceSize, &aclnnMaximum);
  auto with_scalar = [&](auto first, aclnnStatus (*second)(void*, uint64_t, aclOpExecutor*, aclrtStream),
                         auto&&... scalars) {
    ASSERT_TRUE(ok(run(first, second, a, scalars..., out)));
    ASSERT_TRUE(ok(run(first, second, c, scalars..., result)));
    const std::vector<float> whole = out.get(), part = result.get();
    ASSERT_EQ(std::memcmp(whole.data() + large - small, part.data(), small * sizeof(float)), 0);
  };
  with_scalar(&aclnnAddsGetWorkspaceSize, &aclnnAdds, scale, one);
  with_scalar(&aclnnMulsGetWorkspaceSize, &aclnnMuls, scale);
  with_scalar(&aclnnDivsGetWorkspaceSize, &aclnnDivs, scale);
  with_scalar(&aclnnAbsGetWorkspaceSize, &aclnnAbs);
  with_scalar(&aclnnReluGetWorkspaceSize, &aclnnRelu);
  with_scalar(&aclnnNegGetWorkspaceSize, &aclnnNeg);
  with_scalar(&aclnnSqrtGetWorkspaceSize, &aclnnSqrt);
  with_scalar(&aclnnReciprocalGetWorkspaceSize, &aclnnReciprocal);
}

}  // namespace
}  // namespace cann_test
