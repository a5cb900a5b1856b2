// aclnnSleep: one cycle is one nanosecond, as on a clock of 1 GHz. The worker sleeps, it does not spin.
#include <time.h>

#include <cerrno>

#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

SOFT_OP(aclnnSleep, Rule{}, (Ints cycles), {
  TORCH_CHECK(!cycles.empty(), "cycles is empty");
  for (const int64_t count : cycles) TORCH_CHECK(count >= 0, "cycles must not be negative, got ", count);
  if (checking()) return;
  for (const int64_t count : cycles) {
    timespec left{static_cast<time_t>(count / 1'000'000'000), static_cast<long>(count % 1'000'000'000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
  }
})
