// Calls back into the program: state changes, failed tasks, and functions that a stream runs on the host.
#pragma once

#include "softnpu/acl/stream.h"

namespace softnpu {

void notify_device(int32_t device, aclrtDeviceState state);
void notify_stream(Stream& stream, aclrtStreamState state);
// A task of the stream has failed; on its worker.
void notify_exception(Stream& stream, uint32_t task, aclError code);

}  // namespace softnpu
