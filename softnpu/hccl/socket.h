// Stream sockets in the abstract namespace, between processes of one user on one host.
#pragma once

#include <cstddef>
#include <cstdint>

namespace softnpu::hccl {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  // fd() is -1 and errno says why where the system refuses.
  static Socket listen(const char* name);
  static Socket connect(const char* name);
  int fd() const { return fd_; }

  // The next connection and the process that made it; without a descriptor where that is another user's.
  Socket accept(int32_t* pid) const;
  // All of it, with a descriptor where `fd` is not -1. Does not wait for a reader that does not read.
  bool send(const void* data, size_t size, int fd) const;
  // All of it, and the descriptor that came along or -1. False when the time is over (errno is ETIMEDOUT) or
  // the other side has closed.
  bool receive(void* data, size_t size, int* fd, int64_t timeout_ms) const;

 private:
  int fd_ = -1;
};

}  // namespace softnpu::hccl
