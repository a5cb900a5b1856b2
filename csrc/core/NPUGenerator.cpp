#include "csrc/core/NPUGenerator.h"

#include <array>
#include <cstring>
#include <mutex>

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include "csrc/core/NPUDevice.h"

namespace npu {
namespace {

constexpr size_t kStateBytes = 2 * sizeof(uint64_t);
constexpr uint64_t kBlock = 4;  // numbers in one Philox block

using Lock = std::lock_guard<std::mutex>;

c10::intrusive_ptr<PhiloxState> copy_of(PhiloxState& state) {
  const Lock lock(state.mutex);
  auto copy = c10::make_intrusive<PhiloxState>();
  copy->seed = state.seed;
  copy->offset = state.offset;
  return copy;
}

void check_offset(uint64_t offset) {
  TORCH_CHECK_VALUE(offset % kBlock == 0, "The offset of an npu generator must be a multiple of 4, but is ",
                    offset, ".");
}

struct DefaultGenerator {
  std::once_flag once;
  at::Generator generator;
};

}  // namespace

NPUGeneratorImpl::NPUGeneratorImpl(c10::DeviceIndex device)
    : NPUGeneratorImpl(device, c10::make_intrusive<PhiloxState>()) {}

NPUGeneratorImpl::NPUGeneratorImpl(c10::DeviceIndex device, c10::intrusive_ptr<PhiloxState> state)
    : c10::GeneratorImpl(c10::Device(c10::DeviceType::PrivateUse1, device),
                         c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)),
      state_(std::move(state)) {}

void NPUGeneratorImpl::set_current_seed(uint64_t seed) {
  const Lock lock(state_->mutex);
  state_->seed = seed;
  state_->offset = 0;
}

uint64_t NPUGeneratorImpl::current_seed() const {
  const Lock lock(state_->mutex);
  return state_->seed;
}

uint64_t NPUGeneratorImpl::seed() {
  const uint64_t random =
      c10::detail::getNonDeterministicRandom(/*is_cuda=*/true);  // 53 bits: exact as a double
  set_current_seed(random);
  return random;
}

void NPUGeneratorImpl::set_offset(uint64_t offset) {
  check_offset(offset);
  const Lock lock(state_->mutex);
  state_->offset = offset;
}

uint64_t NPUGeneratorImpl::get_offset() const {
  const Lock lock(state_->mutex);
  return state_->offset;
}

c10::intrusive_ptr<c10::TensorImpl> NPUGeneratorImpl::get_state() const {
  at::Tensor state = at::detail::empty_cpu({static_cast<int64_t>(kStateBytes)}, c10::ScalarType::Byte);
  auto* bytes = state.mutable_data_ptr<uint8_t>();
  const Lock lock(state_->mutex);
  std::memcpy(bytes, &state_->seed, sizeof(uint64_t));
  std::memcpy(bytes + sizeof(uint64_t), &state_->offset, sizeof(uint64_t));
  return state.getIntrusivePtr();
}

void NPUGeneratorImpl::set_state(const c10::TensorImpl& new_state) {
  at::detail::check_rng_state(new_state);
  TORCH_CHECK_VALUE(new_state.numel() == static_cast<int64_t>(kStateBytes),
                    "The state of an npu generator has ", kStateBytes, " bytes, but this one has ",
                    new_state.numel(), ".");
  const auto* bytes = new_state.data_dtype_initialized<uint8_t>();
  uint64_t seed = 0;
  uint64_t offset = 0;
  std::memcpy(&seed, bytes, sizeof(uint64_t));
  std::memcpy(&offset, bytes + sizeof(uint64_t), sizeof(uint64_t));
  check_offset(offset);
  const Lock lock(state_->mutex);
  state_->seed = seed;
  state_->offset = offset;
}

void NPUGeneratorImpl::graphsafe_set_state(const c10::intrusive_ptr<c10::GeneratorImpl>& new_state) {
  auto* other = dynamic_cast<NPUGeneratorImpl*>(new_state.get());
  TORCH_CHECK_TYPE(other != nullptr, "The state must be that of an npu generator.");
  state_ = other->state_;
}

c10::intrusive_ptr<c10::GeneratorImpl> NPUGeneratorImpl::graphsafe_get_state() const {
  return c10::make_intrusive<NPUGeneratorImpl>(device().index(), state_);
}

std::pair<uint64_t, uint64_t> NPUGeneratorImpl::philox_state(uint64_t increment) {
  const Lock own(mutex_);  // state_ stays this one
  const Lock lock(state_->mutex);
  const uint64_t before = state_->offset;
  state_->offset += (increment + kBlock - 1) / kBlock * kBlock;
  return {state_->seed, before};
}

NPUGeneratorImpl* NPUGeneratorImpl::clone_impl() const {
  return new NPUGeneratorImpl(device().index(), copy_of(*state_));
}

const at::Generator& default_generator(c10::DeviceIndex device) {
  static auto* generators = new std::array<DefaultGenerator, kMaxDevices>;
  if (device < 0) device = current_device();
  check_device(device);
  DefaultGenerator& slot = (*generators)[device];
  std::call_once(slot.once, [&] {
    slot.generator = at::make_generator<NPUGeneratorImpl>(device);
    slot.generator.seed();
  });
  return slot.generator;
}

at::Generator create_generator(c10::DeviceIndex device) {
  if (device < 0) device = current_device();
  check_device(device);
  return at::make_generator<NPUGeneratorImpl>(device);
}

}  // namespace npu
