// The environment of the software NPU: one table, read once.
#pragma once

#include <cstdint>
#include <string>

namespace softnpu {

struct Settings {
  int devices;
  std::string soc;
  uint64_t memory;  // bytes of one device, a multiple of 2 MiB
  bool strict;
  int threads;       // 0: this process's share of the cores
  int processes;     // of the job on this host
  int idle_seconds;  // after which a worker ends
  int rank;          // -1 where there is no job
  bool print_log;    // aclAppLog
  int log_level;
  std::string fault;    // parsed in fault.cpp
  std::string visible;  // ASCEND_RT_VISIBLE_DEVICES
  bool visible_set;
  std::string problem;  // a sentence about the first variable that cannot be understood, or empty
};
const Settings& settings();

// "8G", "512M", "1.5G", "1048576". False where the text is not a size.
bool parse_size(const char* text, uint64_t* bytes);
std::string size_text(uint64_t bytes);

}  // namespace softnpu
