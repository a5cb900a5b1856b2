// An operator with a structured meta function (at::meta::structured_*) is one row, a type:
//
//   NPU_OP(Topk, structured_topk, 2, aclnnTopk);          // launch(aclnnTopk, inputs as in ATen, then 2
//   outputs) NPU_OP(Mm, structured_mm, 1, aclnnMm, kCubeMathType);  // and constants after the outputs
//
//   struct Sum : npu::Row<at::meta::structured_sum_dim_IntList, 1> {    // another order or another form:
//   run() by hand
//     static void run(const at::Tensor& self, at::OptionalIntArrayRef dim, bool keepdim,
//                     std::optional<at::ScalarType> type, const at::Tensor& out) { npu::launch<...>(...); }
//   };
//
//   TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
//     npu::bind<Topk>(m, nullptr, nullptr, "topk.values");  // cold: out alone, upstream derives the other
//     forms npu::bind<Mm>(m, "mm", nullptr, "mm.out");            // hot: what exists of functional, in-place
//     and out npu::bind<Add>(m, "add.Tensor", "add_.Tensor", "add.out");
//   }
//
// Upstream's meta function gives sizes, dtypes, strides and nearly all error texts. The template adds what
// upstream's code generator would: outputs made, resized with the usual warning or checked in place; a proxy
// where the meta function asks for strides that the given output lacks, copied back afterwards; device guard;
// device check (for an iterator row the iterator does it, and lets one CPU 0-d operand through: give its
// run() a scalar form, ops/Rows.h); overlap checks of given outputs; no launch where all outputs are empty;
// the CPU fallback where this CANN lacks the operator. run() receives the dispatcher's types (const
// std::optional<Tensor>& for OptionalTensorRef) and is not called with undefined outputs.
//
// kFast lets a pointwise row skip the iterator where its answer is plain: see FastPath. kComposite says that
// run() calls other operators of torch and launches nothing itself.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include <ATen/MemoryOverlap.h>
#include <ATen/TensorIterator.h>
#include <torch/library.h>

#include "csrc/aten/FastPath.h"
#include "csrc/aten/Kernel.h"

