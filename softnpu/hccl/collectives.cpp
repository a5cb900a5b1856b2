// The collectives, as tasks of a stream.
//
// Small ones go through the slots: each rank leaves its input in the shared area before the first step and
// reads the others' after it, so one step is enough (a slot is written again two operations later, when
// everybody has taken the step in between). Large ones are zero copy: after the first step the ranks read and
// write each other's device memory, and a second step says that all have finished.
//
// References: Thakur, Rabenseifner and Gropp, "Optimization of Collective Communication Operations in MPICH",
// IJHPCA 2005; here every rank reaches all memory, so a reduction is split by the elements of the result and
// each part is summed once, by one rank, in the order of the ranks.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "softnpu/hccl/operation.h"
#include "softnpu/hccl/reduce.h"

namespace softnpu::hccl {
namespace {

// A piece of the device memory of a rank.
struct Place {
  uint32_t rank;
  uint64_t address;
};

class Run {
 public:
  explicit Run(const Operation& operation)
      : op_(operation), comm_(*operation.comm), parity_(operation.header.sequence % 2) {}

  uint32_t rank() const { return comm_.rank(); }
  uint32_t size() const { return comm_.size(); }
  uint64_t count() const { return op_.header.count; }
  uint64_t bytes(uint64_t elements) const { return elements * op_.element; }
  uint64_t of_count() const { return bytes(op_.header.count); }
  const Header& header(uint32_t rank) const { return comm_.area().ranks[rank].header[parity_]; }
  RankArea& area(uint32_t rank) const { return comm_.area().ranks[rank]; }
  unsigned char* slot(uint32_t rank) const { return area(rank).slot[parity_]; }
  uint64_t* counts(uint32_t rank) const { return area(rank).counts[parity_]; }
  uint64_t* displacements(uint32_t rank) const { return area(rank).displacements[parity_]; }
  bool is_small(uint64_t bytes) const { return bytes <= comm_.area().slot_limit; }
  const Operation& op() const { return op_; }

  // The first step: says what this rank does, waits for the others, compares. `counts_alike`: the counts of
  // the headers must agree too.
  aclError begin(bool counts_alike = true);
  // The second step. All ranks are at work and have the same to do, so the others will be there soon.
  aclError end() { return comm_.step(op_, 5); }
  aclError refuse(const std::string& text) {
    return comm_.fail(op_, HCCL_E_PARA, ACL_ERROR_RT_PARAM_INVALID, "EI0005: " + text);
  }

  // Calls `work(pointers, elements)` for piece after piece of places that are `elements` long, so that every
  // place is contiguous in a piece.
  template <class Work>
  aclError each_piece(const Place* places, size_t places_size, uint64_t elements, Work&& work);
  aclError copy_in(Place from, void* to, uint64_t elements);  // into own device memory
  // Sums the places of all ranks into outputs.
  aclError reduce_into(const Place* inputs, const Place* outputs, uint32_t outputs_size, uint64_t elements,
                       uint64_t traffic);
  void reduce_slots(uint64_t slot_offset, void* to, uint64_t elements);
  // Leaves own bytes in own slot.
  void fill_slot(const void* from, uint64_t bytes) {
    if (bytes != 0) std::memcpy(slot(rank()), host_address(from), bytes);
  }
  std::string describe(uint32_t rank) const;

