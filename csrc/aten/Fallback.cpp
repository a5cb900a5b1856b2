#include "csrc/aten/Fallback.h"

#include <mutex>
#include <set>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/enum_tag.h>
#include <ATen/native/CPUFallback.h>
#include <torch/library.h>

#include "csrc/acl/Env.h"
#include "csrc/core/NPUGenerator.h"

namespace npu {
namespace {

struct Counts {
  std::mutex mutex;
  std::map<std::string, int64_t> by_operator;
  std::set<std::string> warned;
};

Counts& counts() {
  static Counts counts;
  return counts;
}

std::string full_name(const c10::OperatorHandle& op) {
  const auto& name = op.operator_name();
  return name.overload_name.empty() ? name.name : name.name + "." + name.overload_name;
}

// One 64-bit seed out of seed and offset, so that neighbouring calls draw unrelated numbers (the finaliser of
// SplitMix64).
uint64_t mix(uint64_t seed, uint64_t offset) {
  uint64_t z = seed + (offset + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

bool is_generator(const c10::Argument& argument) {
  c10::TypePtr type = argument.type();
  if (const auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
  return type->kind() == c10::TypeKind::GeneratorType;
}

// The device whose numbers a call draws: its first npu tensor's, or the current one.
c10::DeviceIndex device_of_draw(at::ArrayRef<c10::IValue> arguments) {
  for (const c10::IValue& value : arguments) {
    if (value.isTensor() && value.toTensor().is_privateuseone()) return value.toTensor().device().index();
    if (!value.isTensorList()) continue;
    for (const at::Tensor& tensor : value.toTensorVector()) {
      if (tensor.is_privateuseone()) return tensor.device().index();
    }
  }
  return -1;
}

// An operator that draws must follow torch.npu.manual_seed: it gets a CPU generator that is seeded from the
// device's. One without a generator argument would draw from the CPU's own and is refused.
void seed_from_npu(const c10::OperatorHandle& op, c10::Stack* stack) {
  const auto& arguments = op.schema().arguments();
  const size_t first = stack->size() - arguments.size();
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!is_generator(arguments[i])) continue;
    c10::IValue& value = (*stack)[first + i];
    at::Generator generator =
        value.isNone() ? default_generator(device_of_draw(at::ArrayRef<c10::IValue>(*stack).slice(first)))
                       : value.toGenerator();
    if (generator.device().type() != c10::kPrivateUse1) return;
    const auto [seed, offset] = at::check_generator<NPUGeneratorImpl>(generator)->philox_state(4);
    value = at::detail::createCPUGenerator(mix(seed, offset));
    return;
  }
  TORCH_CHECK_NOT_IMPLEMENTED(
      !op.hasTag(at::Tag::nondeterministic_seeded), full_name(op),
      " has no kernel on npu, and on the CPU it would draw from the CPU's random generator, "
      "which torch.npu.manual_seed does not seed; run it on a CPU tensor instead");
}

// A copy of a tensor with gaps is dense, and kernels choose by is_contiguous(): linalg_det factorises the
// transpose of a contiguous matrix, and its gradient, which sees the tensor on npu, must come to the same
// conclusion. So the matrices of such an argument go to the CPU column by column.
void keep_contiguity(const c10::OperatorHandle& op, c10::Stack* stack) {
  const auto& arguments = op.schema().arguments();
  const size_t first = stack->size() - arguments.size();
  for (size_t i = 0; i < arguments.size(); ++i) {
    c10::IValue& value = (*stack)[first + i];
    if (arguments[i].alias_info() != nullptr || !value.isTensor()) continue;
    const at::Tensor& tensor = value.toTensor();
    if (!tensor.defined() || !tensor.is_privateuseone() || tensor.layout() != at::kStrided) continue;
    if (tensor.dim() < 2 || tensor.is_contiguous() || tensor.is_non_overlapping_and_dense()) continue;
    value = tensor.mT().contiguous().mT();
  }
}

void cpu_fallback(const c10::OperatorHandle& op, c10::Stack* stack) {
  TORCH_CHECK_NOT_IMPLEMENTED(op.hasKernelForDispatchKey(c10::DispatchKey::CPU) ||
                                  op.hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd) ||
                                  op.hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd),
                              full_name(op), " has no kernel on npu, and none on the CPU to fall back to");
  detail::note_fallback(op, "it has no kernel for this device");
  detail::run_on_cpu(op, stack);
}

}  // namespace

std::map<std::string, int64_t> fallback_stats() {
  const std::lock_guard lock(counts().mutex);
  return counts().by_operator;
}

void reset_fallback_stats() {
  const std::lock_guard lock(counts().mutex);
  counts().by_operator.clear();
}

namespace detail {

void note_fallback(const c10::OperatorHandle& op, std::string_view reason) {
  const std::string name = full_name(op);
  const std::string mode = env::get_choice("TORCH_NPU_FALLBACK");
  TORCH_CHECK_NOT_IMPLEMENTED(mode != "error", name, " cannot run on npu (", reason,
                              "), and TORCH_NPU_FALLBACK=error forbids the CPU");
  bool first;
  {
    const std::lock_guard lock(counts().mutex);
    ++counts().by_operator[name];
    first = counts().warned.insert(name).second;
  }
  if (first && mode == "warn") {
    TORCH_WARN(name, " runs on the CPU instead of npu, which is slow (", reason,
               "). This is said once for each operator; TORCH_NPU_FALLBACK=error makes it an error, quiet "
               "silences it.");
  }
}

void run_on_cpu(const c10::OperatorHandle& op, c10::Stack* stack) {
  seed_from_npu(op, stack);
  keep_contiguity(op, stack);
  at::native::cpu_fallback(op, stack, /*error_on_views=*/true);
}

c10::OperatorHandle find_operator(std::string_view name) {
  std::string full(name);
  if (full.find("::") == std::string::npos) full.insert(0, "aten::");
  const size_t dot = full.find('.');
  const std::string overload = dot == std::string::npos ? "" : full.substr(dot + 1);
  return c10::Dispatcher::singleton().findSchemaOrThrow(full.substr(0, dot).c_str(), overload.c_str());
}

}  // namespace detail

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&cpu_fallback>());
}

}  // namespace npu
