// libhccl: making communicators and destroying them.
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <exception>
#include <set>
#include <string>
#include <vector>

#include "hccl/hccl.h"
#include "softnpu/hccl/comm.h"
#include "softnpu/hccl/root_info.h"
#include "softnpu/hccl/settings.h"

namespace softnpu::hccl {
namespace {

HcclResult refuse(HcclResult code, const char* call, const std::string& text) {
  return HcclResult(softnpu_error(code, "%s: %s.", call, text.c_str()));
}

// No exception crosses the C boundary.
template <class Body>
HcclResult entry(const char* call, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return HcclResult(softnpu_error(HCCL_E_MEMORY, "%s: %s.", call, error.what()));
  }
}

// What a configuration says, where there is one.
struct Config {
  std::string name;
  int64_t timeout_ms = -1;
  int32_t deterministic = 0;
};

HcclResult read_config(const char* call, const HcclCommConfig* config, Config* into) {
  Settings settings{};
  if (HcclResult code = read_settings(&settings); code != HCCL_SUCCESS) return code;
  into->timeout_ms = settings.timeout_ms;
  if (config == nullptr) return HCCL_SUCCESS;
  uint64_t size = 0;
  uint32_t magic = 0;
  std::memcpy(&size, config->reserved, sizeof(size));
  std::memcpy(&magic, config->reserved + 8, sizeof(magic));
  if (magic != HCCL_COMM_CONFIG_MAGIC_WORD || size < offsetof(HcclCommConfig, hcclCommName)) {
    return refuse(HCCL_E_PARA, call, "the configuration was not initialised (HcclCommConfigInit)");
  }
  // A caller of an older release knows fewer fields.
  auto knows = [size](size_t offset, size_t bytes) { return offset + bytes <= size; };
  if (config->hcclDeterministic != HCCL_COMM_DETERMINISTIC_CONFIG_NOT_SET) {
    into->deterministic = static_cast<int32_t>(config->hcclDeterministic);
  }
  if (knows(offsetof(HcclCommConfig, hcclCommName), sizeof(config->hcclCommName))) {
    into->name.assign(config->hcclCommName, strnlen(config->hcclCommName, sizeof(config->hcclCommName) - 1));
  }
  // The environment variable of ours is for tests, and wins over what libraries set.
  const bool ours = *softnpu_env("SOFTNPU_HCCL_TIMEOUT") != '\0';
  if (!ours && knows(offsetof(HcclCommConfig, hcclExecTimeOut), sizeof(config->hcclExecTimeOut)) &&
      config->hcclExecTimeOut != HCCL_COMM_EXECTIMEOUT_CONFIG_NOT_SET) {
    if (config->hcclExecTimeOut < 0) {
      return refuse(HCCL_E_PARA, call, "hcclExecTimeOut must be 0 or a number of seconds");
    }
    into->timeout_ms = config->hcclExecTimeOut == 0 ? -1 : config->hcclExecTimeOut * int64_t{1000};
  }
  return HCCL_SUCCESS;
}

HcclResult check_group(const char* call, uint64_t size, uint64_t rank) {
  if (size == 0 || size > uint64_t(kMaxRanks)) {
    return refuse(
        HCCL_E_PARA, call,
        "the number of ranks must be 1 to " + std::to_string(kMaxRanks) + ", not " + std::to_string(size));
  }
  if (rank >= size) {
    return refuse(HCCL_E_PARA, call,
                  "the rank " + std::to_string(rank) + " is not below the size " + std::to_string(size));
  }
  return HCCL_SUCCESS;
}

HcclResult refuse_name(const char* call, const std::string& name, uint32_t rank) {
  if (!name_in_use(name, rank)) return HCCL_SUCCESS;
  return refuse(
      HCCL_E_PARA, call,
      "rank " + std::to_string(rank) + " has a communicator '" + name + "' already; destroy it first");
}

HcclResult join(const char* call, uint32_t size, const HcclRootInfo* info, uint32_t rank,
                const HcclCommConfig* config, HcclComm* comm) {
  if (info == nullptr || comm == nullptr) {
    return refuse(HCCL_E_PTR, call, "EI0003: rootInfo and comm must not be null");
  }
  int32_t device = 0;
  if (softnpu_require_device(&device) != ACL_SUCCESS) return HCCL_E_RUNTIME;
  HcclResult result = check_group(call, size, rank);
  Config read;
  if (result == HCCL_SUCCESS) result = read_config(call, config, &read);
  if (read.name.empty()) read.name = default_name(*info);
  if (result == HCCL_SUCCESS) result = refuse_name(call, read.name, rank);
  if (result != HCCL_SUCCESS) return result;
  Area* area = meet(*info, size, rank, device, read.name.c_str(), &result);
  if (area == nullptr) return result;
  auto* made = new Comm(rank, size, device, read.name, read.timeout_ms);
  made->deterministic.store(read.deterministic);
  if (!made->attach(area)) {
    made->drop();
    return HCCL_E_REMOTE;
  }
  register_comm(made);
  *comm = made;
  return HCCL_SUCCESS;
}

HcclResult init_all(const char* call, uint32_t count, const int32_t* devices, HcclComm* comms) {
  if (devices == nullptr || comms == nullptr) {
    return refuse(HCCL_E_PTR, call, "EI0003: devices and comms must not be null");
  }
  if (HcclResult code = check_group(call, count, 0); code != HCCL_SUCCESS) return code;
  Config read;
  if (HcclResult code = read_config(call, nullptr, &read); code != HCCL_SUCCESS) return code;
  std::set<int32_t> used;
  for (uint32_t i = 0; i < count; ++i) {
    if (softnpu_logical_device(devices[i]) < 0) {
      return refuse(HCCL_E_PARA, call, "there is no device " + std::to_string(devices[i]));
    }
    if (!used.insert(devices[i]).second) {
      return refuse(HCCL_E_PARA, call, "EI0014: device " + std::to_string(devices[i]) + " is listed twice");
    }
  }
  static std::atomic<uint32_t> serial{0};
  const std::string name =
      "softnpu-all-" + std::to_string(getpid()) + "-" + std::to_string(serial.fetch_add(1));
  Area* area = nullptr;
  const int fd = create_area(count, &area);
  if (fd < 0) return HCCL_E_SYSCALL;
  for (uint32_t i = 0; i < count; ++i) {
    area->members[i] = {getpid(), devices[i], softnpu_logical_device(devices[i])};
  }
  HcclResult result = HCCL_SUCCESS;
  std::vector<Comm*> made;
  for (uint32_t i = 0; i < count && result == HCCL_SUCCESS; ++i) {
    Area* mapped = map_area(fd);
    made.push_back(new Comm(i, count, devices[i], name, read.timeout_ms));
    if (mapped == nullptr || !made.back()->attach(mapped)) {
      result = refuse(HCCL_E_SYSCALL, call, "the system refused to map the shared memory");
    }
  }
  unmap_area(area);
  close(fd);
  for (uint32_t i = 0; i < made.size(); ++i) {
    if (result == HCCL_SUCCESS) {
      register_comm(made[i]);
      comms[i] = made[i];
    } else {
      made[i]->drop();
    }
  }
  return result;
}

constexpr uint64_t kNoMember = 0xFFFFFFFF;

HcclResult create_sub(const char* call, HcclComm* from, uint32_t size, const uint32_t* ranks, uint64_t id,
                      uint32_t rank, const HcclCommConfig* config, HcclComm* comm) {
  if (from == nullptr || comm == nullptr) {
    return refuse(HCCL_E_PTR, call, "EI0003: comm and subComm must not be null");
  }
  HcclResult result = HCCL_SUCCESS;
  Comm* parent = find_comm(*from, call, &result);
  if (parent == nullptr) return result;
  struct Drop {
    Comm* comm;
    ~Drop() { comm->drop(); }
  } drop{parent};
  if (ranks == nullptr && id == kNoMember) {  // this rank is not in it
    *comm = nullptr;
    return HCCL_SUCCESS;
  }
  if (ranks == nullptr) return refuse(HCCL_E_PTR, call, "EI0003: rankIds must not be null");
  if (result = parent->refuse_failed(); result != HCCL_SUCCESS) return result;
  if (!parent->is_attached()) {
    return refuse(HCCL_E_NOT_SUPPORT, call,
                  "a communicator that was itself made from another cannot be split");
  }
  if (result = check_group(call, size, rank); result != HCCL_SUCCESS) return result;
  SubKey key{id, {ranks, ranks + size}};
  std::set<uint32_t> used;
  for (uint32_t member : key.ranks) {
    if (member >= parent->size() || !used.insert(member).second) {
      return refuse(HCCL_E_PARA, call,
                    "rankIds must be different ranks below " + std::to_string(parent->size()) + ", but " +
                        std::to_string(member) + " is among them");
    }
  }
  if (key.ranks[rank] != parent->rank()) {
    return refuse(HCCL_E_PARA, call,
                  "rankIds[" + std::to_string(rank) + "] is " + std::to_string(key.ranks[rank]) +
                      ", but this is rank " + std::to_string(parent->rank()) + " of '" + parent->name() +
                      "'");
  }
  Config read;
  if (result = read_config(call, config, &read); result != HCCL_SUCCESS) return result;
  if (read.name.empty()) read.name = parent->name() + "_sub_" + std::to_string(id);
  if (result = refuse_name(call, read.name, rank); result != HCCL_SUCCESS) return result;
  auto* made = new Comm(rank, size, parent->device(), read.name, read.timeout_ms);
  made->deterministic.store(read.deterministic);
  if (rank == 0) {
    if (result = made->publish(parent, key); result != HCCL_SUCCESS) {
      made->drop();
      return result;
    }
  } else {
    made->attach_later(parent, std::move(key));
  }
  register_comm(made);
  *comm = made;
  return HCCL_SUCCESS;
}

}  // namespace
}  // namespace softnpu::hccl

