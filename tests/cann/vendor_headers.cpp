// Our contract against the headers of CANN that the vendor's wheel carries. Nothing here runs: it compiles,
// or it does not. test_vendor_headers.py writes the three .inc files from cann/include and says where both
// trees are.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <acl/acl.h>
#include <acl/acl_op_compiler.h>
#include <acl/acl_prof.h>
#include <hccl/hccl.h>

// constexpr long long vendor_NAME = NAME; for each constant, before ours become macros of the same name.
#include "vendor_constants.inc"

namespace ours {
#include "cann/include/acl/acl_enums.h"
#include "cann/include/acl/acl_error_codes.h"
#include "cann/include/acl/acl_structs.h"
#include "cann/include/hccl/hccl_types.h"
}  // namespace ours

// static_asserts: the value of each constant and enumerator, the size of each structure, the offset of each
// field.
#include "vendor_layout.inc"

// Our prototypes with the vendor's types: a difference is a conflicting declaration.
extern "C" {
#include "vendor_prototypes.inc"
}
