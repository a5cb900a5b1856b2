#include "csrc/hccl/HcclConfig.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include <c10/util/Exception.h>

namespace npu {
namespace {

enum class Kind { kUint32, kInt32, kText };

struct Key {
  const char* name;
  Kind kind;
  size_t offset;
  int64_t least, most;  // of a number; `most` is the room of a text with its end
};

constexpr int64_t kUint32 = std::numeric_limits<uint32_t>::max() - 1;  // the greatest means "not set"

constexpr Key kKeys[] = {
    {"group_name", Kind::kText, offsetof(HcclCommConfig, hcclCommName), 1, COMM_NAME_MAX_LENGTH},
    {"hccl_algo", Kind::kText, offsetof(HcclCommConfig, hcclAlgo), 1, HCCL_COMM_ALGO_MAX_LENGTH},
    {"hccl_buffer_name", Kind::kText, offsetof(HcclCommConfig, hcclBufferName), 1, BUFFER_NAME_MAX_LENGTH},
    {"hccl_buffer_size", Kind::kUint32, offsetof(HcclCommConfig, hcclBufferSize), 1, kUint32},
    {"hccl_deterministic", Kind::kUint32, offsetof(HcclCommConfig, hcclDeterministic), 0, 2},
    {"hccl_exec_timeout", Kind::kInt32, offsetof(HcclCommConfig, hcclExecTimeOut), 0,
     std::numeric_limits<int32_t>::max()},
    {"hccl_op_expansion_mode", Kind::kUint32, offsetof(HcclCommConfig, hcclOpExpansionMode), 0, kUint32},
    {"hccl_retry_enable", Kind::kText, offsetof(HcclCommConfig, hcclRetryEnable), 1,
     HCCL_COMM_RETRY_ENABLE_MAX_LENGTH},
    {"hccl_retry_params", Kind::kText, offsetof(HcclCommConfig, hcclRetryParams), 1,
     HCCL_COMM_RETRY_PARAMS_MAX_LENGTH},
    {"hccl_udi", Kind::kText, offsetof(HcclCommConfig, hcclUdi), 1, UDI_MAX_LENGTH},
    {"qos_service_level", Kind::kUint32, offsetof(HcclCommConfig, hcclRdmaServiceLevel), 0, 7},
    {"qos_traffic_class", Kind::kUint32, offsetof(HcclCommConfig, hcclRdmaTrafficClass), 0, 255},
};

const Key& find_key(const std::string& name) {
  std::string known;
  for (const Key& key : kKeys) {
    if (name == key.name) return key;
    known += (known.empty() ? "" : ", ") + std::string(key.name);
  }
  TORCH_CHECK_VALUE(false, "hccl_config has no key '", name, "'; the keys are ", known, ".");
}

void set(HcclCommConfig& config, const Key& key, const std::variant<int64_t, std::string>& value) {
  char* field = reinterpret_cast<char*>(&config) + key.offset;
  if (key.kind == Kind::kText) {
    const auto* text = std::get_if<std::string>(&value);
    TORCH_CHECK_VALUE(text != nullptr && !text->empty() && static_cast<int64_t>(text->size()) < key.most,
                      "hccl_config['", key.name, "'] must be a text of 1 to ", key.most - 1, " characters.");
    std::memset(field, 0, static_cast<size_t>(key.most));
    std::memcpy(field, text->data(), text->size());
    return;
  }
  const auto* number = std::get_if<int64_t>(&value);
  TORCH_CHECK_VALUE(number != nullptr && *number >= key.least && *number <= key.most, "hccl_config['",
                    key.name, "'] must be a number from ", key.least, " to ", key.most, ".");
  const auto bits = static_cast<uint32_t>(*number);
  std::memcpy(field, &bits, sizeof(bits));
}

// As HcclCommConfigInit of HCCL's own header.
HcclCommConfig unset_config() {
  HcclCommConfig config = {};
  const uint64_t size = sizeof(config);
  const uint32_t magic = HCCL_COMM_CONFIG_MAGIC_WORD;
  const uint32_t version = HCCL_COMM_CONFIG_VERSION;
  std::memcpy(config.reserved, &size, sizeof(size));
  std::memcpy(config.reserved + sizeof(size), &magic, sizeof(magic));
  std::memcpy(config.reserved + sizeof(size) + sizeof(magic), &version, sizeof(version));
  config.hcclBufferSize = HCCL_COMM_BUFFSIZE_CONFIG_NOT_SET;
  config.hcclDeterministic = HCCL_COMM_DETERMINISTIC_CONFIG_NOT_SET;
  config.hcclOpExpansionMode = HCCL_COMM_DEFAULT_OP_EXPANSION_MODE;
  config.hcclRdmaTrafficClass = HCCL_COMM_TRAFFIC_CLASS_CONFIG_NOT_SET;
  config.hcclRdmaServiceLevel = HCCL_COMM_SERVICE_LEVEL_CONFIG_NOT_SET;
  config.hcclExecTimeOut = HCCL_COMM_EXECTIMEOUT_CONFIG_NOT_SET;
  config.hcclQos = HCCL_COMM_QOS_CONFIG_NOT_SET;
  return config;
}

}  // namespace

void check_hccl_config(const HcclConfigValues& values) {
  make_hccl_config(values, "");
}

HcclCommConfig make_hccl_config(const HcclConfigValues& values, const std::string& name) {
  HcclCommConfig config = unset_config();
  for (const auto& [key, value] : values) set(config, find_key(key), value);
  if (!name.empty()) {
    std::memset(config.hcclCommName, 0, sizeof(config.hcclCommName));
    std::memcpy(config.hcclCommName, name.data(), std::min(name.size(), sizeof(config.hcclCommName) - 1));
  }
  return config;
}

}  // namespace npu
