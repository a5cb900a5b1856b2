// torch_npu._C._distributed_c10d: the process group, as a subclass of torch's Backend.
#include <chrono>
#include <string>
#include <utility>

#include <pybind11/chrono.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include "csrc/acl/Api.h"
#include "csrc/hccl/ProcessGroupHCCL.h"
#include "csrc/python/Bindings.h"

namespace npu::python {

// The last reference may wait for operations and for threads that let go of Python objects, so the GIL is
// released meanwhile.
template <typename T>
class NoGilPtr {
 public:
  NoGilPtr() = default;
  explicit NoGilPtr(T* object) : pointer_(c10::intrusive_ptr<T>::unsafe_steal_from_new(object)) {}
  NoGilPtr(c10::intrusive_ptr<T> pointer) : pointer_(std::move(pointer)) {}
  NoGilPtr(const NoGilPtr&) = default;
  NoGilPtr(NoGilPtr&&) noexcept = default;
  NoGilPtr& operator=(const NoGilPtr&) = default;
  NoGilPtr& operator=(NoGilPtr&&) noexcept = default;
  ~NoGilPtr() {
    if (!pointer_ || PyGILState_Check() == 0) return;
    py::gil_scoped_release no_gil;
    pointer_.reset();
  }

  T* get() const noexcept { return pointer_.get(); }
  T& operator*() const noexcept { return *pointer_; }
  T* operator->() const noexcept { return pointer_.get(); }
  operator c10::intrusive_ptr<T>() const { return pointer_; }

 private:
  c10::intrusive_ptr<T> pointer_;
};

}  // namespace npu::python

PYBIND11_DECLARE_HOLDER_TYPE(T, npu::python::NoGilPtr<T>, true)

namespace npu::python {
namespace {

using Options = ProcessGroupHCCL::Options;
using std::chrono::milliseconds;

c10::intrusive_ptr<ProcessGroupHCCL> make_group(c10::intrusive_ptr<c10d::Store> store, int rank, int size,
                                                c10::intrusive_ptr<Options> options) {
  py::gil_scoped_release no_gil;
  return c10::make_intrusive<ProcessGroupHCCL>(std::move(store), rank, size, std::move(options));
}

void set_config(Options& options, HcclConfigValues values) {
  check_hccl_config(values);
  options.hccl_config = std::move(values);
}

c10::intrusive_ptr<Options> copy_options(const Options& options) {
  return c10::make_intrusive<Options>(options);
}

std::string communicator_name(ProcessGroupHCCL& group, int64_t rank, bool create) {
  TORCH_CHECK_VALUE(rank == group.getRank(), "get_hccl_comm_name: rank ", rank,
                    " is not this process, which is rank ", group.getRank(), " of the group.");
  return group.communicator_name(create);
}

void bind_options(py::handle scope, const py::object& base) {
  py::class_<Options, c10::intrusive_ptr<Options>>(
      scope, "Options", base,
      "Options of a process group of hccl.\n\n"
      "Args:\n"
      "    is_high_priority_stream: run collectives on streams of high priority.\n\n"
      "``hccl_config`` is a dict of settings of its communicators, for instance ``{'hccl_buffer_size': 64}`` "
      "in "
      "MiB;\nan unknown key or a value out of range is a ValueError.")
      .def(py::init([](bool high) { return c10::make_intrusive<Options>(high); }),
           py::arg("is_high_priority_stream") = false)
      .def_readwrite("is_high_priority_stream", &Options::is_high_priority_stream)
      .def_property(
          "hccl_config", [](const Options& options) { return options.hccl_config; }, &set_config)
      .def("__copy__", &copy_options)
      .def("__deepcopy__", [](const Options& options, const py::dict&) { return copy_options(options); });
}

}  // namespace

void bind_distributed(py::module_& module) {
  py::module_ distributed =
      module.def_submodule("_distributed_c10d", "The process group; private to the package.");
  py::object torch_c10d;
  try {
    torch_c10d = py::module_::import("torch._C._distributed_c10d");
  } catch (py::error_already_set& error) {  // a torch without distributed
    if (!error.matches(PyExc_ImportError)) throw;
    return;
  }
  const py::object base = torch_c10d.attr("Backend");
  py::class_<ProcessGroupHCCL, NoGilPtr<ProcessGroupHCCL>> group(
      distributed, "ProcessGroupHCCL", base,
      "The backend `hccl` of torch.distributed; init_process_group() and new_group() make it.");
  bind_options(group, base.attr("Options"));
  group
      .def(py::init(&make_group), py::arg("store"), py::arg("rank"), py::arg("size"), py::arg("options"),
           "Raise ValueError where the rank is not below the size or an option is out of range.")
      .def_property_readonly("options",
                             [](ProcessGroupHCCL& self) {
                               return c10::static_intrusive_pointer_cast<Options>(self.getBackendOptions());
                             })
      .def("get_hccl_comm_name", &communicator_name, py::arg("rank"), py::arg("init_comm") = true,
           py::call_guard<py::gil_scoped_release>(),
           "Return HCCL's name of the communicator of the current device, which is made first where "
           "``init_comm``; '' where there is none.")
      .def(
          "abort_hccl_comm", [](ProcessGroupHCCL& self, const std::string&) { self.abort(); },
          py::arg("reason") = "", py::call_guard<py::gil_scoped_release>(),
          "Abort all communicators of the group; every later call raises.")
      .def(
          "perform_nocolor_split", [](ProcessGroupHCCL&, const py::object&) {}, py::arg("device"),
          "Called by torch on ranks that are not in a new group; HCCL needs nothing of them.");
  define_no_gil(distributed, "is_available", [] { return api().HcclGetRootInfo.available(); });
  define_no_gil(distributed, "shutdown_all",
                [](int64_t limit) { ProcessGroupHCCL::shutdown_all(milliseconds(limit)); });
}

}  // namespace npu::python
