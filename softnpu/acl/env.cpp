#include "softnpu/acl/env.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>

#include "softnpu.h"
#include "softnpu/acl/cgroup.h"
#include "softnpu/acl/fault.h"

namespace softnpu {
namespace {

struct Variable {
  const char* name;
  const char* type;
  const char* fallback;
  const char* doc;
};

constexpr Variable kTable[] = {
    {"SOFTNPU_DEVICES", "int", "8", "Number of devices, 0 to 64."},
    {"SOFTNPU_SOC", "string", "Ascend910B2", "SoC name that aclrtGetSocName answers; it starts with Ascend."},
    {"SOFTNPU_MEMORY", "size", "",
     "Memory of one device, such as 8G or 512M; all processes of the user share it. Default: half of what "
     "this host (or its memory cgroup) has, divided by SOFTNPU_DEVICES, at most 64G."},
    {"SOFTNPU_STRICT", "bool", "0",
     "1 refuses what hardware refuses: a call without a device on the thread, a stream of another context,"
     " a peer copy without peer access, a tensor destroyed before phase two."},
    {"SOFTNPU_FAULT", "string", "",
     "Faults to inject: rules separated by ';'. A rule is an action, then conditions, separated by ','. "
     "Actions: delay=<ms> (before a task), error=<code> (a task fails), kill (a task kills the process), "
     "oom (an allocation is refused), noevent (aclrtRecordEvent is refused). Conditions: device=<id>, "
     "stream=<id>, rank=<value of RANK>, nth=<n> "
     "(only the n-th match; without it every match). Example: "
     "error=507015,device=0,nth=100;delay=20,stream=3."},
    {"SOFTNPU_THREADS", "int", "0",
     "Threads that one large kernel may use; 0 is this process's share of the cores, divided among its "
     "busy streams."},
    {"SOFTNPU_IDLE_SECONDS", "int", "10",
     "Seconds without work after which the worker thread of a stream ends."},
    {"SOFTNPU_HCCL_TIMEOUT", "float", "",
     "Seconds after which an operation of HCCL gives up waiting for other ranks; wins over HCCL_EXEC_TIMEOUT "
     "and may be shorter than hardware allows."},
    {"SOFTNPU_HCCL_CONNECT_TIMEOUT", "float", "",
     "Seconds within which all ranks of a communicator must come; wins over HCCL_CONNECT_TIMEOUT."},
    {"HCCL_CONNECT_TIMEOUT", "int", "120",
     "Seconds within which all ranks of a communicator must come, 120 to 7200."},
    {"HCCL_EXEC_TIMEOUT", "int", "1836",
     "Seconds after which an operation of HCCL gives up waiting for other ranks; 0 waits for ever."},
    {"RANK", "int", "",
     "Rank of this process in a distributed job, for the condition `rank` of SOFTNPU_FAULT."},
    {"LOCAL_WORLD_SIZE", "int", "1", "Processes of the job on this host: each takes its share of the cores."},
    {"ASCEND_RT_VISIBLE_DEVICES", "list", "",
     "Devices that this process sees, such as 0,2,3: ascending, without duplicates. The list ends at the "
     "first entry that is not the number of a device. Unset: all."},
    {"ASCEND_SLOG_PRINT_TO_STDOUT", "bool", "0", "1 prints the messages of aclAppLog to standard output."},
    {"ASCEND_GLOBAL_LOG_LEVEL", "int", "3",
     "Least level that is printed: 0 debug, 1 info, 2 warning, 3 error, 4 none."},
};

const char* value_of(const char* name) {
  const char* value = std::getenv(name);
  if (value != nullptr && *value != '\0') return value;
  for (const Variable& variable : kTable) {
    if (std::strcmp(variable.name, name) == 0) return variable.fallback;
  }
  return nullptr;
}

bool parse_int(const char* text, long least, long most, int* value) {
  char* end = nullptr;
  long number = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || number < least || number > most) return false;
  *value = static_cast<int>(number);
  return true;
}

uint64_t default_memory(int devices) {
  uint64_t ram = uint64_t(sysconf(_SC_PHYS_PAGES)) * uint64_t(sysconf(_SC_PAGESIZE));
  uint64_t share = std::min(ram, cgroup_memory()) / 2 / std::max(devices, 1);
  return std::min(share, uint64_t{64} << 30);
}

Settings read_settings() {
  constexpr uint64_t kUnit = uint64_t{2} << 20;
  Settings s{};
  auto problem = [&s](const char* name, const char* expected) {
    if (s.problem.empty()) s.problem = std::string(name) + "=" + value_of(name) + " is not " + expected + ".";
  };
  if (!parse_int(value_of("SOFTNPU_DEVICES"), 0, 64, &s.devices))
    problem("SOFTNPU_DEVICES", "a number from 0 to 64");
  s.soc = value_of("SOFTNPU_SOC");
  if (s.soc.rfind("Ascend", 0) != 0) problem("SOFTNPU_SOC", "the name of a SoC, such as Ascend910B2");
  s.memory = default_memory(s.devices);
  const char* memory = value_of("SOFTNPU_MEMORY");
  if (*memory != '\0' &&
      (!parse_size(memory, &s.memory) || s.memory < kUnit || s.memory > (uint64_t{1} << 42))) {
    problem("SOFTNPU_MEMORY", "a size between 2M and 4T, such as 8G or 512M");
  }
  s.memory = std::max(s.memory / kUnit * kUnit, kUnit);
  int strict = 0;
  if (!parse_int(value_of("SOFTNPU_STRICT"), 0, 1, &strict)) problem("SOFTNPU_STRICT", "0 or 1");
  s.strict = strict != 0;
  if (!parse_int(value_of("SOFTNPU_THREADS"), 0, 4096, &s.threads)) {
    problem("SOFTNPU_THREADS", "a number from 0 to 4096");
  }
  if (!parse_int(value_of("SOFTNPU_IDLE_SECONDS"), 0, 86400, &s.idle_seconds)) {
    problem("SOFTNPU_IDLE_SECONDS", "a number of seconds from 0 to 86400");
  }
  if (!parse_int(value_of("LOCAL_WORLD_SIZE"), 1, 1 << 20, &s.processes)) {
    s.processes = 1;
    problem("LOCAL_WORLD_SIZE", "a number of processes, 1 or more");
  }
  int print = 0;
  if (!parse_int(value_of("ASCEND_SLOG_PRINT_TO_STDOUT"), 0, 1, &print)) {
    problem("ASCEND_SLOG_PRINT_TO_STDOUT", "0 or 1");
  }
  s.print_log = print != 0;
  if (!parse_int(value_of("ASCEND_GLOBAL_LOG_LEVEL"), 0, 4, &s.log_level)) {
    problem("ASCEND_GLOBAL_LOG_LEVEL", "a level from 0 (debug) to 4 (none)");
  }
  const char* rank = value_of("RANK");
  s.rank = -1;
  if (*rank != '\0' && !parse_int(rank, 0, 1 << 30, &s.rank)) problem("RANK", "the number of a rank");
  s.fault = value_of("SOFTNPU_FAULT");
  if (!fault::valid(s.fault))
    problem("SOFTNPU_FAULT", "a list of faults, such as error=507015,device=0,nth=100");
  const char* visible = std::getenv("ASCEND_RT_VISIBLE_DEVICES");
  s.visible_set = visible != nullptr;
  s.visible = visible == nullptr ? "" : visible;
  return s;
}

}  // namespace