#define NPU_OP(Name, meta_class, outputs, symbol, ...)                           \
  struct Name : npu::Row<at::meta::meta_class, outputs> {                        \
    template <class... Args>                                                     \
    static void run(const Args&... args) {                                       \
      npu::launch<symbol##GetWorkspaceSize>(args... __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                            \
  }

namespace npu {

template <class MetaClass, int kCount>
struct Row {
  using Meta = MetaClass;
  static constexpr int kOutputs = kCount;
  static constexpr Fast kFast = Fast::kNone;
  static constexpr bool kComposite = false;
};

namespace detail {

enum class Call { kFunctional, kInplace, kOut };

at::Tensor make_output(at::IntArrayRef sizes, at::IntArrayRef strides, const at::TensorOptions& options);
void resize_output(const at::Tensor& out, at::IntArrayRef sizes, at::IntArrayRef strides,
                   const at::TensorOptions& options);
void check_inplace(const at::Tensor& self, at::IntArrayRef sizes, const at::TensorOptions& options);
bool has_strides(const at::Tensor& tensor, at::IntArrayRef sizes, at::IntArrayRef strides);

// Devices of a row without an iterator: all the same.
class SameDevice {
 public:
  template <class Arg>
  void add(const Arg& arg) {
    if constexpr (std::is_base_of_v<at::TensorBase, Arg>) {
      add_tensor(arg);
    } else if constexpr (std::is_same_v<Arg, std::optional<at::Tensor>>) {
      if (arg) add_tensor(*arg);
    } else if constexpr (std::is_convertible_v<const Arg&, at::ITensorListRef>) {
      for (const at::Tensor& tensor : at::ITensorListRef(arg)) add_tensor(tensor);
    }
    if (stray_ == nullptr) ++argument_;
  }
  void check(const char* name) const {
    if (C10_UNLIKELY(stray_ != nullptr)) fail(name);
  }

 private:
  void add_tensor(const at::Tensor& tensor) {
    if (!tensor.defined() || stray_ != nullptr) return;
    if (!device_) {
      device_ = tensor.device();
    } else if (C10_UNLIKELY(*device_ != tensor.device())) {
      stray_ = &tensor;
    }
  }
  [[noreturn]] void fail(const char* name) const;

  std::optional<c10::Device> device_;
  const at::Tensor* stray_ = nullptr;
  size_t argument_ = 0;
};

// Overlap of one given output with itself and with the inputs, for a row without an iterator.
class Overlap {
 public:
  explicit Overlap(const at::Tensor& out) : out_(out) { at::assert_no_internal_overlap(out); }
  template <class Arg>
  void add(const Arg& arg) {
    if constexpr (std::is_base_of_v<at::TensorBase, Arg>) {
      if (arg.defined()) at::assert_no_partial_overlap(out_, arg);
    }
  }

 private:
  const at::Tensor& out_;
};

// The meta function's types as the dispatcher passes them.
template <class T>
struct Dispatched {
  using type = T;
};
template <>
struct Dispatched<at::OptionalTensorRef> {
  using type = const std::optional<at::Tensor>&;
};
template <>
struct Dispatched<at::OptionalScalarRef> {
  using type = const std::optional<at::Scalar>&;
};

template <class Arg>
const Arg& to_meta(const Arg& arg) {
  return arg;
}
inline at::OptionalTensorRef to_meta(const std::optional<at::Tensor>& tensor) {
  return tensor && tensor->defined() ? at::OptionalTensorRef(*tensor) : at::OptionalTensorRef();
}
inline at::OptionalScalarRef to_meta(const std::optional<at::Scalar>& scalar) {
  return scalar ? at::OptionalScalarRef(*scalar) : at::OptionalScalarRef();
}

// One call of a row: the meta function reports sizes here, then the operator runs.
template <class Row, Call kCall>
class Structured final : public Row::Meta {
  static constexpr size_t kOutputs = Row::kOutputs;
  static constexpr bool kIterator = std::is_base_of_v<at::TensorIteratorBase, typename Row::Meta>;

 public:
  Structured() {
    for (size_t i = 0; i < kOutputs; ++i) current_[i] = &made_[i];
  }
  explicit Structured(std::array<const at::Tensor*, kOutputs> given) : current_(given), given_(given) {}

  const at::Tensor& maybe_get_output(int64_t index) override { return *current_[index]; }

  void set_output_raw_strided(int64_t index, at::IntArrayRef sizes, at::IntArrayRef strides,
                              at::TensorOptions options) override {
    place(index, sizes, strides, options, false);
  }
  void set_output_strided(int64_t index, at::IntArrayRef sizes, at::IntArrayRef strides,
                          at::TensorOptions options) override {
    place(index, sizes, strides, options, true);
  }

  template <class... Args>
  void operator()(const char* name, const Args&... args) {
    if constexpr (!kIterator) check(name, args...);
    this->meta(to_meta(args)...);
    run(std::make_index_sequence<kOutputs>{}, args...);
  }

  at::Tensor take(size_t index) { return std::move(made_[index]); }

 private:
  template <class... Args>
  void check(const char* name, const Args&... args) {
    SameDevice devices;
    (devices.add(args), ...);
    if constexpr (kCall == Call::kOut) {
      for (const at::Tensor* out : given_) devices.add(*out);
    }
    devices.check(name);
  }

  void place(int64_t index, at::IntArrayRef sizes, at::IntArrayRef strides, const at::TensorOptions& options,
             bool exact) {
    if constexpr (kCall == Call::kFunctional) {
      made_[index] = make_output(sizes, strides, options);
    } else {
      const at::Tensor& out = *given_[index];
      if constexpr (kCall == Call::kInplace) {
        check_inplace(out, sizes, options);
      } else {
        resize_output(out, sizes, strides, options);
      }
      if (exact && !has_strides(out, sizes, strides)) {
        made_[index] = make_output(sizes, strides, options);
        current_[index] = &made_[index];
      }
    }
    if constexpr (kIterator) Row::Meta::set_output_raw_strided(index, sizes, strides, options);
  }

  template <size_t... kIndex, class... Args>
  void run(std::index_sequence<kIndex...>, const Args&... args) {
    if constexpr (kCall != Call::kFunctional && !kIterator) {
      for (const at::Tensor* out : given_) {
        Overlap overlap(*out);
        (overlap.add(args), ...);
      }
    }
    if (((current_[kIndex]->numel() == 0) && ...)) return;
    Row::run(args..., *current_[kIndex]...);
    if constexpr (kCall != Call::kFunctional) {
      for (size_t i = 0; i < kOutputs; ++i) {
        if (current_[i] != given_[i]) given_[i]->copy_(*current_[i]);
      }
    }
  }

  std::array<at::Tensor, kOutputs> made_;
  std::array<const at::Tensor*, kOutputs> current_{};
  std::array<const at::Tensor*, kOutputs> given_{};
};

template <size_t>
using OutRef = at::Tensor&;

template <int kOutputs, class T, class Sequence = std::make_index_sequence<kOutputs>>
struct Several;
template <class T, size_t... kIndex>
struct Several<1, T, std::index_sequence<kIndex...>> {
  using type = T;
};
template <int kOutputs, class T, size_t... kIndex>
struct Several<kOutputs, T, std::index_sequence<kIndex...>> {
  template <size_t>
  using Same = T;
  using type = std::tuple<Same<kIndex>...>;
};

// The kernels of a row, with the dispatcher's signatures.
template <class Row, class Meta, class Sequence>
struct RowKernels;

template <class Row, class Result, class Class, class... MetaArgs, size_t... kIndex>
struct RowKernels<Row, Result (Class::*)(MetaArgs...), std::index_sequence<kIndex...>> {
  template <class T>
  using Arg = typename Dispatched<T>::type;
  using Functional = typename Several<Row::kOutputs, at::Tensor>::type;
  using Out = typename Several<Row::kOutputs, at::Tensor&>::type;

  static inline const char* functional_name = nullptr;
  static inline const char* out_name = nullptr;

  static Functional functional(Arg<MetaArgs>... args) {
    try {
      const OnDevice guard(device_of_call(args...));
      if constexpr (Row::kFast != Fast::kNone) {
        FastPath fast;
        (fast.add(args), ...);
        if (fast.ok() && (Row::kFast != Fast::kFloating || c10::isFloatingType(fast.type()))) {
          at::Tensor result = empty_as(fast.like(), Row::kFast == Fast::kBool ? at::kBool : fast.type());
          if (result.numel() != 0) Row::run(args..., result);
          return result;
        }
      }
      Structured<Row, Call::kFunctional> call;
      call(functional_name, args...);
      return Functional(call.take(kIndex)...);
    } catch (const MissingOperator& missing) {
      return CpuFallback<Functional(Arg<MetaArgs>...)>::call(functional_name, missing, args...);
    }
  }

  static Out out(Arg<MetaArgs>... args, OutRef<kIndex>... outs) {
    try {
      const OnDevice guard(device_of_call(args..., outs...));
      Structured<Row, Call::kOut> call({&outs...});
      call(out_name, args...);
    } catch (const MissingOperator& missing) {
      CpuFallback<Out(Arg<MetaArgs>..., OutRef<kIndex>...)>::call(out_name, missing, args..., outs...);
    }
    return Out(outs...);
  }
};

template <class Row, class Meta>
struct InplaceKernel;

template <class Row, class Result, class Class, class... MetaArgs>
struct InplaceKernel<Row, Result (Class::*)(const at::Tensor&, MetaArgs...)> {
  template <class T>
  using Arg = typename Dispatched<T>::type;
  static inline const char* name = nullptr;

  static at::Tensor& inplace(at::Tensor& self, Arg<MetaArgs>... args) {
    try {
      const OnDevice guard(device_of_call(self, args...));
      if constexpr (Row::kFast == Fast::kSame || Row::kFast == Fast::kFloating) {
        FastPath fast;
        FastAlias alias(self);
        fast.add(self);
        ((fast.add(args), alias.add(args)), ...);
        if (fast.ok() && alias.ok() && (Row::kFast != Fast::kFloating || c10::isFloatingType(fast.type()))) {
          if (self.numel() != 0) Row::run(self, args..., self);
          return self;
        }
      }
      Structured<Row, Call::kInplace> call({&self});
      call(name, std::as_const(self), args...);
    } catch (const MissingOperator& missing) {
      CpuFallback<at::Tensor&(at::Tensor&, Arg<MetaArgs>...)>::call(name, missing, self, args...);
    }
    return self;
  }
};

template <class Row>
void note_row(const char* name) {
  if constexpr (!Row::kComposite) note_native(name);
}

template <class Row>
using KernelsOf = RowKernels<Row, decltype(&Row::Meta::meta), std::make_index_sequence<Row::kOutputs>>;

}  // namespace detail

// Registers the overloads that have a name; nullptr leaves one to upstream, which derives it from out at the
// price of a second dispatch, and costs no code here. The names must be literals. A row is bound once.
template <class Row, class Functional, class Inplace>
void bind(torch::Library& library, Functional functional, Inplace inplace, const char* out) {
  using Kernels = detail::KernelsOf<Row>;
  TORCH_INTERNAL_ASSERT(Kernels::out_name == nullptr, "a row bound twice: ", Kernels::out_name, " and ", out);
  Kernels::out_name = out;
  library.impl(out, TORCH_FN(Kernels::out));
  detail::note_row<Row>(out);
  if constexpr (!std::is_same_v<Functional, std::nullptr_t>) {
    Kernels::functional_name = functional;
    library.impl(functional, TORCH_FN(Kernels::functional));
    detail::note_row<Row>(functional);
  }
  if constexpr (!std::is_same_v<Inplace, std::nullptr_t>) {
    using Kernel = detail::InplaceKernel<Row, decltype(&Row::Meta::meta)>;
    Kernel::name = inplace;
    library.impl(inplace, TORCH_FN(Kernel::inplace));
    detail::note_row<Row>(inplace);
  }
}

}  // namespace npu
