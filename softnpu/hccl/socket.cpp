#include "softnpu/hccl/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "futex.h"

namespace softnpu::hccl {
namespace {

socklen_t fill(sockaddr_un* address, const char* name) {
  *address = {};
  address->sun_family = AF_UNIX;
  const size_t length = std::min(std::strlen(name), sizeof(address->sun_path) - 1);
  std::memcpy(address->sun_path + 1, name, length);  // a leading zero: no file
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Socket Socket::listen(const char* name) {
  Socket made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address;
  const socklen_t length = fill(&address, name);
  if (made.fd_ >= 0 && bind(made.fd_, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
      ::listen(made.fd_, 256) == 0) {
    return made;
  }
  return Socket();
}

Socket Socket::connect(const char* name) {
  Socket made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address;
  const socklen_t length = fill(&address, name);
  if (made.fd_ >= 0 && ::connect(made.fd_, reinterpret_cast<sockaddr*>(&address), length) == 0) return made;
  return Socket();
}

Socket Socket::accept(int32_t* pid) const {
  Socket made(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  ucred who{};
  socklen_t length = sizeof(who);
  if (made.fd_ < 0 || getsockopt(made.fd_, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 ||
      who.uid != geteuid()) {
    return Socket();
  }
  *pid = who.pid;
  return made;
}

bool Socket::send(const void* data, size_t size, int fd) const {
  iovec part{const_cast<void*>(data), size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  }
  // A message is smaller than the buffer of a socket, so it goes at once or not at all.
  return sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == ssize_t(size);
}

bool Socket::receive(void* data, size_t size, int* fd, int64_t timeout_ms) const {
  *fd = -1;
  const Deadline deadline(timeout_ms);
  for (size_t got = 0; got < size;) {
    pollfd entry{fd_, POLLIN, 0};
    if (poll(&entry, 1, 100) == 0 && deadline.passed()) {
      errno = ETIMEDOUT;
      return false;
    }
    if (entry.revents == 0) continue;
    iovec part{static_cast<char*>(data) + got, size - got};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    const ssize_t length = recvmsg(fd_, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (length <= 0) {
      errno = ECONNRESET;
      return false;
    }
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) std::memcpy(fd, CMSG_DATA(header), sizeof(*fd));
    got += size_t(length);
  }
  return true;
}

}  // namespace softnpu::hccl
