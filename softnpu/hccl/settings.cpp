#include "softnpu/hccl/settings.h"

#include <cmath>
#include <cstdlib>

#include "softnpu.h"

namespace softnpu::hccl {
namespace {

// Whole seconds of a variable of HCCL, or fractions of a variable of ours, which wins.
HcclResult seconds(const char* name, double least, double most, const char* ours, int64_t* milliseconds) {
  const char* own = softnpu_env(ours);
  const char* text = *own != '\0' ? own : softnpu_env(name);
  if (*own != '\0') {
    name = ours;
    least = 0.001;
    most = 1e6;
  }
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= least && value <= most) ||
      (*own == '\0' && value != std::floor(value))) {
    return HcclResult(softnpu_error(
        HCCL_E_PARA, "EI0001: value %s for environment variable %s is invalid, expected range [%g, %g].",
        text, name, least, most));
  }
  *milliseconds = static_cast<int64_t>(value * 1000);
  return HCCL_SUCCESS;
}

}  // namespace

HcclResult read_settings(Settings* settings) {
  HcclResult code = seconds("HCCL_CONNECT_TIMEOUT", 120, 7200, "SOFTNPU_HCCL_CONNECT_TIMEOUT",
                            &settings->connect_timeout_ms);
  if (code != HCCL_SUCCESS) return code;
  code = seconds("HCCL_EXEC_TIMEOUT", 0, 2147483647, "SOFTNPU_HCCL_TIMEOUT", &settings->timeout_ms);
  if (settings->timeout_ms == 0) settings->timeout_ms = -1;
  return code;
}

}  // namespace softnpu::hccl
