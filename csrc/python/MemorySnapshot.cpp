#include "csrc/python/MemorySnapshot.h"

#include <map>
#include <memory>
#include <vector>

#include <torch/csrc/profiler/combined_traceback.h>

#include "csrc/core/NPUCachingAllocator.h"

namespace npu::python {
namespace {

using c10::CachingDeviceAllocator::BlockInfo;
using c10::CachingDeviceAllocator::RecordContext;
using c10::CachingDeviceAllocator::SegmentInfo;
using c10::CachingDeviceAllocator::TraceEntry;
using Context = std::shared_ptr<c10::GatheredContext>;

std::shared_ptr<c10::GatheredContext> gather_python() {
  return torch::CapturedTraceback::gather(true, true, false);
}
std::shared_ptr<c10::GatheredContext> gather_all() {
  return torch::CapturedTraceback::gather(true, true, true);
}

// Stacks are turned into frames in one batch at the end, since many of them share their frames: add()
// remembers where they belong.
class Frames {
 public:
  void add(py::dict owner, const Context& context) {
    if (context == nullptr) {
      owner["frames"] = py::list();
      return;
    }
    owners_.push_back(std::move(owner));
    stacks_.push_back(torch::getCapturedTracebackFromContext(context));
  }

  void resolve() {
    const torch::SymbolizedTracebacks symbols = torch::symbolize(stacks_);
    std::vector<py::dict> frames;
    for (const torch::unwind::Frame& frame : symbols.all_frames) {
      py::dict dict;
      dict["name"] = frame.funcname;
      dict["filename"] = frame.filename;
      dict["line"] = frame.lineno;
      frames.push_back(std::move(dict));
    }
    for (size_t i = 0; i < owners_.size(); ++i) {
      py::list stack;
      for (const uint64_t index : symbols.tracebacks[i]) stack.append(frames[index]);
      owners_[i]["frames"] = std::move(stack);
    }
  }

 private:
  std::vector<py::dict> owners_;
  std::vector<torch::CapturedTraceback*> stacks_;
};

const char* state_of(const BlockInfo& block) {
  if (block.allocated) return "active_allocated";
  return block.active ? "active_pending_free" : "inactive";
}

py::dict to_dict(const SegmentInfo& segment, Frames& frames) {
  py::dict dict;
  dict["device"] = static_cast<int>(segment.device);
  dict["address"] = segment.address;
  dict["total_size"] = segment.total_size;
  dict["allocated_size"] = segment.allocated_size;
  dict["active_size"] = segment.active_size;
  dict["requested_size"] = segment.requested_size;
  dict["stream"] = reinterpret_cast<uintptr_t>(segment.stream);
  dict["segment_type"] = segment.is_large ? "large" : "small";
  dict["segment_pool_id"] =
      py::make_tuple(segment.owner_private_pool_id.first, segment.owner_private_pool_id.second);
  dict["is_expandable"] = segment.is_expandable;
  frames.add(dict, segment.context_when_allocated);
  py::list blocks;
  size_t address = segment.address;
  for (const BlockInfo& block : segment.blocks) {
    py::dict entry;
    entry["address"] = address;
    entry["size"] = block.size;
    entry["requested_size"] = block.requested_size;
    entry["state"] = state_of(block);
    frames.add(entry, block.context_when_allocated);
    blocks.append(std::move(entry));
    address += block.size;
  }
  dict["blocks"] = std::move(blocks);
  return dict;
}

const char* name_of(TraceEntry::Action action) {
  switch (action) {
    case TraceEntry::ALLOC:
      return "alloc";
    case TraceEntry::FREE_REQUESTED:
      return "free_requested";
    case TraceEntry::FREE_COMPLETED:
      return "free_completed";
    case TraceEntry::SEGMENT_ALLOC:
      return "segment_alloc";
    case TraceEntry::SEGMENT_FREE:
      return "segment_free";
    case TraceEntry::SEGMENT_MAP:
      return "segment_map";
    case TraceEntry::SEGMENT_UNMAP:
      return "segment_unmap";
    case TraceEntry::SNAPSHOT:
      return "snapshot";
    case TraceEntry::OOM:
      return "oom";
  }
  return "unknown";
}

py::dict to_dict(const TraceEntry& entry, Frames& frames) {
  py::dict dict;
  dict["action"] = name_of(entry.action_);
  dict[entry.action_ == TraceEntry::OOM ? "device_free" : "addr"] = entry.addr_;
  dict["size"] = entry.size_;
  dict["stream"] = reinterpret_cast<uintptr_t>(entry.stream_);
  dict["time_us"] = entry.time_.t_;
  frames.add(dict, entry.context_);
  return dict;
}

RecordContext context_of(const std::string& name) {
  static const std::map<std::string, RecordContext> names = {{"never", RecordContext::NEVER},
                                                             {"state", RecordContext::STATE},
                                                             {"alloc", RecordContext::ALLOC},
                                                             {"all", RecordContext::ALL}};
  return names.at(name);
}

}  // namespace

py::dict memory_snapshot() {
  MemorySnapshot snapshot;
  {
    py::gil_scoped_release no_gil;
    snapshot = caching_allocator().snapshot();
  }
  Frames frames;
  py::list segments;
  for (const SegmentInfo& segment : snapshot.segments) segments.append(to_dict(segment, frames));
  py::list traces;
  for (const std::vector<TraceEntry>& entries : snapshot.device_traces) {
    py::list trace;
    for (const TraceEntry& entry : entries) trace.append(to_dict(entry, frames));
    traces.append(std::move(trace));
  }
  frames.resolve();
  py::dict dict;
  dict["segments"] = std::move(segments);
  dict["device_traces"] = std::move(traces);
  return dict;
}

void record_memory_history(bool enabled, const std::string& context, bool cpp, size_t max_entries) {
  const RecordContext when = context_of(context);
  py::gil_scoped_release no_gil;
  caching_allocator().record_history(enabled, cpp ? &gather_all : &gather_python, max_entries, when);
}

}  // namespace npu::python
