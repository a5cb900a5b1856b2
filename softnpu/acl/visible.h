// ASCEND_RT_VISIBLE_DEVICES: which devices the process sees, and in which order it numbers them.
#pragma once

#include <string>
#include <vector>

namespace softnpu {

struct Visible {
  std::vector<int> logical;  // by user id
  std::string problem;       // why no device can be used, or empty
};
const Visible& visible();

// The rule by itself, for tests: CANN's list is ascending, has no duplicates and ends at the first entry that
// is not the number of one of `count` devices; a list that breaks the first two rules, or that names no
// device, is an error.
Visible parse_visible(const std::string& list, int count);

}  // namespace softnpu
