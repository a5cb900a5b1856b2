// Devices and their generators.
#include "csrc/core/NPUDevice.h"

#include <limits>
#include <sstream>
#include <string>

#include "csrc/core/NPUGenerator.h"
#include "csrc/python/Bindings.h"

namespace npu::python {

c10::DeviceIndex device_index(int64_t index) {
  constexpr int64_t kLowest = std::numeric_limits<c10::DeviceIndex>::min();
  constexpr int64_t kHighest = std::numeric_limits<c10::DeviceIndex>::max();
  TORCH_CHECK(index >= kLowest && index <= kHighest, "There is no device npu:", index, ": this process sees ",
              static_cast<int>(device_count()), " devices.");
  return static_cast<c10::DeviceIndex>(index);
}

namespace {

std::string describe(const DeviceProperties& properties) {
  std::ostringstream text;
  text << "NPUDeviceProperties(name='" << properties.name
       << "', total_memory=" << (properties.total_memory >> 20)
       << "MB, cube_core_num=" << properties.cube_core_num
       << ", vector_core_num=" << properties.vector_core_num
       << ", L2_cache_size=" << (properties.l2_cache_size >> 20) << "MB, uuid='" << properties.uuid << "')";
  return text.str();
}

void bind_properties(py::module_& module) {
  py::class_<DeviceProperties>(module, "NPUDeviceProperties",
                               "What CANN says about a device; sizes in bytes.")
      .def_readonly("name", &DeviceProperties::name)
      .def_readonly("uuid", &DeviceProperties::uuid)
      .def_readonly("total_memory", &DeviceProperties::total_memory)
      .def_readonly("L2_cache_size", &DeviceProperties::l2_cache_size)
      .def_readonly("cube_core_num", &DeviceProperties::cube_core_num)
      .def_readonly("vector_core_num", &DeviceProperties::vector_core_num)
      .def_readonly("multi_processor_count", &DeviceProperties::ai_core_num)
      .def("__repr__", &describe);
}

}  // namespace

void bind_device(py::module_& module) {
  bind_properties(module);
  define_no_gil(module, "device_count", [] { return static_cast<int>(device_count()); });
  define_no_gil(module, "unavailable_reason", [] { return unavailable_reason(); });
  define_no_gil(module, "check_device", [](int64_t index) { check_device(device_index(index)); });
  define(module, "is_initialized", [] { return is_initialized() && !in_bad_fork(); });
  define(module, "is_in_bad_fork", [] { return in_bad_fork(); });
  define_no_gil(module, "init", [] { ensure_initialized(); });
  define(module, "current_device", [] { return static_cast<int>(current_device()); });
  define_no_gil(module, "set_device", [](int64_t index) { set_device(device_index(index)); });
  define_no_gil(module, "exchange_device",
                [](int64_t index) { return static_cast<int>(exchange_device(device_index(index))); });
  define_no_gil(module, "maybe_exchange_device",
                [](int64_t index) { return static_cast<int>(maybe_exchange_device(device_index(index))); });
  define_no_gil(module, "synchronize", [](int64_t index) { synchronize(device_index(index)); });
  define_no_gil(module, "device_name", [](int64_t index) { return device_name(device_index(index)); });
  define_no_gil(module, "device_properties",
                [](int64_t index) -> DeviceProperties { return device_properties(device_index(index)); });
  define_no_gil(module, "can_device_access_peer", [](int64_t device, int64_t peer) {
    return can_access_peer(device_index(device), device_index(peer));
  });
  define_no_gil(module, "mem_get_info", [](int64_t index) { return memory_info(device_index(index)); });
  define_no_gil(module, "utilization", [](int64_t index) { return utilization(device_index(index)); });
  define(module, "default_generator",
         [](int64_t index) -> at::Generator { return default_generator(device_index(index)); });
}

}  // namespace npu::python
