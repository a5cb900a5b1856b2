// What the ranks of a communicator share: one memfd, mapped by each of them. Everything in it is either
// written by one rank only, or atomic, or protected by a step of the gate (comm.h).
#pragma once

#include <atomic>
#include <cstdint>

#include "hccl/hccl_types.h"

namespace softnpu::hccl {

inline constexpr int kMaxRanks = 64;  // one rank a device, and a host has 64 devices at most
inline constexpr uint32_t kSlotBytes = 16384;

// Who a rank is. Filled before any rank sees the area.
struct Member {
  int32_t pid;
  int32_t device;   // as its process counts
  int32_t logical;  // as the host counts
};

// What a rank says about the operation that it has begun; everybody compares.
struct Header {
  uint64_t sequence;
  int32_t op;  // HcclCMDType
  int32_t dtype;
  int32_t reduce;  // -1 where the operation reduces nothing
  uint32_t root;
  uint64_t count;
  uint64_t send, recv;  // device addresses in the rank's process
};

struct alignas(128) RankArea {
  std::atomic<uint32_t> phase;              // the last step of the gate that the rank has reached
  std::atomic<uint32_t> left;               // it has destroyed its communicator
  std::atomic<uint32_t> waits_for;          // rank + 1 of the peer of the send or receive that it waits in
  std::atomic<uint64_t> begun;              // sequence of the last collective that it has begun
  alignas(128) std::atomic<uint32_t> bell;  // futex: moves whenever a peer has done something for this rank
  std::atomic<uint32_t> bell_waiters;
  // By parity of the sequence: a rank can be one operation ahead of the slowest, not two.
  alignas(128) Header header[2];
  uint64_t counts[2][kMaxRanks];         // of operations with a count for every rank
  uint64_t displacements[2][kMaxRanks];  // in elements
  alignas(128) unsigned char slot[2][kSlotBytes];
};

// A message from one rank to another: the sender writes the header and counts `posted` up, the receiver
// copies and counts `taken` up.
struct alignas(128) Mail {
  std::atomic<uint32_t> posted;
  std::atomic<uint32_t> taken;
  Header header;
};

enum State : uint32_t { kOk, kFailing, kFailed };

// A communicator of some of these ranks, that its first rank has made and the others have not all joined yet.
struct SubEntry {
  std::atomic<uint32_t> state;  // 0 free, 1 being written, 2 ready
  std::atomic<uint32_t> joined;
  uint64_t id;
  uint32_t size;
  uint32_t ranks[kMaxRanks];
  int32_t pid, fd;
  uint64_t nonce;
};

struct Area {
  static constexpr uint64_t kMagic = 0x316d6d6f6374666f;  // "oftcomm1"
  static constexpr int kSubEntries = 256;

  uint64_t magic;
  uint64_t nonce;
  uint32_t size;
  uint32_t slot_limit;  // bytes up to which an operation goes through the slots
  uint32_t spins;       // looks at the gate before a rank sleeps
  Member members[kMaxRanks];

  // The first failure of any rank; it is everybody's.
  alignas(128) std::atomic<uint32_t> state;
  int32_t code;         // HcclResult
  int32_t stream_code;  // aclError with which tasks end
  char text[768];

  alignas(128) std::atomic<uint32_t> arrivals;
  alignas(128) std::atomic<uint32_t> gate;  // futex: the last step that all ranks have reached
  std::atomic<uint32_t> gate_waiters;

  SubEntry subs[kSubEntries];
  RankArea ranks[kMaxRanks];  // only the first `size` are used
  Mail mail[kMaxRanks * kMaxRanks];

  Mail& mail_of(uint32_t from, uint32_t to) { return mail[from * kMaxRanks + to]; }
};

// Makes the memfd of an area; -1, and a text, where the system refuses. The members are filled by the caller.
int create_area(uint32_t size, Area** area);
// Maps the area of a descriptor, which stays the caller's; null where it is none of ours.
Area* map_area(int fd);
void unmap_area(Area* area);

}  // namespace softnpu::hccl
