#include "softnpu/acl/pages.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

#include "softnpu/acl/error.h"
#include "softnpu/acl/extents.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace softnpu {
namespace {

constexpr uint64_t kLiveStep = 512;
constexpr uint64_t kImported = uint64_t{1} << 63;

// The raw call: a sanitizer's mmap would refuse addresses that it does not know.
void* map(uintptr_t address, uint64_t size, int protection, int flags, int fd, uint64_t offset) {
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, fd, offset));
}

bool reserve_at(uintptr_t address, uint64_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  void* got = map(address, size, PROT_NONE, kFlags, -1, 0);
  if (got == MAP_FAILED) return false;
  if (address_of(got) != address) {  // a kernel before 4.17 takes the flag for a hint
    munmap(got, size);
    errno = EEXIST;
    return false;
  }
  madvise(got, size, MADV_DONTFORK);
  return true;
}

bool reserve_both(uintptr_t address, uint64_t size) {
  if (!kAddressesAreClosed && !reserve_at(address, size)) return false;
  if (reserve_at(address + kHostOffset, size)) return true;
  int error = errno;
  if (!kAddressesAreClosed) munmap(reinterpret_cast<void*>(address), size);
  errno = error;
  return false;
}

std::string refusal(uint64_t size) {
  char text[256];
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  if (errno == ENOMEM && limit.rlim_cur != RLIM_INFINITY) {
    std::snprintf(
        text, sizeof(text),
        "the system refused to reserve twice %llu MiB of addresses: RLIMIT_AS is %llu MiB (ulimit -v); "
        "raise it or lower SOFTNPU_MEMORY",
        static_cast<unsigned long long>(size >> 20), static_cast<unsigned long long>(limit.rlim_cur >> 20));
  } else {
    std::snprintf(text, sizeof(text), "the system refused to reserve twice %llu MiB of addresses (%s)",
                  static_cast<unsigned long long>(size >> 20), std::strerror(errno));
  }
  return text;
}

// Which addresses of the window are free of reservations of ours.
struct Window {
  std::mutex mutex;
  Extents free;
  Window() { free.give(kWindow, kWindowSize); }
};
Window& window() {
  static Window* const instance = new Window;
  return *instance;
}

// One 64-bit word a unit; the kernel gives pages of the table where it is used.
std::atomic<uint64_t>* table() {
  static std::atomic<uint64_t>* const words = [] {
    // The file stays open: that is how peers find it.
    int fd = memfd_create(table_name(getpid()).c_str(), MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, off_t(kTableBytes)) != 0) throw std::bad_alloc();
    void* memory = mmap(nullptr, kTableBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::atomic<uint64_t>*>(memory);
  }();
  if (words == nullptr) throw std::bad_alloc();
  return words;
}

std::atomic<uint64_t>& word_of(uintptr_t address) {
  return table()[(address - kWindow) / kUnit];
}

}  // namespace

void set_page(uintptr_t address, const Page& page) {
  uint64_t steps = round_up(page.live, kLiveStep) / kLiveStep;
  uint64_t word = steps | uint64_t(page.device) << 16 | page.unit << 24 | (page.imported ? kImported : 0);
  word_of(address).store(word, std::memory_order_release);
}

void clear_page(uintptr_t address) {
  word_of(address).store(0, std::memory_order_release);
}

bool get_page(uintptr_t address, Page* page) {
  if (!in_window(address)) return false;
  uint64_t word = word_of(address).load(std::memory_order_acquire);
  *page = decode_page(word);
  return word != 0;
}

Page decode_page(uint64_t word) {
  return {(word & 0xffff) * kLiveStep, int(word >> 16 & 0xff), (word & ~kImported) >> 24,
          (word & kImported) != 0};
}

std::string table_name(int pid) {
  return "softnpu-pages-" + std::to_string(pid);
}

