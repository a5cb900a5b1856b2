#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "csrc/acl/Env.h"
#include "csrc/acl/Library.h"
#include "csrc/aten/Custom.h"
#include "csrc/aten/Fallback.h"
#include "csrc/aten/Native.h"
#include "csrc/core/NPUDevice.h"
#include "csrc/core/NPUHooks.h"
#include "csrc/python/Bindings.h"

namespace npu::python {
namespace {

using EnvRow = std::tuple<std::string, std::string, std::string, std::string, std::string>;

std::vector<EnvRow> env_table() {
  std::vector<EnvRow> rows;
  for (const env::Variable& variable : env::table()) {
    rows.emplace_back(variable.name, env::type_name(variable.type), variable.default_value, variable.allowed,
                      variable.doc);
  }
  return rows;
}

std::map<std::string, std::string> cann_info() {
  const Cann& found = cann();
  return {{"directory", found.directory}, {"version", found.version}};
}

// The first thing the package calls: refuses a TORCH_NPU_CANN that cannot be used before torch learns of the
// device.
void start() {
  cann_choice();
  register_hooks();
}

}  // namespace
}  // namespace npu::python

PYBIND11_MODULE(_C, module) {
  using namespace npu::python;
  module.doc() = "The C++ side of torch_npu; private to the package.";
  define(module, "start", &start);
  define_no_gil(module, "shutdown", [] { npu::shutdown(); });
  define(module, "env_table", &env_table);
  define_no_gil(module, "cann_info", &cann_info);
  define(module, "native_operators", [] { return npu::native_operators(); });
  define(module, "fallback_stats", [] { return npu::fallback_stats(); });
  define(module, "reset_fallback_stats", [] { npu::reset_fallback_stats(); });
  define_no_gil(module, "sleep", [](int64_t cycles) { npu::sleep(cycles); });
  bind_device(module);
  bind_stream(module);
  bind_memory(module);
  bind_distributed(module);
}
