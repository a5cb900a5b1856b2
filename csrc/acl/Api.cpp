#include "csrc/acl/Api.h"

namespace npu::detail {

constinit const Api the_api;

}  // namespace npu::detail
