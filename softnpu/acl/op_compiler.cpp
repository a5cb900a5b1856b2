// libacl_op_compiler: attributes and options of aclop can be set, an operator cannot be executed through it.
// Its operators are compiled for an AI core; their aclnn forms are what libopapi has.
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "acl/acl.h"
#include "softnpu.h"

struct aclopAttr {
  using Value = std::variant<bool, int64_t, float, aclDataType, std::string, std::vector<uint8_t>,
                             std::vector<int64_t>, std::vector<float>, std::vector<std::vector<int64_t>>>;
  std::map<std::string, Value> values;
};

struct aclGraphDumpOption {};

namespace {

template <class Make>
aclError set(const char* call, aclopAttr* attributes, const char* name, Make&& make) noexcept {
  if (attributes == nullptr || name == nullptr) {
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: attributes and name must not be null.", call);
  }
  try {
    attributes->values[name] = make();
    return ACL_SUCCESS;
  } catch (const std::exception&) {
    return softnpu_error(ACL_ERROR_BAD_ALLOC, "%s: the host is out of memory.", call);
  }
}

template <class Value>
aclError set_list(const char* call, aclopAttr* attributes, const char* name, int count,
                  const Value* values) noexcept {
  if (count < 0 || (count > 0 && values == nullptr)) {
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: %d values were announced, but none came.", call,
                         count);
  }
  return set(call, attributes, name, [&] { return std::vector<Value>(values, values + count); });
}

int32_t refuse(const char* op) {
  return softnpu_error(
      ACL_ERROR_OP_NOT_FOUND,
      "the software NPU has no aclop operator '%s': aclop compiles for an AI core; call its aclnn form.",
      op == nullptr ? "" : op);
}

int32_t refuse_dump(const char* call) {
  return softnpu_error(ACL_ERROR_RT_FEATURE_NOT_SUPPORT,
                       "%s: not supported by the software NPU: no graph of an operator exists.", call);
}

struct Options {
  std::mutex mutex;
  std::map<aclCompileOpt, std::string> values{{ACL_OP_JIT_COMPILE, "disable"}};
};
Options& options() {
  static Options* const instance = new Options;
  return *instance;
}

bool known(aclCompileOpt option) {
  return option >= ACL_PRECISION_MODE && option <= ACL_OP_DEBUG_OPTION;
}

}  // namespace

extern "C" {

aclopAttr* aclopCreateAttr(void) {
  return new (std::nothrow) aclopAttr;
}
void aclopDestroyAttr(const aclopAttr* attr) {
  delete attr;
}

aclError aclopSetAttrBool(aclopAttr* attr, const char* attrName, uint8_t attrValue) {
  return set(__func__, attr, attrName, [&] { return attrValue != 0; });
}
aclError aclopSetAttrInt(aclopAttr* attr, const char* attrName, int64_t attrValue) {
  return set(__func__, attr, attrName, [&] { return attrValue; });
}
aclError aclopSetAttrFloat(aclopAttr* attr, const char* attrName, float attrValue) {
  return set(__func__, attr, attrName, [&] { return attrValue; });
}
aclError aclopSetAttrDataType(aclopAttr* attr, const char* attrName, aclDataType attrValue) {
  return set(__func__, attr, attrName, [&] { return attrValue; });
}
aclError aclopSetAttrString(aclopAttr* attr, const char* attrName, const char* attrValue) {
  if (attrValue == nullptr)
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: the value must not be null.", __func__);
  return set(__func__, attr, attrName, [&] { return std::string(attrValue); });
}
aclError aclopSetAttrListBool(aclopAttr* attr, const char* attrName, int numValues, const uint8_t* values) {
  return set_list(__func__, attr, attrName, numValues, values);
}
aclError aclopSetAttrListInt(aclopAttr* attr, const char* attrName, int numValues, const int64_t* values) {
  return set_list(__func__, attr, attrName, numValues, values);
}
aclError aclopSetAttrListFloat(aclopAttr* attr, const char* attrName, int numValues, const float* values) {
  return set_list(__func__, attr, attrName, numValues, values);
}
aclError aclopSetAttrListListInt(aclopAttr* attr, const char* attrName, int numLists, const int* numValues,
                                 const int64_t* const values[]) {
  if (numLists < 0 || (numLists > 0 && (numValues == nullptr || values == nullptr))) {
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: %d lists were announced, but none came.", __func__,
                         numLists);
  }
  return set(__func__, attr, attrName, [&] {
    std::vector<std::vector<int64_t>> lists;
    for (int i = 0; i < numLists; ++i) lists.emplace_back(values[i], values[i] + numValues[i]);
    return lists;
  });
}

aclError aclopCompileAndExecute(const char* opType, int, const aclTensorDesc* const[],
                                const aclDataBuffer* const[], int, const aclTensorDesc* const[],
                                aclDataBuffer* const[], const aclopAttr*, aclopEngineType, aclopCompileType,
                                const char*, aclrtStream) {
  return refuse(opType);
}
aclError aclopCompileAndExecuteV2(const char* opType, int, aclTensorDesc*[], aclDataBuffer*[], int,
                                  aclTensorDesc*[], aclDataBuffer*[], aclopAttr*, aclopEngineType,
                                  aclopCompileType, const char*, aclrtStream) {
  return refuse(opType);
}

aclError aclSetCompileopt(aclCompileOpt opt, const char* value) {
  if (!known(opt))
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: %d is not an option.", __func__, int(opt));
  if (value == nullptr)
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: the value must not be null.", __func__);
  std::lock_guard<std::mutex> guard(options().mutex);
  options().values[opt] = value;
  return ACL_SUCCESS;
}

size_t aclGetCompileoptSize(aclCompileOpt opt) {
  if (!known(opt)) return 0;
  std::lock_guard<std::mutex> guard(options().mutex);
  return options().values[opt].size() + 1;
}

aclError aclGetCompileopt(aclCompileOpt opt, char* value, size_t length) {
  if (!known(opt))
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: %d is not an option.", __func__, int(opt));
  std::lock_guard<std::mutex> guard(options().mutex);
  const std::string& text = options().values[opt];
  if (value == nullptr || length <= text.size()) {
    return softnpu_error(ACL_ERROR_INVALID_PARAM, "%s: the value needs %zu bytes, not %zu.", __func__,
                         text.size() + 1, length);
  }
  std::memcpy(value, text.c_str(), text.size() + 1);
  return ACL_SUCCESS;
}

aclGraphDumpOption* aclCreateGraphDumpOpt(void) {
  return new (std::nothrow) aclGraphDumpOption;
}
aclError aclDestroyGraphDumpOpt(const aclGraphDumpOption* graphDumpOpt) {
  delete graphDumpOpt;
  return ACL_SUCCESS;
}
aclError aclGenGraphAndDumpForOp(const char*, int, const aclTensorDesc* const[], const aclDataBuffer* const[],
                                 int, const aclTensorDesc* const[], aclDataBuffer* const[], const aclopAttr*,
                                 aclopEngineType, const char*, const aclGraphDumpOption*) {
  return refuse_dump(__func__);
}
aclError aclopStartDumpArgs(uint32_t, const char*) {
  return refuse_dump(__func__);
}
aclError aclopStopDumpArgs(uint32_t) {
  return refuse_dump(__func__);
}

}  // extern "C"
