// torch_npu._C: thin functions for the Python package, one file per subject. Arguments are checked there or
// by the room below; exceptions become torch's, and the GIL is released wherever a call may wait for a
// device.
#pragma once

#include <torch/csrc/Exceptions.h>
#include <torch/csrc/utils/pybind.h>

#include <c10/core/Device.h>

namespace npu::python {

void bind_device(py::module_& module);
void bind_stream(py::module_& module);
void bind_memory(py::module_& module);
void bind_distributed(py::module_& module);

// Names a device by the integer that the user gave, which need not fit c10's index.
c10::DeviceIndex device_index(int64_t index);

// Runs with the GIL held, or without it where the call may wait.
template <typename Function>
void define(py::module_& module, const char* name, Function&& function) {
  module.def(name, torch::wrap_pybind_function(std::forward<Function>(function)));
}
template <typename Function>
void define_no_gil(py::module_& module, const char* name, Function&& function) {
  module.def(name, torch::wrap_pybind_function_no_gil(std::forward<Function>(function)));
}

}  // namespace npu::python
