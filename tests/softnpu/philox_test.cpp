// Philox against the known-answer vectors that its authors publish with Random123, and through the C ABI.
#include "softnpu/aclnn/philox.h"

#include <gtest/gtest.h>

#include "tests/cann/aclnn_test.h"

namespace {

using softnpu::PhiloxWords;

TEST(Philox, KnownAnswers) {
  EXPECT_EQ(softnpu::philox_rounds({0, 0, 0, 0}, 0, 0),
            (PhiloxWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(softnpu::philox_rounds({~0u, ~0u, ~0u, ~0u}, ~0u, ~0u),
            (PhiloxWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(softnpu::philox_rounds({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0),
            (PhiloxWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

class PhiloxOperator : public cann_test::OperatorTest {};

TEST_F(PhiloxOperator, ElementsAreTheWordsOfTheirBlock) {
  cann_test::Tensor<int64_t> x({4});
  ASSERT_TRUE(cann_test::ok(run(&aclnnInplaceRandomGetWorkspaceSize, &aclnnInplaceRandom, x, int64_t{0},
                                int64_t{1} << 32, int64_t{0}, int64_t{0})));
  EXPECT_EQ(x.get(), (std::vector<int64_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));

  const uint64_t seed = 0x123456789abcdef0, offset = 40;
  cann_test::Tensor<float> u({10});
  ASSERT_TRUE(cann_test::ok(
      run(&aclnnInplaceUniformGetWorkspaceSize, &aclnnInplaceUniform, u, 0.0, 1.0, seed, offset)));
  const std::vector<float> values = u.get();
  for (size_t i = 0; i < values.size(); ++i) {
    const PhiloxWords words = softnpu::philox(seed, offset, i / 4);
    EXPECT_EQ(values[i], static_cast<float>(words[i % 4] >> 8) * 0x1p-24f);
  }
}

}  // namespace
