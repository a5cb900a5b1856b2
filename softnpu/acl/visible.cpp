#include "softnpu/acl/visible.h"

#include <algorithm>
#include <cctype>

#include "softnpu/acl/env.h"

namespace softnpu {

Visible parse_visible(const std::string& list, int count) {
  Visible result;
  std::string rest = list, culprit;
  while (culprit.empty()) {
    size_t comma = rest.find(',');
    std::string token = rest.substr(0, comma);
    bool digits =
        !token.empty() && token.size() < 10 &&
        std::all_of(token.begin(), token.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits || std::stoi(token) >= count) {
      culprit = "'" + token + "'";
      break;
    }
    int id = std::stoi(token);
    auto refuse = [&](const std::string& why) {
      return Visible{{}, "ASCEND_RT_VISIBLE_DEVICES=" + list + ": " + why + "."};
    };
    if (std::find(result.logical.begin(), result.logical.end(), id) != result.logical.end()) {
      return refuse("'" + token + "' is listed twice");
    }
    if (!result.logical.empty() && id < result.logical.back()) {
      return refuse("'" + token + "' comes after " + std::to_string(result.logical.back()) +
                    ", but the list must be ascending");
    }
    result.logical.push_back(id);
    if (comma == std::string::npos) break;
    rest = rest.substr(comma + 1);
  }
  if (result.logical.empty()) {
    std::string range = count == 0 ? "there is no device" : "devices are 0 to " + std::to_string(count - 1);
    result.problem = "ASCEND_RT_VISIBLE_DEVICES=" + list + " names no device: " + culprit +
                     " is not the number of a device (" + range + "); unset it to see all.";
  }
  return result;
}

const Visible& visible() {
  static const Visible* const result = [] {
    const Settings& s = settings();
    auto* parsed = new Visible;
    if (!s.problem.empty()) {
      parsed->problem = s.problem;
    } else if (s.visible_set) {
      *parsed = parse_visible(s.visible, s.devices);
    } else {
      for (int id = 0; id < s.devices; ++id) parsed->logical.push_back(id);
    }
    return parsed;
  }();
  return *result;
}

}  // namespace softnpu
