// Attention and its gradient against the formula, computed element by element here.
#include <functional>

#include "tests/cann/aclnn_test.h"

namespace cann_test {
namespace {

constexpr int kBatch = 2, kHeads = 4, kKeyHeads = 2, kRows = 3, kColumns = 5, kWidth = 6;
constexpr double kScale = 0.4;
constexpr int64_t kAll = 2147483647;

using Values = std::vector<float>;
using Seen = std::function<bool(int batch, int head, int row, int column)>;

// (batch, heads, rows, width) by the definition; `factor` multiplies each weight after the softmax.
std::vector<double> attention(
    const Values& q, const Values& k, const Values& v, const Seen& seen,
    const std::function<double(int)>& factor = [](int) { return 1.0; }) {
  std::vector<double> out(static_cast<size_t>(kBatch) * kHeads * kRows * kWidth);
  for (int b = 0; b < kBatch; ++b)
    for (int h = 0; h < kHeads; ++h)
      for (int i = 0; i < kRows; ++i) {
        const int row = (b * kHeads + h) * kRows + i, group = b * kKeyHeads + h / (kHeads / kKeyHeads);
        double weights[kColumns] = {}, total = 0;
        for (int j = 0; j < kColumns; ++j) {
          if (!seen(b, h, i, j)) continue;
          double score = 0;
          for (int d = 0; d < kWidth; ++d)
            score += static_cast<double>(q[row * kWidth + d]) * k[(group * kColumns + j) * kWidth + d];
          total += weights[j] = std::exp(kScale * score);
        }
        for (int j = 0; j < kColumns; ++j)
          for (int d = 0; d < kWidth && total > 0; ++d)
            out[row * kWidth + d] +=
                weights[j] / total * factor(row * kColumns + j) * v[(group * kColumns + j) * kWidth + d];
      }
  return out;
}

class AttentionTest : public OperatorTest {
 protected:
  const Shape query_shape_{kBatch, kHeads, kRows, kWidth};
  const Shape key_shape_{kBatch, kKeyHeads, kColumns, kWidth};
  const Values q_ = wave(size_of(query_shape_)), k_ = wave(size_of(key_shape_), 1),
               v_ = wave(size_of(key_shape_), 2);

  int forward(const Tensor<float>& q, const Tensor<float>& k, const Tensor<float>& v, const aclTensor* drop,
              const aclTensor* mask, double keep, int64_t before, int64_t after, int64_t sparse,
              const Tensor<float>& maximum, const Tensor<float>& sum, const Tensor<float>& out) {
    char layout[] = "BNSD";
    const aclTensor* none = nullptr;
    const aclIntArray* nothing = nullptr;
    return run(&aclnnFlashAttentionScoreGetWorkspaceSize, &aclnnFlashAttentionScore, q, k, v, none, drop,
               none, mask, nothing, kScale, keep, before, after, int64_t{kHeads}, &layout[0], int64_t{0},
               sparse, maximum, sum, none, out);
  }

