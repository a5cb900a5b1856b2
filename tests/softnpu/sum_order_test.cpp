// Reductions in the order of the ranks: hardware promises an order only when asked, and not this one.
#include <cmath>

#include "tests/cann/ranks.h"

namespace soft_test {
namespace {

using namespace cann_test;

// Numbers whose sum depends on the order: added in the order of the ranks, on every rank and by every path,
// and half types in float32.
float fraction_of(uint32_t rank, uint64_t i) {
  const auto mixed = uint32_t((i * 2654435761u) ^ (rank * 40503u + 17) * 2246822519u);
  return std::ldexp(float(mixed >> 8) - float(1 << 23), int(mixed % 9) - 24);
}

uint16_t brain_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float value_of_brain(uint16_t brain) {
  const uint32_t bits = uint32_t(brain) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

TEST(SumsOfARank, DISABLED_OrderOfTheRanks) {
  World world;
  world.start();
  world.join();
  for (uint64_t count : {uint64_t{100}, uint64_t{300000}}) {
    std::vector<float> mine(count), sum(count), got(count);
    std::vector<uint16_t> halves(count), half_sum(count), got_halves(count);
    for (uint64_t i = 0; i < count; ++i) {
      mine[i] = fraction_of(world.rank, i);
      halves[i] = brain_of(mine[i]);
      float exact = 0, half = 0;
      for (uint32_t r = 0; r < world.size; ++r) {
        const float other = fraction_of(r, i), other_half = value_of_brain(brain_of(other));
        exact = r == 0 ? other : exact + other;
        half = r == 0 ? other_half : half + other_half;
      }
      sum[i] = exact;
      half_sum[i] = brain_of(half);
    }
    void* data = World::memory(count * 4);
    for (int again = 0; again < 2; ++again) {
      ASSERT_TRUE(ok(aclrtMemcpy(data, count * 4, mine.data(), count * 4, ACL_MEMCPY_HOST_TO_DEVICE)));
      ASSERT_TRUE(done(
          HcclAllReduce(data, data, count, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM, world.comm, world.stream)));
      ASSERT_TRUE(ok(world.synchronize()));
      ASSERT_TRUE(ok(aclrtMemcpy(got.data(), count * 4, data, count * 4, ACL_MEMCPY_DEVICE_TO_HOST)));
      EXPECT_EQ(std::memcmp(got.data(), sum.data(), count * 4), 0) << "float32, " << count;
      ASSERT_TRUE(ok(aclrtMemcpy(data, count * 2, halves.data(), count * 2, ACL_MEMCPY_HOST_TO_DEVICE)));
      ASSERT_TRUE(done(
          HcclAllReduce(data, data, count, HCCL_DATA_TYPE_BFP16, HCCL_REDUCE_SUM, world.comm, world.stream)));
      ASSERT_TRUE(ok(world.synchronize()));
      ASSERT_TRUE(ok(aclrtMemcpy(got_halves.data(), count * 2, data, count * 2, ACL_MEMCPY_DEVICE_TO_HOST)));
      EXPECT_EQ(std::memcmp(got_halves.data(), half_sum.data(), count * 2), 0) << "bfloat16, " << count;
    }
    aclrtFree(data);
  }
  world.finish();
}

class SumOrderTest : public testing::TestWithParam<int> {};
TEST_P(SumOrderTest, IsThatOfTheRanks) {
  EXPECT_TRUE(Ranks(GetParam(), "SumsOfARank.DISABLED_OrderOfTheRanks").succeed());
}
INSTANTIATE_TEST_SUITE_P(Sizes, SumOrderTest, testing::Values(2, 5));

}  // namespace
}  // namespace soft_test
