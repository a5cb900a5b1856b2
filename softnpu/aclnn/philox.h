// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"
// (SC11). A block of four words depends on (seed, offset, index) alone, never on threads or order.
#pragma once

#include <array>
#include <cstdint>

namespace softnpu {

using PhiloxWords = std::array<uint32_t, 4>;

inline PhiloxWords philox_rounds(PhiloxWords counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t left = uint64_t{0xD2511F53} * counter[0];
    const uint64_t right = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(right >> 32) ^ counter[1] ^ key0, static_cast<uint32_t>(right),
               static_cast<uint32_t>(left >> 32) ^ counter[3] ^ key1, static_cast<uint32_t>(left)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

// The key is the seed; the counter is the index of the block below and the offset of the generator above. Two
// calls with different offsets share no block, however many numbers they draw.
inline PhiloxWords philox(uint64_t seed, uint64_t offset, uint64_t block) {
  return philox_rounds({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                        static_cast<uint32_t>(offset), static_cast<uint32_t>(offset >> 32)},
                       static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
}

}  // namespace softnpu