  // The forward with a mask of 1 for what is hidden, against the definition.
  void check(const aclTensor* mask, int64_t before, int64_t after, int64_t sparse, const Seen& seen) {
    Tensor<float> q(query_shape_, q_), k(key_shape_, k_), v(key_shape_, v_);
    const Shape rows{kBatch, kHeads, kRows, 8};
    Tensor<float> maximum(rows), sum(rows), out(query_shape_);
    ASSERT_TRUE(ok(forward(q, k, v, nullptr, mask, 1.0, before, after, sparse, maximum, sum, out)));
    EXPECT_TRUE(near(out.get(), attention(q_, k_, v_, seen)));
  }
};

TEST_F(AttentionTest, WithoutMask) {
  check(nullptr, kAll, kAll, 0, [](int, int, int, int) { return true; });
}

TEST_F(AttentionTest, MasksHideWhatIsSet) {
  std::vector<uint8_t> hidden(kRows * kColumns);
  for (size_t i = 0; i < hidden.size(); ++i) hidden[i] = i % 3 == 0;
  for (int j = 0; j < kColumns; ++j) hidden[kColumns + j] = 1;  // a row that sees nothing gives zeros
  Tensor<uint8_t> mask({kRows, kColumns}, hidden);
  check(mask, kAll, kAll, 1, [&](int, int, int i, int j) { return hidden[i * kColumns + j] == 0; });
  check(mask, kAll, kAll, 0, [&](int, int, int i, int j) { return hidden[i * kColumns + j] == 0; });
}

TEST_F(AttentionTest, CausalModesAndBandsNeedNoWholeMask) {
  Tensor<uint8_t> triangle({2048, 2048}, std::vector<uint8_t>(2048 * 2048));
  constexpr int shift = kColumns - kRows;
  check(triangle, kAll, kAll, 2, [](int, int, int i, int j) { return j <= i; });
  check(triangle, kAll, kAll, 3, [](int, int, int i, int j) { return j <= i + shift; });
  check(triangle, 1, 0, 4, [](int, int, int i, int j) { return j >= i + shift - 1 && j <= i + shift; });
}

TEST_F(AttentionTest, DropsByTheBitsOfTheMask) {
  Tensor<float> q(query_shape_, q_), k(key_shape_, k_), v(key_shape_, v_);
  const Shape rows{kBatch, kHeads, kRows, 8};
  Tensor<float> maximum(rows), sum(rows), out(query_shape_);
  std::vector<uint8_t> bytes(kBatch * kHeads * kRows * kColumns / 8);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(37 * i + 11);
  Tensor<uint8_t> drop({static_cast<int64_t>(bytes.size())}, bytes);
  ASSERT_TRUE(ok(forward(q, k, v, drop, nullptr, 0.75, kAll, kAll, 0, maximum, sum, out)));
  const auto factor = [&](int i) { return (bytes[i / 8] >> (i % 8) & 1) / 0.75; };
  EXPECT_TRUE(near(out.get(), attention(
                                  q_, k_, v_, [](int, int, int, int) { return true; }, factor)));
}

TEST_F(AttentionTest, GradientIsThatOfTheFormula) {
  Tensor<float> q(query_shape_, q_), k(key_shape_, k_), v(key_shape_, v_);
  const Shape rows{kBatch, kHeads, kRows, 8};
  Tensor<float> maximum(rows), sum(rows), out(query_shape_);
  Tensor<uint8_t> triangle({2048, 2048}, std::vector<uint8_t>(2048 * 2048));
  ASSERT_TRUE(ok(forward(q, k, v, nullptr, triangle, 1.0, kAll, kAll, 3, maximum, sum, out)));

  const Values weight = wave(size_of(query_shape_), 3);
  Tensor<float> dy(query_shape_, weight), dq(query_shape_), dk(key_shape_), dv(key_shape_);
  char layout[] = "BNSD";
  const aclTensor *none = nullptr, *mask = triangle, *top = maximum, *total = sum, *result = out;
  const aclIntArray* nothing = nullptr;
  ASSERT_TRUE(ok(run(&aclnnFlashAttentionScoreGradGetWorkspaceSize, &aclnnFlashAttentionScoreGrad, q, k, v,
                     dy, none, none, none, mask, top, total, none, result, nothing, kScale, 1.0, kAll, kAll,
                     int64_t{kHeads}, &layout[0], int64_t{0}, int64_t{3}, dq, dk, dv, none)));

  const auto loss = [&](const Values& q, const Values& k, const Values& v) {
    const auto seen = [](int, int, int i, int j) { return j <= i + kColumns - kRows; };
    const std::vector<double> y = attention(q, k, v, seen);
    return std::inner_product(y.begin(), y.end(), weight.begin(), 0.0);
  };
  // Central differences, one element after the other.
  const auto differences = [](Values values, const std::function<double(const Values&)>& f) {
    constexpr float step = 1.0f / 256;
    std::vector<double> slopes;
    for (float& value : values) {
      const float kept = value;
      value = kept + step;
      const double above = f(values);
      value = kept - step;
      const double below = f(values);
      value = kept;
      slopes.push_back((above - below) / (2.0 * step));
    }
    return slopes;
  };
  EXPECT_TRUE(near(dq.get(), differences(q_, [&](const Values& x) { return loss(x, k_, v_); }), 1e-4));
  EXPECT_TRUE(near(dk.get(), differences(k_, [&](const Values& x) { return loss(q_, x, v_); }), 1e-4));
  EXPECT_TRUE(near(dv.get(), differences(v_, [&](const Values& x) { return loss(q_, k_, x); }), 1e-4));
}

TEST_F(AttentionTest, WrongArgumentsAreRefusedInPhaseOne) {
  Tensor<float> q(query_shape_, q_), k(key_shape_, k_), v(key_shape_, v_),
      short_v({kBatch, kKeyHeads, 4, kWidth});
  const Shape rows{kBatch, kHeads, kRows, 8};
  Tensor<float> maximum(rows), sum(rows), out(query_shape_), small({kBatch, kHeads, kRows, 1});
  constexpr int kInvalid = 161002;
  EXPECT_EQ(forward(q, k, short_v, nullptr, nullptr, 1.0, kAll, kAll, 0, maximum, sum, out), kInvalid);
  EXPECT_EQ(forward(q, k, v, nullptr, nullptr, 1.0, kAll, kAll, 0, small, sum, out), kInvalid);
  EXPECT_EQ(forward(q, k, v, nullptr, nullptr, 1.0, kAll, kAll, 2, maximum, sum, out), kInvalid);
  EXPECT_EQ(forward(q, k, v, nullptr, nullptr, 0.0, kAll, kAll, 0, maximum, sum, out), kInvalid);
  EXPECT_EQ(forward(q, k, v, nullptr, nullptr, 1.0, kAll, kAll, 7, maximum, sum, out), kInvalid);
}

}  // namespace
}  // namespace cann_test
