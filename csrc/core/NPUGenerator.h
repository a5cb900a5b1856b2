// Random numbers: Philox, a seed and an offset. The state of a generator is 16 bytes, [seed: u64][offset:
// u64], which is what DTensor slices. Offsets advance in multiples of 4, one 128-bit Philox block.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include <ATen/core/Generator.h>
#include <c10/core/GeneratorImpl.h>

namespace npu {

// Shared by the generators that graphsafe_get_state() made of one another, hence a mutex of its own.
struct PhiloxState final : public c10::intrusive_ptr_target {
  std::mutex mutex;
  uint64_t seed = c10::default_rng_seed_val;
  uint64_t offset = 0;
};

class NPUGeneratorImpl final : public c10::GeneratorImpl {
 public:
  explicit NPUGeneratorImpl(c10::DeviceIndex device);
  NPUGeneratorImpl(c10::DeviceIndex device, c10::intrusive_ptr<PhiloxState> state);

  static c10::DeviceType device_type() { return c10::DeviceType::PrivateUse1; }

  void set_current_seed(uint64_t seed) override;
  uint64_t current_seed() const override;
  uint64_t seed() override;
  void set_offset(uint64_t offset) override;  // throws unless a multiple of 4
  uint64_t get_offset() const override;
  void set_state(const c10::TensorImpl& new_state) override;
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override;
  void graphsafe_set_state(const c10::intrusive_ptr<c10::GeneratorImpl>& new_state) override;
  c10::intrusive_ptr<c10::GeneratorImpl> graphsafe_get_state() const override;

  // {seed, offset} for a kernel that draws up to `increment` numbers per element, and moves the offset past
  // them. Takes mutex_ itself: the caller must not hold it.
  std::pair<uint64_t, uint64_t> philox_state(uint64_t increment);

 private:
  NPUGeneratorImpl* clone_impl() const override;

  c10::intrusive_ptr<PhiloxState> state_;
};

// The generator of a device, -1 the current one. Exists without the device being initialised.
const at::Generator& default_generator(c10::DeviceIndex device = -1);

at::Generator create_generator(c10::DeviceIndex device = -1);

}  // namespace npu
