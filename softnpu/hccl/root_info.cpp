#include "softnpu/hccl/root_info.h"

#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "futex.h"
#include "softnpu.h"
#include "softnpu/hccl/settings.h"
#include "softnpu/hccl/socket.h"

namespace softnpu::hccl {
namespace {

constexpr uint64_t kMagic = 0x746f6f72746673;  // "sftroot"
constexpr size_t kSecret = 32;
constexpr int64_t kPatienceMs = 20000;  // ranks wait so much longer than the root, to hear its reason

// The content of HcclRootInfo.
struct Info {
  uint64_t magic;
  int32_t pid;
  char socket[64];  // in the abstract namespace
  unsigned char secret[kSecret];
};
static_assert(sizeof(Info) <= sizeof(HcclRootInfo));

struct Hello {
  uint64_t magic;
  unsigned char secret[kSecret];
  uint32_t size, rank;
  int32_t device, logical;
  char name[COMM_NAME_MAX_LENGTH];
};

struct Answer {
  int32_t code;  // HcclResult; with HCCL_SUCCESS comes the descriptor of the area
  char text[1024];
};

bool same_secret(const unsigned char* a, const unsigned char* b) {
  unsigned char difference = 0;
  for (size_t i = 0; i < kSecret; ++i) difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

// The root's side: one thread for one root info.
class Meeting {
 public:
  Meeting(Socket listener, const Info& info, int64_t timeout_ms)
      : listener_(std::move(listener)), info_(info), timeout_ms_(timeout_ms) {}

  void run() {
    const Deadline deadline(timeout_ms_);
    while (true) {
      if (deadline.passed()) return refuse(HCCL_E_TIMEOUT, missing());
      std::vector<pollfd> waits{{listener_.fd(), POLLIN, 0}};
      for (const Guest& guest : guests_) waits.push_back({guest.socket.fd(), POLLIN, 0});
      if (poll(waits.data(), waits.size(), 100) < 0) continue;
      for (size_t i = guests_.size(); i > 0; --i) {
        if (waits[i].revents != 0 && !hear(i - 1)) return;
      }
      if ((waits[0].revents & POLLIN) != 0) welcome();
      if (size_ != 0 && joined() == size_) return settle();
    }
  }

 private:
  struct Guest {
    Socket socket;
    int32_t pid;
    Hello hello{};
    size_t heard = 0;
    bool known = false;
  };

  size_t joined() const {
    return size_t(std::count_if(guests_.begin(), guests_.end(), [](const Guest& g) { return g.known; }));
  }

  void welcome() {
    constexpr size_t kCrowd = 4 * kMaxRanks;
    int32_t pid = 0;
    Socket guest = listener_.accept(&pid);  // of the same user, or nobody
    if (guest.fd() >= 0 && guests_.size() < kCrowd) guests_.push_back({std::move(guest), pid, {}, 0, false});
  }

  // Something came from a guest. False when the meeting is over.
  bool hear(size_t index) {
    Guest& guest = guests_[index];
    if (guest.known) {  // a rank has nothing more to say: it has gone
      refuse(HCCL_E_REMOTE, title(guest) + " has ended, or given up, while the communicator was being made");
      return false;
    }
    auto* bytes = reinterpret_cast<char*>(&guest.hello);
    const ssize_t got =
        recv(guest.socket.fd(), bytes + guest.heard, sizeof(Hello) - guest.heard, MSG_DONTWAIT);
    if (got > 0) guest.heard += size_t(got);
    const bool complete = guest.heard == sizeof(Hello);
    const bool stranger =
        complete && (guest.hello.magic != kMagic || !same_secret(guest.hello.secret, info_.secret));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || stranger) {
      guests_.erase(guests_.begin() + ptrdiff_t(index));  // whoever it was, it knows nothing of this meeting
      return true;
    }
    return !complete || admit(guest);
  }

  static std::string title(const Guest& guest) {
    return "rank " + std::to_string(guest.hello.rank) + " (process " + std::to_string(guest.pid) +
           ", device " + std::to_string(guest.hello.logical) + ")";
  }

  bool admit(Guest& guest) {
    const Hello& hello = guest.hello;
    if (size_ == 0) size_ = hello.size;
    std::string problem;
    if (hello.size != size_) {
      problem = title(guest) + " says that there are " + std::to_string(hello.size) + " ranks, others " +
                std::to_string(size_);
    }
    for (const Guest& other : guests_) {
      if (!other.known) continue;
      if (other.hello.rank == hello.rank) {
        problem = "EI0014: there are two ranks " + std::to_string(hello.rank) + ": processes " +
                  std::to_string(other.pid) + " and " + std::to_string(guest.pid);
      } else if (other.hello.logical == hello.logical) {
        problem = "EI0014: " + title(other) + " and " + title(guest) +
                  " use one device; give each rank a device of its own (torch.npu.set_device(local_rank))";
      } else if (std::strncmp(other.hello.name, hello.name, sizeof(hello.name)) != 0) {
        problem = title(other) + " calls the communicator '" + other.hello.name + "', " + title(guest) +
                  " '" + hello.name + "'";
      }
    }
    guest.known = true;
    if (problem.empty()) return true;
    refuse(HCCL_E_PARA, problem);
    return false;
  }

  std::string missing() const {
    std::string here, absent;
    for (uint32_t rank = 0; rank < size_; ++rank) {
      auto is = [rank](const Guest& g) { return g.known && g.hello.rank == rank; };
      std::string& list = std::any_of(guests_.begin(), guests_.end(), is) ? here : absent;
      list += (list.empty() ? "" : ", ") + std::to_string(rank);
    }
    return "EI0015: after " + std::to_string(timeout_ms_ / 1000) +
           " s these ranks are here: " + (here.empty() ? "none" : here) +
           "; missing: " + (absent.empty() ? "all" : absent);
  }

  // The root's own process comes last: once it has its answer it may end, and this thread with it.
  void answer(HcclResult code, const std::string& text, int fd) {
    Answer reply{};
    reply.code = code;
    std::snprintf(reply.text, sizeof(reply.text), "%s", text.c_str());
    for (const bool own : {false, true}) {
      for (Guest& guest : guests_) {
        if (guest.known && (guest.pid == getpid()) == own) guest.socket.send(&reply, sizeof(reply), fd);
      }
    }
  }

  void refuse(HcclResult code, const std::string& text) { answer(code, text, -1); }

  void settle() {
    listener_ = Socket();  // before the first rank hears of it: the root info has served
    Area* area = nullptr;
    const int fd = create_area(size_, &area);
    if (fd < 0)
      return refuse(HCCL_E_SYSCALL, "the root could not make the shared memory of the communicator");
    for (const Guest& guest : guests_) {
      if (guest.known) area->members[guest.hello.rank] = {guest.pid, guest.hello.device, guest.hello.logical};
    }
    answer(HCCL_SUCCESS, "", fd);
    unmap_area(area);
    close(fd);
  }

  Socket listener_;
  const Info info_;
  const int64_t timeout_ms_;
  uint32_t size_ = 0;  // 0 until the first rank has said it
  std::vector<Guest> guests_;
};

}  // namespace

HcclResult make_root_info(HcclRootInfo* info) {
  Settings settings{};
  if (HcclResult code = read_settings(&settings); code != HCCL_SUCCESS) return code;
  static std::atomic<uint32_t> serial{0};
  Info content{};
  content.magic = kMagic;
  content.pid = getpid();
  if (getrandom(content.secret, kSecret, 0) != ssize_t(kSecret)) {
    return HcclResult(softnpu_error(HCCL_E_SYSCALL, "HcclGetRootInfo: the system gave no random numbers."));
  }
  std::snprintf(content.socket, sizeof(content.socket), "softnpu-hccl-%d-%u-%02x%02x%02x%02x", content.pid,
                serial.fetch_add(1), content.secret[0], content.secret[1], content.secret[2],
                content.secret[3]);
  // The name is no secret, so it must not tell any of it.
  if (getrandom(content.secret, 4, 0) != 4) {
    return HcclResult(softnpu_error(HCCL_E_SYSCALL, "HcclGetRootInfo: the system gave no random numbers."));
  }
  Socket listener = Socket::listen(content.socket);
  if (listener.fd() < 0) {
    return HcclResult(softnpu_error(
        HCCL_E_SYSCALL, "EI0019: HcclGetRootInfo: the system refused a socket (%s).", std::strerror(errno)));
  }
  std::memset(info, 0, sizeof(*info));
  std::memcpy(info->internal, &content, sizeof(content));
  auto meeting = std::make_unique<Meeting>(std::move(listener), content, settings.connect_timeout_ms);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  std::thread([meeting = std::move(meeting)] { meeting->run(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return HCCL_SUCCESS;
}

std::string default_name(const HcclRootInfo& info) {
  Info content{};
  std::memcpy(&content, info.internal, sizeof(content));
  content.socket[sizeof(content.socket) - 1] = '\0';
  return content.socket;
}

Area* meet(const HcclRootInfo& info, uint32_t size, uint32_t rank, int32_t device, const char* name,
           HcclResult* result) {
  auto refuse = [&](HcclResult code, const std::string& text) {
    *result =
        HcclResult(softnpu_error(code, "HcclCommInitRootInfo: rank %u of %u: %s.", rank, size, text.c_str()));
    return nullptr;
  };
  Info content{};
  std::memcpy(&content, info.internal, sizeof(content));
  content.socket[sizeof(content.socket) - 1] = '\0';
  if (content.magic != kMagic) return refuse(HCCL_E_PARA, "this root info was not made by HcclGetRootInfo");
  Settings settings{};
  if (*result = read_settings(&settings); *result != HCCL_SUCCESS) return nullptr;
  Socket root = Socket::connect(content.socket);
  if (root.fd() < 0) {
    return refuse(HCCL_E_TCP_CONNECT, "the root (process " + std::to_string(content.pid) +
                                          ") does not answer: it has ended, is on another host or in another "
                                          "network namespace, or its root info was used before");
  }
  Hello hello{};
  hello.magic = kMagic;
  std::memcpy(hello.secret, content.secret, kSecret);
  hello.size = size;
  hello.rank = rank;
  hello.device = device;
  hello.logical = softnpu_logical_device(device);
  std::snprintf(hello.name, sizeof(hello.name), "%s", name);
  Answer answer{};
  int fd = -1;
  const bool told = root.send(&hello, sizeof(hello), -1) &&
                    root.receive(&answer, sizeof(answer), &fd, settings.connect_timeout_ms + kPatienceMs);
  if (!told) {
    return errno == ETIMEDOUT
               ? refuse(HCCL_E_TIMEOUT, "EI0015: the root (process " + std::to_string(content.pid) +
                                            ") has not answered in time")
               : refuse(HCCL_E_TCP_TRANSFER, "the root (process " + std::to_string(content.pid) +
                                                 ") has ended while the communicator was being made");
  }
  answer.text[sizeof(answer.text) - 1] = '\0';
  if (answer.code != HCCL_SUCCESS) {
    if (fd >= 0) close(fd);
    return refuse(HcclResult(answer.code), answer.text);
  }
  Area* area = fd < 0 ? nullptr : map_area(fd);
  if (fd >= 0) close(fd);
  if (area == nullptr || area->size != size) {
    if (area != nullptr) unmap_area(area);
    return refuse(HCCL_E_INTERNAL, "the root's answer has no usable shared memory");
  }
  return area;
}

}  // namespace softnpu::hccl