 private:
  const Operation& op_;
  Comm& comm_;
  const uint32_t parity_;
};

std::string Run::describe(uint32_t rank) const {
  const Header& h = header(rank);
  static constexpr struct {
    int32_t op;
    const char* name;
  } kNames[] = {{HCCL_CMD_BROADCAST, "broadcast"},
                {HCCL_CMD_ALLREDUCE, "all_reduce"},
                {HCCL_CMD_REDUCE, "reduce"},
                {HCCL_CMD_ALLGATHER, "all_gather"},
                {HCCL_CMD_REDUCE_SCATTER, "reduce_scatter"},
                {HCCL_CMD_ALLTOALLV, "all_to_all_v"},
                {HCCL_CMD_ALLTOALLVC, "all_to_all_vc"},
                {HCCL_CMD_ALLTOALL, "all_to_all"},
                {HCCL_CMD_SCATTER, "scatter"},
                {HCCL_CMD_ALLGATHER_V, "all_gather_v"},
                {HCCL_CMD_REDUCE_SCATTER_V, "reduce_scatter_v"},
                {HCCL_CMD_BARRIER, "barrier"}};
  std::string text = comm_.describe(rank) + ": ";
  for (const auto& row : kNames) {
    if (row.op == h.op) text += row.name;
  }
  text += " of " + std::to_string(h.count) + " " + dtype_name(h.dtype);
  if (h.reduce >= 0) text += std::string(" with ") + reduce_name(h.reduce);
  return text + ", root " + std::to_string(h.root);
}

aclError Run::begin(bool counts_alike) {
  RankArea& own = area(rank());
  own.header[parity_] = op_.header;
  own.begun.store(op_.header.sequence, std::memory_order_release);
  if (aclError result = comm_.step(op_); result != ACL_SUCCESS) return result;
  const Header& first = header(0);
  for (uint32_t r = 1; r < size(); ++r) {
    const Header& h = header(r);
    const bool same = h.op == first.op && h.dtype == first.dtype && h.reduce == first.reduce &&
                      h.root == first.root && (!counts_alike || h.count == first.count);
    if (!same) {
      return refuse("the ranks call different operations at #" + std::to_string(op_.header.sequence) + ": " +
                    describe(0) + "; " + describe(r));
    }
  }
  return ACL_SUCCESS;
}

template <class Work>
aclError Run::each_piece(const Place* places, size_t places_size, uint64_t elements, Work&& work) {
  void* pointers[2 * kMaxRanks];
  const uint64_t total = bytes(elements);
  for (uint64_t at = 0; at < total;) {
    uint64_t length = total - at;
    for (size_t i = 0; i < places_size; ++i) {
      uint64_t contiguous = 0;
      pointers[i] = comm_.bytes(places[i].rank, places[i].address + at, length, &contiguous);
      if (pointers[i] == nullptr) {
        return comm_.fail(op_, HCCL_E_REMOTE, ACL_ERROR_RT_SUSPECT_REMOTE_ERROR,
                          "the buffer of " + comm_.describe(places[i].rank) +
                              " is not live device memory any more, or cannot be opened");
      }
      length = std::min(length, contiguous);
    }
    work(pointers, length / op_.element);
    at += length;
  }
  return ACL_SUCCESS;
}

aclError Run::copy_in(Place from, void* to, uint64_t elements) {
  if (elements == 0) return ACL_SUCCESS;
  auto* out = static_cast<char*>(host_address(to));
  const bool streaming = exceeds_caches(bytes(elements) * size());
  return each_piece(&from, 1, elements, [&](void** pointers, uint64_t n) {
    if (pointers[0] != out) copy(out, pointers[0], bytes(n), streaming);
    out += bytes(n);
  });
}

aclError Run::reduce_into(const Place* inputs, const Place* outputs, uint32_t outputs_size, uint64_t elements,
                          uint64_t traffic) {
  if (elements == 0) return ACL_SUCCESS;
  Place places[2 * kMaxRanks];
  std::copy_n(inputs, size(), places);
  std::copy_n(outputs, outputs_size, places + size());
  const bool streaming = exceeds_caches(traffic);
  return each_piece(places, size() + outputs_size, elements, [&](void** pointers, uint64_t n) {
    hccl::reduce(op_.header.dtype, op_.header.reduce, pointers, size(), pointers + size(), outputs_size, n,
                 streaming);
  });
}

void Run::reduce_slots(uint64_t slot_offset, void* to, uint64_t elements) {
  const void* inputs[kMaxRanks];
  for (uint32_t r = 0; r < size(); ++r) inputs[r] = slot(r) + slot_offset;
  void* output = host_address(to);
  if (elements != 0) {
    hccl::reduce(op_.header.dtype, op_.header.reduce, inputs, size(), &output, 1, elements, false);
  }
}

// The part of `count` elements that a rank works on, in whole cache lines.
struct Part {
  uint64_t begin, length;
};
Part part_of(const Run& run, uint64_t count) {
  const uint64_t line = std::max<uint64_t>(64 / run.op().element, 1);
  const uint64_t lines = (count + line - 1) / line;
  const uint64_t begin = std::min(lines * run.rank() / run.size() * line, count);
  const uint64_t end = std::min(lines * (run.rank() + 1) / run.size() * line, count);
  return {begin, end - begin};
}

#define TRY(expression)                                                             \
  do {                                                                              \
    if (aclError try_code = (expression); try_code != ACL_SUCCESS) return try_code; \
  } while (false)

// Results of a reduction, in `ranks` outputs: all of them, or the root's.
aclError reduce_to(Run& run, bool to_all) {
  const uint64_t count = run.count();
  const Header& own = run.op().header;
  const bool gets = to_all || run.rank() == own.root;
  if (run.is_small(run.of_count())) {
    run.fill_slot(run.op().send, run.of_count());
    TRY(run.begin());
    if (gets) run.reduce_slots(0, run.op().recv, count);
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  const Part part = part_of(run, count);
  const uint64_t offset = run.bytes(part.begin);
  Place inputs[kMaxRanks], outputs[kMaxRanks];
  for (uint32_t r = 0; r < run.size(); ++r) {
    inputs[r] = {r, run.header(r).send + offset};
    outputs[r] = {r, run.header(r).recv + offset};
  }
  const Place* first = to_all ? outputs : &outputs[own.root];
  const uint32_t results = to_all ? run.size() : 1;
  TRY(run.reduce_into(inputs, first, results, part.length, run.of_count() * (run.size() + results)));
  return run.end();
}

aclError all_reduce(Run& run) {
  return reduce_to(run, true);
}
aclError reduce_root(Run& run) {
  return reduce_to(run, false);
}

aclError broadcast(Run& run) {
  const uint32_t root = run.op().header.root;
  if (run.is_small(run.of_count())) {
    if (run.rank() == root) run.fill_slot(run.op().send, run.of_count());
    TRY(run.begin());
    if (run.rank() != root && run.count() != 0) {
      std::memcpy(host_address(run.op().recv), run.slot(root), run.of_count());
    }
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  if (run.rank() != root) TRY(run.copy_in({root, run.header(root).send}, run.op().recv, run.count()));
  return run.end();
}

aclError all_gather(Run& run) {
  const uint64_t bytes = run.of_count();
  auto* recv = static_cast<char*>(run.op().recv);
  if (run.is_small(bytes)) {
    run.fill_slot(run.op().send, bytes);
    TRY(run.begin());
    for (uint32_t r = 0; bytes != 0 && r < run.size(); ++r) {
      std::memcpy(host_address(recv + r * bytes), run.slot(r), bytes);
    }
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  for (uint32_t i = 0; i < run.size(); ++i) {
    const uint32_t r = (run.rank() + i) % run.size();  // not all at the same rank at the same time
    TRY(run.copy_in({r, run.header(r).send}, recv + r * bytes, run.count()));
  }
  return run.end();
}

aclError reduce_scatter(Run& run) {
  const uint64_t bytes = run.of_count(), mine = run.rank() * bytes;
  if (run.is_small(bytes * run.size())) {
    run.fill_slot(run.op().send, bytes * run.size());
    TRY(run.begin());
    run.reduce_slots(mine, run.op().recv, run.count());
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  Place inputs[kMaxRanks];
  for (uint32_t r = 0; r < run.size(); ++r) inputs[r] = {r, run.header(r).send + mine};
  const Place output{run.rank(), run.op().header.recv};
  TRY(run.reduce_into(inputs, &output, 1, run.count(), bytes * run.size() * (run.size() + 1)));
  return run.end();
}

aclError scatter(Run& run) {
  const uint32_t root = run.op().header.root;
  const uint64_t bytes = run.of_count(), mine = run.rank() * bytes;
  if (run.is_small(bytes * run.size())) {
    if (run.rank() == root) run.fill_slot(run.op().send, bytes * run.size());
    TRY(run.begin());
    if (bytes != 0) std::memcpy(host_address(run.op().recv), run.slot(root) + mine, bytes);
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  TRY(run.copy_in({root, run.header(root).send + mine}, run.op().recv, run.count()));
  return run.end();
}

aclError all_to_all(Run& run) {
  const uint64_t bytes = run.of_count(), mine = run.rank() * bytes;
  auto* recv = static_cast<char*>(run.op().recv);
  if (run.is_small(bytes * run.size())) {
    run.fill_slot(run.op().send, bytes * run.size());
    TRY(run.begin());
    for (uint32_t r = 0; bytes != 0 && r < run.size(); ++r) {
      std::memcpy(host_address(recv + r * bytes), run.slot(r) + mine, bytes);
    }
    return ACL_SUCCESS;
  }
  TRY(run.begin());
  for (uint32_t i = 0; i < run.size(); ++i) {
    const uint32_t r = (run.rank() + i) % run.size();
    TRY(run.copy_in({r, run.header(r).send + mine}, recv + r * bytes, run.count()));
  }
  return run.end();
}

// What rank `from` sends must be what this rank expects of it.
aclError check_counts(Run& run, uint32_t from, uint64_t sends, uint64_t expected) {
  if (sends == expected) return ACL_SUCCESS;
  return run.refuse("rank " + std::to_string(from) + " sends " + std::to_string(sends) +
                    " elements to rank " + std::to_string(run.rank()) + ", which expects " +
                    std::to_string(expected));
}

aclError all_to_all_v(Run& run) {
  const Operation& op = run.op();
  std::copy(op.send_counts.begin(), op.send_counts.end(), run.counts(run.rank()));
  std::copy(op.send_displacements.begin(), op.send_displacements.end(), run.displacements(run.rank()));
  TRY(run.begin());  // of the variant with a matrix, the count is its fingerprint
  auto* recv = static_cast<char*>(op.recv);
  for (uint32_t r = 0; r < run.size(); ++r) {
    TRY(check_counts(run, r, run.counts(r)[run.rank()], op.recv_counts[r]));
  }
  for (uint32_t i = 0; i < run.size(); ++i) {
    const uint32_t r = (run.rank() + i) % run.size();
    const uint64_t from = run.header(r).send + run.bytes(run.displacements(r)[run.rank()]);
    TRY(run.copy_in({r, from}, recv + run.bytes(op.recv_displacements[r]), op.recv_counts[r]));
  }
  return run.end();
}

aclError all_gather_v(Run& run) {
  const Operation& op = run.op();
  TRY(run.begin(false));
  auto* recv = static_cast<char*>(op.recv);
  for (uint32_t r = 0; r < run.size(); ++r) {
    TRY(check_counts(run, r, run.header(r).count, op.recv_counts[r]));
  }
  for (uint32_t i = 0; i < run.size(); ++i) {
    const uint32_t r = (run.rank() + i) % run.size();
    TRY(run.copy_in({r, run.header(r).send}, recv + run.bytes(op.recv_displacements[r]), op.recv_counts[r]));
  }
  return run.end();
}

aclError reduce_scatter_v(Run& run) {
  const Operation& op = run.op();
  std::copy(op.send_counts.begin(), op.send_counts.end(), run.counts(run.rank()));
  std::copy(op.send_displacements.begin(), op.send_displacements.end(), run.displacements(run.rank()));
  TRY(run.begin(false));
  Place inputs[kMaxRanks];
  uint64_t total = 0;
  for (uint32_t r = 0; r < run.size(); ++r) {
    TRY(check_counts(run, r, run.counts(r)[run.rank()], run.count()));
    inputs[r] = {r, run.header(r).send + run.bytes(run.displacements(r)[run.rank()])};
    total += run.bytes(op.send_counts[r]);
  }
  const Place output{run.rank(), op.header.recv};
  TRY(run.reduce_into(inputs, &output, 1, run.count(), total * (run.size() + 1)));
  return run.end();
}

aclError barrier(Run& run) {
  return run.begin();
}
#undef TRY

constexpr struct {
  HcclCMDType op;
  aclError (*run)(Run&);
} kCollectives[] = {
    {HCCL_CMD_ALLREDUCE, all_reduce},
    {HCCL_CMD_REDUCE, reduce_root},
    {HCCL_CMD_BROADCAST, broadcast},
    {HCCL_CMD_ALLGATHER, all_gather},
    {HCCL_CMD_ALLGATHER_V, all_gather_v},
    {HCCL_CMD_REDUCE_SCATTER, reduce_scatter},
    {HCCL_CMD_REDUCE_SCATTER_V, reduce_scatter_v},
    {HCCL_CMD_SCATTER, scatter},
    {HCCL_CMD_ALLTOALL, all_to_all},
    {HCCL_CMD_ALLTOALLV, all_to_all_v},
    {HCCL_CMD_ALLTOALLVC, all_to_all_v},
    {HCCL_CMD_BARRIER, barrier},
};

}  // namespace

aclError perform(const Operation& operation) {
  if (!operation.is_collective()) return perform_messages(operation);
  Run run(operation);
  for (const auto& row : kCollectives) {
    if (row.op == operation.header.op) return row.run(run);
  }
  return ACL_ERROR_RT_FEATURE_NOT_SUPPORT;  // an entry point without a row
}

}  // namespace softnpu::hccl