const Settings& settings() {
  static const Settings* const read = new Settings(read_settings());  // never destroyed: workers outlive main
  return *read;
}

bool parse_size(const char* text, uint64_t* bytes) {
  char* end = nullptr;
  double number = std::strtod(text, &end);
  if (end == text || !std::isfinite(number) || number < 0) return false;
  std::string unit(end);
  if (!unit.empty() && (unit.back() == 'B' || unit.back() == 'b')) unit.pop_back();
  if (!unit.empty() && unit.back() == 'i') unit.pop_back();
  static constexpr char kUnits[] = "KMGT";
  double factor = 1;
  if (unit.size() == 1) {
    const char* found = std::strchr(kUnits, std::toupper(static_cast<unsigned char>(unit[0])));
    if (found == nullptr || *found == '\0') return false;
    factor = std::pow(1024.0, double(found - kUnits + 1));
  } else if (!unit.empty()) {
    return false;
  }
  if (number * factor > 9e18) return false;
  *bytes = static_cast<uint64_t>(number * factor);
  return true;
}

std::string size_text(uint64_t bytes) {
  char text[64];
  if (bytes >= (uint64_t{1} << 30)) {
    std::snprintf(text, sizeof(text), "%.2f GiB", double(bytes) / double(uint64_t{1} << 30));
  } else if (bytes >= (uint64_t{1} << 20)) {
    std::snprintf(text, sizeof(text), "%.2f MiB", double(bytes) / double(1 << 20));
  } else {
    std::snprintf(text, sizeof(text), "%llu bytes", static_cast<unsigned long long>(bytes));
  }
  return text;
}

}  // namespace softnpu

extern "C" {

const char* softnpu_env(const char* name) {
  return softnpu::value_of(name);
}

bool softnpu_strict(void) {
  return softnpu::settings().strict;
}

// The table for docs/env.md: a line per variable, its columns (name, type, default, doc) separated by tabs.
const char* softnpu_env_table(void) {
  static const std::string* const table = [] {
    auto* text = new std::string;
    for (const softnpu::Variable& row : softnpu::kTable) {
      *text += std::string(row.name) + "\t" + row.type + "\t" + row.fallback + "\t" + row.doc + "\n";
    }
    return text;
  }();
  return table->c_str();
}

}  // extern "C"
