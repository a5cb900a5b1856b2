// Faults that SOFTNPU_FAULT asks for. The grammar is in the table of env.cpp.
#pragma once

#include <string>

#include "acl/acl_types.h"

namespace softnpu {

class Stream;

namespace fault {

bool valid(const std::string& rules);  // by the grammar
bool enabled();
// Before a task on its worker: sleeps, kills the process, or returns the error that replaces the task.
aclError before_task(const Stream& stream);
// True when this allocation, or recording an event on this stream, is to be refused.
bool refuse_allocation(int device);
bool refuse_event(const Stream& stream);

}  // namespace fault
}  // namespace softnpu
