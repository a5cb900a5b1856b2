#include "csrc/acl/Log.h"

#include <unistd.h>

#include <atomic>
#include <exception>

#include "csrc/acl/Env.h"

namespace npu {
namespace {

constexpr const char* kNames[] = {"error", "warning", "info", "debug"};

void write_line(LogLevel level, const std::string& text) noexcept {
  try {
    const std::string line =
        std::string("[torch_npu] ") + kNames[static_cast<int>(level)] + ": " + text + "\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  } catch (...) {
  }
}

int read_threshold() noexcept {
  try {
    const std::string name = env::get_choice("TORCH_NPU_LOG");
    for (int level = 0; level < 4; ++level) {
      if (name == kNames[level]) return level;
    }
  } catch (const std::exception& error) {  // a wrong value must not take logging, or an import, away
    const std::string text = error.what();
    write_line(LogLevel::kWarning, text.substr(0, text.find('\n')));
  }
  return static_cast<int>(LogLevel::kWarning);
}

}  // namespace

bool log_enabled(LogLevel level) noexcept {
  static const int threshold = read_threshold();
  return static_cast<int>(level) <= threshold;
}

void log(LogLevel level, const std::string& text) noexcept {
  if (log_enabled(level)) write_line(level, text);
}

}  // namespace npu
