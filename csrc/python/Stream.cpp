// Streams by (id, device): the Python objects are torch.Stream, which holds just that. Events are torch's
// own.
#include "csrc/core/NPUStream.h"

#include <cstdint>
#include <tuple>

#include <torch/csrc/Event.h>

#include "csrc/python/Bindings.h"

namespace npu::python {
namespace {

// What the constructor of torch.Stream takes.
std::tuple<int64_t, int, int> ids(const NPUStream& stream) {
  return {stream.id(), static_cast<int>(stream.device_index()), static_cast<int>(stream.device_type())};
}

void set_stream(int64_t id, int64_t index) {
  const c10::DeviceIndex device = device_index(index);
  check_device(device);
  setCurrentNPUStream(NPUStream(device, id));
  if (device != current_device()) set_device(device);
}

uintptr_t stream_handle(int64_t id, int64_t index) {
  const c10::DeviceIndex device = device_index(index);
  check_device(device);
  return reinterpret_cast<uintptr_t>(NPUStream(device, id).stream());
}

// torch.Event.elapsed_time refuses an argument of a subclass, which torch.npu.Event is.
double elapsed_time(const py::object& start, const py::object& end) {
  TORCH_CHECK_TYPE(THPEvent_Check(start.ptr()) && THPEvent_Check(end.ptr()),
                   "elapsed_time expects a torch.Event.");
  const c10::Event& first = reinterpret_cast<THPEvent*>(start.ptr())->event;
  const c10::Event& last = reinterpret_cast<THPEvent*>(end.ptr())->event;
  py::gil_scoped_release no_gil;
  return first.elapsedTime(last);
}

}  // namespace

void bind_stream(py::module_& module) {
  define(module, "current_stream",
         [](int64_t index) { return ids(getCurrentNPUStream(device_index(index))); });
  define(module, "default_stream",
         [](int64_t index) { return ids(getDefaultNPUStream(device_index(index))); });
  define(module, "external_stream", [](uintptr_t handle, int64_t index) {
    return ids(getStreamFromExternal(reinterpret_cast<aclrtStream>(handle), device_index(index)));
  });
  define_no_gil(module, "set_stream", &set_stream);
  define_no_gil(module, "stream_handle", &stream_handle);
  define(module, "elapsed_time", &elapsed_time);
}

}  // namespace npu::python
