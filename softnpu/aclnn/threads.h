// Threads of a kernel whose result would depend on how many there are.
#pragma once

namespace softnpu {

// While it lives, kernels of this worker have one thread: where ATen adds up in as many parts as there are
// threads, or in the order in which threads arrive, and the number of threads changes with how many streams
// are busy.
class OneThread {
 public:
  explicit OneThread(bool wanted = true);
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace softnpu
