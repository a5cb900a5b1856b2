// Device addresses. They lie in one window of the address space that nothing else uses; the page table says
// which device's memory is behind each unit of 2 MiB, and where in that device's memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "softnpu.h"

namespace softnpu {

inline constexpr uint64_t kUnit = uint64_t{2} << 20;

inline constexpr uint64_t round_up(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// ThreadSanitizer owns most of the address space: the bytes must lie in the part that it gives to programs,
// and it has itself closed the part below, where the addresses are.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kAddressesAreClosed = true;
inline constexpr uintptr_t kWindow = uintptr_t{0x5e8000000000};
inline constexpr uint64_t kWindowSize = uint64_t{0x007000000000};
#else
inline constexpr bool kAddressesAreClosed = false;
inline constexpr uintptr_t kWindow = uintptr_t{1} << 44;
inline constexpr uint64_t kWindowSize = uint64_t{1} << 44;
#endif

inline uintptr_t address_of(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}
inline bool in_window(uintptr_t address) {
  return address - kWindow < kWindowSize;
}

// A unit of the page table: which device, which unit of the device's memory, how many bytes of the unit are
// live (counted from its begin, in steps of 512), and whether the memory is another process's.
struct Page {
  uint64_t live;
  int device;
  uint64_t unit;
  bool imported = false;
};
void set_page(uintptr_t address, const Page& page);
void clear_page(uintptr_t address);
bool get_page(uintptr_t address, Page* page);

// The table is a memfd, so that peers can look up the addresses that they are told.
inline constexpr uint64_t kTableBytes = kWindowSize / kUnit * sizeof(uint64_t);
std::string table_name(int pid);
// An entry of the table of any process.
Page decode_page(uint64_t word);

// Reserves `size` bytes of device addresses (a multiple of 2 MiB) and the place for their bytes kHostOffset
// above, both without access; at `wanted` where that is not 0. Returns 0 and leaves a sentence in *problem
// where the system refuses.
uintptr_t reserve_addresses(uint64_t size, uintptr_t wanted, std::string* problem);
void release_addresses(uintptr_t address, uint64_t size);

// Maps `size` bytes of a memfd behind a reserved range, or takes them away again. False where the system
// refuses.
bool map_bytes(uintptr_t address, uint64_t size, int fd, uint64_t offset);
void unmap_bytes(uintptr_t address, uint64_t size);

// First use of mapped units: one touch each, then a huge page for all of them where the kernel can make one.
void touch_units(uintptr_t address, uint64_t size);

}  // namespace softnpu