uintptr_t reserve_addresses(uint64_t size, uintptr_t wanted, std::string* problem) {
  Window& w = window();
  std::lock_guard<std::mutex> guard(w.mutex);
  if (wanted != 0) {
    if (!in_window(wanted) || wanted % kUnit != 0) {
      *problem = "the expected address is not a multiple of 2 MiB between 16 and 32 TiB";
      return 0;
    }
    if (!w.free.take_at(wanted, size)) {
      *problem = "the expected address is in use";
      return 0;
    }
    if (reserve_both(wanted, size)) return wanted;
    w.free.give(wanted, size);
    *problem = errno == EEXIST ? "the expected address is in use" : refusal(size);
    return 0;
  }
  // A foreign mapping inside the window is rare; step over it.
  for (int attempt = 0; attempt < 64; ++attempt) {
    uint64_t address = w.free.take(size);
    if (address == Extents::kNone) break;
    if (reserve_both(address, size)) return address;
    if (errno != EEXIST) {
      w.free.give(address, size);
      *problem = refusal(size);
      return 0;
    }
  }
  *problem = "the device address window is exhausted";
  return 0;
}

void release_addresses(uintptr_t address, uint64_t size) {
  if (!kAddressesAreClosed) munmap(reinterpret_cast<void*>(address), size);
  munmap(reinterpret_cast<void*>(address + kHostOffset), size);
  Window& w = window();
  std::lock_guard<std::mutex> guard(w.mutex);
  w.free.give(address, size);
}

bool map_bytes(uintptr_t address, uint64_t size, int fd, uint64_t offset) {
  void* place = reinterpret_cast<void*>(address + kHostOffset);
  void* got = map(address + kHostOffset, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
                  fd, offset);
  if (got == MAP_FAILED) return false;
  madvise(place, size, MADV_DONTFORK);
  madvise(place, size, MADV_DONTDUMP);
  return true;
}

void unmap_bytes(uintptr_t address, uint64_t size) {
  void* got = map(address + kHostOffset, size, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (got != MAP_FAILED) madvise(got, size, MADV_DONTFORK);
}

void touch_units(uintptr_t address, uint64_t size) {
  char* bytes = reinterpret_cast<char*>(address + kHostOffset);
  // A write fault that changes nothing, whatever another process writes there meanwhile.
  for (uint64_t unit = 0; unit < size; unit += kUnit) __atomic_fetch_or(bytes + unit, 0, __ATOMIC_RELAXED);
  madvise(bytes, size, MADV_COLLAPSE);  // a kernel that cannot (before 6.1) leaves pages of 4 KiB
}

}  // namespace softnpu

extern "C" bool softnpu_is_own(const void* address, size_t size) {
  using namespace softnpu;
  if (softnpu_device_of(address, size) < 0) return false;
  for (uintptr_t at = address_of(address) / kUnit * kUnit; at < address_of(address) + size; at += kUnit) {
    if (Page page; !get_page(at, &page) || page.imported) return false;
  }
  return true;
}

extern "C" int32_t softnpu_device_of(const void* address, size_t size) {
  using namespace softnpu;
  uintptr_t begin = address_of(address);
  if (!in_window(begin) || size > kWindowSize) return -1;
  uintptr_t end = begin + (size == 0 ? 1 : size);
  if (uintptr_t inside = begin % kUnit; inside + (end - begin) <= kUnit) [[likely]] {
    uint64_t word = word_of(begin).load(std::memory_order_acquire);
    bool live = word != 0 && inside + (end - begin) <= (word & 0xffff) * kLiveStep;
    return live ? int32_t(word >> 16 & 0xff) : -1;
  }
  int device = -1;
  for (uintptr_t at = begin; at < end;) {
    Page page;
    if (!get_page(at, &page)) return -1;
    uintptr_t unit = at / kUnit * kUnit;
    uintptr_t stop = end < unit + kUnit ? end : unit + kUnit;
    if (stop > unit + page.live || (device >= 0 && page.device != device)) return -1;
    device = page.device;
    at = unit + kUnit;
  }
  return device;
}
