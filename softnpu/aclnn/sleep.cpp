// aclnnSleep: one cycle is one nanosecond, as on a clock of 1 GHz. The worker sleeps, it does not spin.
#include "softnpu.h"
#include "softnpu/aclnn/kernel.h"

using namespace softnpu;

SOFT_OP(aclnnSleep, Rule{}, (Ints cycles), {
  TORCH_CHECK(!cycles.empty(), "cycles is empty");
  for (const int64_t count : cycles) TORCH_CHECK(count >= 0, "cycles must not be negative, got ", count);
  if (checking()) return;
  for (const int64_t count : cycles) softnpu_sleep(count);
})
