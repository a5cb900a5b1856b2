#include "softnpu/acl/cgroup.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace softnpu {
namespace {

// Calls visit(directory, v2) for the group of `controller` that this process is in and for all above it.
template <class Visit>
void for_each_group(const std::string& controller, Visit&& visit) {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    bool v2 = controllers == ",,";
    if (!v2 && controllers.find("," + controller + ",") == std::string::npos) continue;
    std::string root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + controller;
    for (std::string path = line.substr(second + 1); !path.empty(); path.resize(path.rfind('/'))) {
      visit(root + (path == "/" ? "" : path), v2);
    }
    // Inside a container the path names a directory of the host; the limit is then in the root of the mount.
    visit(root, v2);
  }
}

// The first numbers of a file; false where it has fewer, or a word such as "max".
bool read_numbers(const std::string& file, int64_t* one, int64_t* two = nullptr) {
  std::ifstream stream(file);
  return (stream >> *one) && (two == nullptr || (stream >> *two));
}

}  // namespace

uint64_t cgroup_memory() {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for_each_group("memory", [&](const std::string& directory, bool v2) {
    int64_t bytes = 0;
    if (read_numbers(directory + (v2 ? "/memory.max" : "/memory.limit_in_bytes"), &bytes) && bytes >= 0)
      least = std::min(least, uint64_t(bytes));
  });
  return least;
}

int cgroup_cores() {
  int least = std::numeric_limits<int>::max();
  for_each_group("cpu", [&](const std::string& directory, bool v2) {
    int64_t quota = 0, period = 0;
    const bool limited = v2 ? read_numbers(directory + "/cpu.max", &quota, &period)
                            : read_numbers(directory + "/cpu.cfs_quota_us", &quota) &&
                                  read_numbers(directory + "/cpu.cfs_period_us", &period);
    if (limited && quota > 0 && period > 0)
      least = std::min(least, int(std::max<int64_t>(1, quota / period)));
  });
  return least;
}

}  // namespace softnpu
