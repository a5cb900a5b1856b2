#include "csrc/hccl/Bridge.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include "csrc/acl/Api.h"
#include "csrc/acl/Error.h"
#include "csrc/acl/HcclDType.h"

namespace npu {
namespace {

using c10::ScalarType;
using Op = c10d::ReduceOp::RedOpType;

constexpr uint16_t bit(Op op) {
  return static_cast<uint16_t>(1U << op);
}

constexpr uint16_t kSums = bit(Op::SUM) | bit(Op::AVG) | bit(Op::PREMUL_SUM);
constexpr uint16_t kOrder = bit(Op::MIN) | bit(Op::MAX);
constexpr uint16_t kProduct = bit(Op::PRODUCT);
constexpr uint16_t kArithmetic = kSums | kOrder | kProduct;
constexpr uint16_t kBits = bit(Op::BAND) | bit(Op::BOR) | bit(Op::BXOR);

enum class Way {
  kDirect,  // as it is, or the same memory under another dtype
  kCast,    // in another dtype, and back
  kGather,  // everything from all ranks, reduced here in the order of the ranks
};

// What HCCL does for the operation.
enum class Does { kSame, kOr, kAnd, kParity };

const char* name_of(Op op) {
  constexpr const char* kNames[] = {"SUM",  "AVG", "PRODUCT", "MIN",       "MAX",
                                    "BAND", "BOR", "BXOR",    "PREMUL_SUM"};
  return op < std::size(kNames) ? kNames[op] : "UNUSED";
}

HcclReduceOp hccl_op(Op op, Does does) {
  if (does == Does::kOr) return HCCL_REDUCE_MAX;
  if (does == Does::kAnd) return HCCL_REDUCE_MIN;
  if (op == Op::PRODUCT) return HCCL_REDUCE_PROD;
  if (op == Op::MIN) return HCCL_REDUCE_MIN;
  if (op == Op::MAX) return HCCL_REDUCE_MAX;
  return HCCL_REDUCE_SUM;  // SUM, and AVG, PREMUL_SUM and parity by it
}

// The memory that ranks exchange for a reduction by kGather at a time.
constexpr int64_t kGatherBytes = 64 << 20;

}  // namespace

struct Reduction::Row {
  ScalarType dtype;
  uint16_t ops;
  Way way;
  ScalarType as;
  Does does = Does::kSame;
};

namespace {

constexpr Reduction::Row kRows[] = {
    {ScalarType::Char, kArithmetic, Way::kDirect, ScalarType::Char},
    {ScalarType::Int, kArithmetic, Way::kDirect, ScalarType::Int},
    {ScalarType::Long, kArithmetic, Way::kDirect, ScalarType::Long},
    {ScalarType::Half, kArithmetic, Way::kDirect, ScalarType::Half},
    {ScalarType::Float, kArithmetic, Way::kDirect, ScalarType::Float},
    {ScalarType::Short, kSums | kOrder, Way::kDirect, ScalarType::Short},
    {ScalarType::Short, kProduct, Way::kCast, ScalarType::Int},
    {ScalarType::BFloat16, kSums | kOrder, Way::kDirect, ScalarType::BFloat16},
    {ScalarType::BFloat16, kProduct, Way::kCast, ScalarType::Float},
    {ScalarType::Byte, kArithmetic, Way::kCast, ScalarType::Int},
    {ScalarType::UInt16, kArithmetic, Way::kCast, ScalarType::Int},
    {ScalarType::UInt32, kArithmetic, Way::kCast, ScalarType::Long},
    {ScalarType::Double, kArithmetic, Way::kGather, ScalarType::Double},
    {ScalarType::Byte, kBits, Way::kGather, ScalarType::Byte},
    {ScalarType::Char, kBits, Way::kGather, ScalarType::Char},
    {ScalarType::Short, kBits, Way::kGather, ScalarType::Short},
    {ScalarType::Int, kBits, Way::kGather, ScalarType::Int},
    {ScalarType::Long, kBits, Way::kGather, ScalarType::Long},
    {ScalarType::Bool, bit(Op::SUM) | bit(Op::MAX) | bit(Op::BOR), Way::kDirect, ScalarType::Char, Does::kOr},
    {ScalarType::Bool, kProduct | bit(Op::MIN) | bit(Op::BAND), Way::kDirect, ScalarType::Char, Does::kAnd},
    {ScalarType::Bool, bit(Op::BXOR), Way::kDirect, ScalarType::Char, Does::kParity},
    {ScalarType::ComplexHalf, kSums, Way::kDirect, ScalarType::Half},
    {ScalarType::ComplexFloat, kSums, Way::kDirect, ScalarType::Float},
    {ScalarType::ComplexDouble, kSums, Way::kGather, ScalarType::Double},
};

const Reduction::Row& find_row(Op op, ScalarType dtype) {
  for (const Reduction::Row& row : kRows) {
    if (row.dtype == dtype && (row.ops & bit(op)) != 0) return row;
  }
  TORCH_CHECK_VALUE(false, "ReduceOp.", name_of(op), " of ", dtype,
                    " tensors is not supported by hccl; convert the tensor, or choose another operation.");
}

// One step of a reduction by kGather: `into` op= `other`.
void fold(Op op, at::Tensor& into, const at::Tensor& other) {
  switch (op) {
    case Op::PRODUCT:
      into.mul_(other);
      return;
    case Op::MIN:
      at::minimum_out(into, into, other);
      return;
    case Op::MAX:
      at::maximum_out(into, into, other);
      return;
    case Op::BAND:
      into.bitwise_and_(other);
      return;
    case Op::BOR:
      into.bitwise_or_(other);
      return;
    case Op::BXOR:
      into.bitwise_xor_(other);
      return;
    default:
      into.add_(other);
  }
}

}  // namespace

at::Tensor flat(const at::Tensor& tensor) {
  if (tensor.dim() == 1 && tensor.is_contiguous()) return tensor;
  return tensor.as_strided({tensor.numel()}, {1}, tensor.storage_offset());
}

void* address_of(const at::Tensor& tensor, at::Tensor& spare) {
  if (tensor.numel() != 0) return tensor.data_ptr();
  if (!spare.defined()) spare = at::empty({64}, tensor.options().dtype(at::kByte));
  return spare.data_ptr();
}

std::vector<uint64_t> running_sum(const std::vector<uint64_t>& counts) {
  std::vector<uint64_t> sums(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), sums.begin(), uint64_t{0});
  return sums;
}