using namespace softnpu::hccl;

extern "C" {

HcclResult HcclGetRootInfo(HcclRootInfo* rootInfo) {
  return entry(__func__, [&] {
    if (rootInfo == nullptr)
      return refuse(HCCL_E_PTR, "HcclGetRootInfo", "EI0003: rootInfo must not be null");
    if (softnpu_require_device(nullptr) != ACL_SUCCESS) return HCCL_E_RUNTIME;
    return make_root_info(rootInfo);
  });
}

HcclResult HcclGetRootInfoScalable(HcclRootInfo* rootInfo) {
  return HcclGetRootInfo(rootInfo);
}

HcclResult HcclCommInitRootInfo(uint32_t nRanks, const HcclRootInfo* rootInfo, uint32_t rank,
                                HcclComm* comm) {
  return entry(__func__, [&] { return join("HcclCommInitRootInfo", nRanks, rootInfo, rank, nullptr, comm); });
}

HcclResult HcclCommInitRootInfoConfig(uint32_t nRanks, const HcclRootInfo* rootInfo, uint32_t rank,
                                      const HcclCommConfig* config, HcclComm* comm) {
  return entry(__func__,
               [&] { return join("HcclCommInitRootInfoConfig", nRanks, rootInfo, rank, config, comm); });
}

// Several roots share the work of bringing thousands of ranks together; one is enough for those of a host.
HcclResult HcclCommInitRootInfoScalable(uint32_t nRanks, uint32_t nRoot, const HcclRootInfo* rootInfoList,
                                        uint32_t rank, uint32_t, const HcclCommConfig* config,
                                        HcclComm* comm) {
  return entry(__func__, [&] {
    constexpr const char* kCall = "HcclCommInitRootInfoScalable";
    if (nRoot == 0 || nRoot > nRanks) return refuse(HCCL_E_PARA, kCall, "nRoot must be 1 to nRanks");
    return join(kCall, nRanks, rootInfoList, rank, config, comm);
  });
}

HcclResult HcclCommInitAll(uint32_t ndev, int32_t* devices, HcclComm* comms) {
  return entry(__func__, [&] { return init_all("HcclCommInitAll", ndev, devices, comms); });
}

HcclResult HcclCreateSubCommConfig(HcclComm* comm, uint32_t rankNum, uint32_t* rankIds, uint64_t subCommId,
                                   uint32_t subCommRankId, HcclCommConfig* config, HcclComm* subComm) {
  return entry(__func__, [&] {
    return create_sub("HcclCreateSubCommConfig", comm, rankNum, rankIds, subCommId, subCommRankId, config,
                      subComm);
  });
}

HcclResult HcclCommDestroy(HcclComm comm) {
  return entry(__func__, [&] {
    if (comm == nullptr) return HCCL_SUCCESS;
    HcclResult result = HCCL_SUCCESS;
    Comm* found = find_comm(comm, "HcclCommDestroy", &result);
    if (found == nullptr) return result;
    result = found->close();
    found->drop();
    return result;
  });
}

}  // extern "C"
