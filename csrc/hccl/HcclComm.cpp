#include "csrc/hccl/HcclComm.h"

#include <cstring>
#include <thread>
#include <utility>

#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/Log.h"
#include "csrc/core/NPUGuard.h"

namespace npu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Rank 0's side. Where there is no root info the reason is left instead, so that nobody waits for it.
HcclRootInfo leave_root_info(const Meeting& meeting) {
  HcclRootInfo info = {};
  try {
    HCCL_CHECK(api().HcclGetRootInfo(&info));
  } catch (const c10::Error& error) {
    meeting.store.set(meeting.key,
                      std::string("rank 0 of the group has no root info: ") + error.what_without_backtrace());
    throw;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(info.internal);
  meeting.store.set(meeting.key, std::vector<uint8_t>(bytes, bytes + sizeof(info.internal)));
  return info;
}

// Looks again and again, so that the store serves other threads meanwhile.
HcclRootInfo take_root_info(const Meeting& meeting) {
  const auto deadline = steady_clock::now() + meeting.timeout;
  milliseconds pause(1);
  while (!meeting.store.check({meeting.key})) {
    const bool given_up = meeting.is_given_up && meeting.is_given_up();
    TORCH_CHECK_WITH(DistBackendError, !given_up, meeting.purpose,
                     " was given up before its communicator was made.");
    TORCH_CHECK_WITH(DistBackendError, steady_clock::now() < deadline, meeting.purpose,
                     " cannot start: its first rank has not begun to make the communicator within ",
                     meeting.timeout.count(),
                     " ms; see whether that rank has ended, or calls another collective.");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, milliseconds(20));
  }
  const std::vector<uint8_t> bytes = meeting.store.get(meeting.key);
  HcclRootInfo info = {};
  TORCH_CHECK_WITH(DistBackendError, bytes.size() == sizeof(info.internal), meeting.purpose,
                   " cannot start: ", std::string(bytes.begin(), bytes.end()));
  std::memcpy(info.internal, bytes.data(), bytes.size());
  return info;
}

// Keeps a later group, which may have the same name and store, from finding an old root info.
void forget_root_info(const Meeting& meeting) noexcept {
  try {
    meeting.store.deleteKey(meeting.key);
  } catch (const std::exception& error) {
    log(LogLevel::kDebug, meeting.purpose + ": the store keeps " + meeting.key + ": " + error.what());
  }
}

}  // namespace

std::shared_ptr<HcclComm> HcclComm::meet(const Meeting& meeting, int rank, int size, HcclCommConfig config,
                                         const NPUStream& stream) {
  const NPUGuard guard(stream.device_index());
  const HcclRootInfo info = rank == 0 ? leave_root_info(meeting) : take_root_info(meeting);
  ::HcclComm handle = nullptr;
  HCCL_CHECK(api().HcclCommInitRootInfoConfig(static_cast<uint32_t>(size), &info, static_cast<uint32_t>(rank),
                                              &config, &handle));
  if (rank == 0) forget_root_info(meeting);
  return std::make_shared<HcclComm>(handle, rank, size, stream, nullptr);
}

std::shared_ptr<HcclComm> HcclComm::split(const std::shared_ptr<HcclComm>& parent,
                                          std::vector<uint32_t> ranks, uint64_t id, int rank,
                                          HcclCommConfig config, const NPUStream& stream) {
  const NPUGuard guard(stream.device_index());
  ::HcclComm from = parent->handle();
  ::HcclComm handle = nullptr;
  HCCL_CHECK(api().HcclCreateSubCommConfig(&from, static_cast<uint32_t>(ranks.size()), ranks.data(), id,
                                           static_cast<uint32_t>(rank), &config, &handle));
  return std::make_shared<HcclComm>(handle, rank, static_cast<int>(ranks.size()), stream, parent);
}

HcclComm::HcclComm(::HcclComm handle, int rank, int size, const NPUStream& stream,
                   std::shared_ptr<HcclComm> parent)
    : handle_(handle), rank_(rank), size_(size), stream_(stream), parent_(std::move(parent)) {}

HcclComm::~HcclComm() {
  abort();
}

::HcclComm HcclComm::handle() const {
  ::HcclComm handle = handle_.load(std::memory_order_acquire);
  TORCH_CHECK_WITH(DistBackendError, handle != nullptr,
                   "The communicator was destroyed or aborted; make a new process group.");
  return handle;
}

std::string HcclComm::name() const {
  char name[COMM_NAME_MAX_LENGTH + 1] = {};
  HCCL_CHECK(api().HcclGetCommName(handle(), name));
  return name;
}

void HcclComm::wait_for(const NPUStream& other) {
  begin_.record(other);
  begin_.block(stream_);
}

HcclResult HcclComm::async_error(std::string* text) const noexcept {
  ::HcclComm handle = handle_.load(std::memory_order_acquire);
  if (handle == nullptr || !is_usable()) return HCCL_SUCCESS;
  try {
    const NPUGuard guard(device());
    HcclResult error = HCCL_SUCCESS;
    if (api().HcclGetCommAsyncError(handle, &error) != HCCL_SUCCESS || error == HCCL_SUCCESS) {
      return HCCL_SUCCESS;
    }
    const std::string said = recent_message();
    *text = hccl_error_text(error) + (said.empty() ? "" : ": " + said);
    return error;
  } catch (const std::exception&) {  // asked again in a moment
    return HCCL_SUCCESS;
  }
}

void HcclComm::abort() noexcept {
  ::HcclComm handle = handle_.exchange(nullptr, std::memory_order_acq_rel);
  if (handle == nullptr || !is_usable()) return;
  try {
    const NPUGuard guard(device());
    HcclResult result = HCCL_E_AGAIN;
    const auto deadline = steady_clock::now() + std::chrono::seconds(5);
    while ((result = api().HcclCommDestroy(handle)) == HCCL_E_AGAIN && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    if (result != HCCL_SUCCESS) {
      const std::string said = recent_message();
      log(LogLevel::kWarning,
          "HcclCommDestroy failed with " + hccl_error_text(result) + (said.empty() ? "" : ": " + said));
    }
  } catch (const std::exception& error) {
    log(LogLevel::kWarning, error.what());
  }
}

}  // namespace npu