void gather_to(const HcclLink& link, const at::Tensor& input, const at::Tensor& output,
               const std::vector<uint64_t>& counts, int root) {
  const HcclElement element = hccl_element(input.scalar_type());
  const auto size = static_cast<size_t>(link.size);
  std::vector<uint64_t> sends(size, 0), receives(size, 0);
  sends[static_cast<size_t>(root)] = static_cast<uint64_t>(input.numel() * element.parts);
  if (link.rank == root) {
    for (size_t rank = 0; rank < size; ++rank)
      receives[rank] = counts[rank] * static_cast<uint64_t>(element.parts);
  }
  const std::vector<uint64_t> origins(size, 0);
  const std::vector<uint64_t> places = running_sum(receives);
  at::Tensor spare, other_spare;
  void* from = address_of(input, spare);
  void* to = link.rank == root ? address_of(output, other_spare)
                               : address_of(at::empty({0}, input.options()), other_spare);
  HCCL_CHECK(api().HcclAlltoAllV(from, sends.data(), origins.data(), element.dtype, to, receives.data(),
                                 places.data(), element.dtype, link.comm, link.stream));
}

Reduction::Reduction(const c10d::ReduceOp& op, ScalarType dtype)
    : row_(find_row(op.op_, dtype)), op_(op.op_), dtype_(dtype) {
  if (op_ == Op::PREMUL_SUM) {
    const auto* supplement = dynamic_cast<const c10d::PreMulSumSupplement*>(op.supplement_.get());
    TORCH_CHECK_VALUE(supplement != nullptr, "ReduceOp.PREMUL_SUM has no factor.");
    if (supplement->tensor_factor.defined()) {
      tensor_factor_ = supplement->tensor_factor;
    } else {
      factor_ = supplement->double_factor;
    }
  }
}

bool Reduction::gathers() const {
  return row_.way == Way::kGather;
}

at::Tensor Reduction::same_memory(const at::Tensor& tensor) const {
  if (row_.as == tensor.scalar_type()) return tensor;
  return tensor.is_complex() ? at::view_as_real(tensor).view(-1) : tensor.view(row_.as);
}

at::Tensor Reduction::enter(const at::Tensor& input) const {
  at::Tensor result = input;
  if (factor_.has_value()) result = at::mul(input, *factor_);
  if (tensor_factor_.defined()) result = at::mul(input, tensor_factor_.to(input.device()));
  if (result.scalar_type() != dtype_) result = result.to(dtype_);
  return row_.way == Way::kCast ? result.to(row_.as) : same_memory(result);
}

at::Tensor Reduction::place_for(const at::Tensor& output) const {
  return row_.way == Way::kCast ? at::empty(output.sizes(), output.options().dtype(row_.as))
                                : same_memory(output);
}

void Reduction::leave(const at::Tensor& reduced, const at::Tensor& output, int size) const {
  at::Tensor result = reduced;
  if (op_ == Op::AVG && reduced.is_floating_point()) result.div_(size);
  if (op_ == Op::AVG && !reduced.is_floating_point()) result.div_(size, "trunc");
  if (row_.does == Does::kParity) result.bitwise_and_(1);
  if (row_.way == Way::kCast) output.copy_(result);
}

at::Tensor Reduction::combine(const at::Tensor& parts) const {
  at::Tensor sum = parts[0];
  for (int64_t rank = 1; rank < parts.size(0); ++rank) fold(op_, sum, parts[rank]);
  return sum;
}

