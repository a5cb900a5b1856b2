// Threads of a kernel whose result would depend on how many there are, and what a thread needs that runs one.
#pragma once

#include <cstdint>

#include <c10/core/impl/LocalDispatchKeySet.h>

namespace softnpu {

// While it lives, what this thread calls starts no team of threads: where ATen adds up in as many parts as
// there are threads, or in the order in which threads arrive, and the number of threads changes with how many
// streams are busy. For a worker and for the members of its team.
class OneThread {
 public:
  explicit OneThread(bool wanted = true);
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  bool wanted_;
  int before_ = 0;
  int before_mkl_ = 0;
};

// Backend kernels and nothing above them: no autograd, autocast, functionalization or Python on this thread.
class BackendOnly {
 public:
  BackendOnly()
      : guard_(c10::DispatchKeySet(c10::DispatchKey::BackendSelect),
               c10::autograd_dispatch_keyset_with_ADInplaceOrView | c10::autocast_dispatch_keyset |
                   c10::python_ks) {}

 private:
  c10::impl::ForceDispatchKeyGuard guard_;
};

// Calls part(context, i) for i below `count`, on the threads of this worker, each with no team of its own.
void run_parts(int64_t count, void (*part)(const void* context, int64_t i), const void* context);

// Calls part(i) for i below `count`. Where `count` comes from shapes alone, the result does not depend on how
// many threads share the parts. at::parallel_for would be serial: this library is not compiled for OpenMP, so
// that it loads with any build of torch.
template <class Part>
void in_parts(int64_t count, const Part& part) {
  run_parts(
      count, [](const void* context, int64_t i) { (*static_cast<const Part*>(context))(i); }, &part);
}

}  // namespace softnpu
