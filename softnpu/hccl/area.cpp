#include "softnpu/hccl/area.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "futex.h"
#include "softnpu.h"

namespace softnpu::hccl {
namespace {

int cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

}  // namespace

int create_area(uint32_t size, Area** area) {
  int fd = memfd_create("softnpu-comm", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, sizeof(Area)) != 0) {
    if (fd >= 0) close(fd);
    softnpu_error(HCCL_E_SYSCALL, "the system refused the shared memory of a communicator.");
    return -1;
  }
  void* memory = mmap(nullptr, sizeof(Area), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) {
    close(fd);
    softnpu_error(HCCL_E_SYSCALL, "the system refused to map the shared memory of a communicator.");
    return -1;
  }
  madvise(memory, sizeof(Area), MADV_DONTFORK);
  auto* made = static_cast<Area*>(memory);
  if (getrandom(&made->nonce, sizeof(made->nonce), 0) != sizeof(made->nonce)) {
    made->nonce = static_cast<uint64_t>(now_ns());
  }
  made->size = size;
  // A rank has a thread that enqueues beside the one that works. With fewer cores than ranks a second step
  // through the gate is dear, so more goes through the slots, and nobody spins.
  const bool fits = size <= static_cast<uint32_t>(cores());
  made->slot_limit = fits ? 4096 : kSlotBytes;
  made->spins = fits ? 300 : 0;
  made->magic = Area::kMagic;
  *area = made;
  return fd;
}

Area* map_area(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || status.st_size != off_t(sizeof(Area))) return nullptr;
  void* memory = mmap(nullptr, sizeof(Area), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) return nullptr;
  madvise(memory, sizeof(Area), MADV_DONTFORK);
  auto* area = static_cast<Area*>(memory);
  if (area->magic == Area::kMagic && area->size >= 1 && area->size <= uint32_t(kMaxRanks)) return area;
  munmap(memory, sizeof(Area));
  return nullptr;
}

void unmap_area(Area* area) {
  munmap(area, sizeof(Area));
}

}  // namespace softnpu::hccl