void Reduction::all_reduce(const HcclLink& link, const at::Tensor& input, const at::Tensor& output) const {
  if (input.numel() == 0) return;
  const at::Tensor from = enter(input);
  const at::Tensor to = row_.way == Way::kCast ? from : place_for(output);
  const HcclElement element = hccl_element(from.scalar_type());
  if (!gathers()) {
    HCCL_CHECK(api().HcclAllReduce(from.data_ptr(), to.data_ptr(), static_cast<uint64_t>(from.numel()),
                                   element.dtype, hccl_op(op_, row_.does), link.comm, link.stream));
    return leave(to, output, link.size);
  }
  const int64_t step = std::max<int64_t>(kGatherBytes / (link.size * from.element_size()), 1);
  for (int64_t begin = 0; begin < from.numel(); begin += step) {
    const at::Tensor piece = from.narrow(0, begin, std::min(step, from.numel() - begin));
    const at::Tensor parts = at::empty({link.size, piece.numel()}, piece.options());
    HCCL_CHECK(api().HcclAllGather(piece.data_ptr(), parts.data_ptr(), static_cast<uint64_t>(piece.numel()),
                                   element.dtype, link.comm, link.stream));
    to.narrow(0, begin, piece.numel()).copy_(combine(parts));
  }
  leave(to, output, link.size);
}

void Reduction::reduce(const HcclLink& link, const at::Tensor& tensor, int root) const {
  if (tensor.numel() == 0) return;
  const bool here = link.rank == root;
  const at::Tensor from = enter(tensor);
  const auto count = static_cast<uint64_t>(from.numel());
  at::Tensor result;
  if (gathers()) {
    const at::Tensor parts = at::empty({here ? link.size : 0, from.numel()}, from.options());
    gather_to(link, from, parts, std::vector<uint64_t>(static_cast<size_t>(link.size), count), root);
    if (!here) return;
    result = same_memory(tensor).copy_(combine(parts));
  } else {
    result = place_for(tensor);
    HCCL_CHECK(api().HcclReduce(from.data_ptr(), result.data_ptr(), count,
                                hccl_element(from.scalar_type()).dtype, hccl_op(op_, row_.does),
                                static_cast<uint32_t>(root), link.comm, link.stream));
  }
  if (here) leave(result, tensor, link.size);
}

void Reduction::reduce_scatter(const HcclLink& link, const at::Tensor& input,
                               const at::Tensor& output) const {
  if (output.numel() == 0) return;
  const at::Tensor from = enter(input);
  const at::Tensor to = place_for(output);
  const HcclElement element = hccl_element(from.scalar_type());
  const auto count = static_cast<uint64_t>(to.numel());
  if (gathers()) {
    const at::Tensor parts = at::empty({link.size, to.numel()}, to.options());
    HCCL_CHECK(api().HcclAlltoAll(from.data_ptr(), count, element.dtype, parts.data_ptr(), count,
                                  element.dtype, link.comm, link.stream));
    to.copy_(combine(parts));
  } else {
    HCCL_CHECK(api().HcclReduceScatter(from.data_ptr(), to.data_ptr(), count, element.dtype,
                                       hccl_op(op_, row_.does), link.comm, link.stream));
  }
  leave(to, output, link.size);
}

// HCCL has no products here, so these are gathered too.
void Reduction::reduce_scatter(const HcclLink& link, const at::Tensor& input,
                               const std::vector<uint64_t>& counts, const at::Tensor& output) const {
  const at::Tensor from = enter(input);
  const at::Tensor to = place_for(output);
  const HcclElement element = hccl_element(from.scalar_type());
  const uint64_t parts_of_one = from.numel() == input.numel() ? 1 : 2;  // a complex number is two
  std::vector<uint64_t> sends = counts;
  for (uint64_t& count : sends) count *= parts_of_one;
  const std::vector<uint64_t> origins = running_sum(sends);
  const auto own = static_cast<uint64_t>(to.numel());
  at::Tensor spare;
  void* const data = address_of(from, spare);
  if (gathers() || op_ == Op::PRODUCT) {
    const at::Tensor parts = at::empty({link.size, to.numel()}, to.options());
    const std::vector<uint64_t> receives(static_cast<size_t>(link.size), own);
    HCCL_CHECK(api().HcclAlltoAllV(data, sends.data(), origins.data(), element.dtype,
                                   address_of(parts, spare), receives.data(), running_sum(receives).data(),
                                   element.dtype, link.comm, link.stream));
    if (own != 0) to.copy_(combine(parts));
  } else {
    HCCL_CHECK(api().HcclReduceScatterV(data, sends.data(), origins.data(), address_of(to, spare), own,
                                        element.dtype, hccl_op(op_, row_.does), link.comm, link.stream));
  }
  if (own != 0) leave(to, output, link.size);
}

}  // namespace npu
