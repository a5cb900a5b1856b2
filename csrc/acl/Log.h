// Lines on stderr, gated by TORCH_NPU_LOG.
#pragma once

#include <string>

namespace npu {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

bool log_enabled(LogLevel level) noexcept;

// One line, "[torch_npu] <level>: <text>", written with a single call.
void log(LogLevel level, const std::string& text) noexcept;

}  // namespace npu
