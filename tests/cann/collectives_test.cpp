// Every collective and message of HCCL between processes, against values computed on the host: dtypes,
// reductions, counts around the borders of the algorithms, in place and not.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/cann/ranks.h"

namespace cann_test {
namespace {

struct Type {
  HcclDataType dtype;
  size_t size;
  bool reduces, multiplies;
};
constexpr Type kTypes[] = {
    {HCCL_DATA_TYPE_INT8, 1, true, true},     {HCCL_DATA_TYPE_INT16, 2, true, false},
    {HCCL_DATA_TYPE_INT32, 4, true, true},    {HCCL_DATA_TYPE_INT64, 8, true, true},
    {HCCL_DATA_TYPE_FP16, 2, true, true},     {HCCL_DATA_TYPE_BFP16, 2, true, false},
    {HCCL_DATA_TYPE_FP32, 4, true, true},     {HCCL_DATA_TYPE_FP64, 8, false, false},
    {HCCL_DATA_TYPE_UINT8, 1, false, false},  {HCCL_DATA_TYPE_UINT16, 2, false, false},
    {HCCL_DATA_TYPE_UINT32, 4, false, false}, {HCCL_DATA_TYPE_UINT64, 8, false, false},
};

// Small integers, which every type holds exactly, so that sums and products are exact too.
uint16_t half_of(float value) {  // of a small integer
  if (value == 0) return 0;
  int exponent = 0;
  const float fraction = std::frexp(std::fabs(value), &exponent);
  return uint16_t((value < 0 ? 0x8000 : 0) | (exponent + 14) << 10 | (int(fraction * 2048) & 0x3ff));
}

void store(const Type& type, void* place, int value) {
  const float f = float(value);
  uint32_t bits;
  std::memcpy(&bits, &f, 4);
  const int64_t wide = value;
  const double d = value;
  const uint16_t half = half_of(f), brain = uint16_t(bits >> 16);
  switch (type.dtype) {
    case HCCL_DATA_TYPE_FP16:
      std::memcpy(place, &half, 2);
      break;
    case HCCL_DATA_TYPE_BFP16:
      std::memcpy(place, &brain, 2);
      break;
    case HCCL_DATA_TYPE_FP32:
      std::memcpy(place, &f, 4);
      break;
    case HCCL_DATA_TYPE_FP64:
      std::memcpy(place, &d, 8);
      break;
    default:
      std::memcpy(place, &wide, type.size);  // little endian
  }
}

int value_of(uint32_t rank, uint64_t i, HcclReduceOp op = HCCL_REDUCE_SUM) {
  const int value = int((i * 7 + rank * 5) % 11) - 5;
  return op == HCCL_REDUCE_PROD ? (value % 3 == 0 ? 1 : value % 3) : value;
}

int reduced(uint32_t size, uint64_t i, HcclReduceOp op) {
  int result = value_of(0, i, op);
  for (uint32_t r = 1; r < size; ++r) {
    const int value = value_of(r, i, op);
    result = op == HCCL_REDUCE_SUM    ? result + value
             : op == HCCL_REDUCE_PROD ? result * value
             : op == HCCL_REDUCE_MAX  ? std::max(result, value)
                                      : std::min(result, value);
  }
  return result;
}

using Value = std::function<int(uint64_t)>;

class Buffer {
 public:
  Buffer(const Type& type, uint64_t count)
      : type_(type), count_(count), data_(World::memory(count * type.size)) {}
  ~Buffer() { aclrtFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  char* at(uint64_t i) { return static_cast<char*>(data_) + i * type_.size; }
  void fill(const Value& value, uint64_t begin = 0, uint64_t end = ~uint64_t{0}) {
    end = std::min(end, count_);
    std::vector<char> host((end - begin) * type_.size);
    for (uint64_t i = begin; i < end; ++i)
      store(type_, host.data() + (i - begin) * type_.size, value(i - begin));
    if (host.empty()) return;
    ASSERT_TRUE(ok(aclrtMemcpy(at(begin), host.size(), host.data(), host.size(), ACL_MEMCPY_HOST_TO_DEVICE)));
  }
  void expect(const Value& value, const char* what) {
    std::vector<char> host(count_ * type_.size), wanted(count_ * type_.size);
    for (uint64_t i = 0; i < count_; ++i) store(type_, wanted.data() + i * type_.size, value(i));
    if (host.empty()) return;
    ASSERT_TRUE(ok(aclrtMemcpy(host.data(), host.size(), data_, host.size(), ACL_MEMCPY_DEVICE_TO_HOST)));
    for (uint64_t i = 0; i < count_; ++i) {
      ASSERT_EQ(std::memcmp(host.data() + i * type_.size, wanted.data() + i * type_.size, type_.size), 0)
          << what << ": element " << i << " of " << count_ << ", dtype " << type_.dtype << ", expected "
          << value(i);
    }
  }

 private:
  const Type& type_;
  const uint64_t count_;
  void* data_;
};

// One dtype and count in a world: each case fills, calls, synchronises and compares.
class Cases {
 public:
  Cases(World& world, const Type& type, uint64_t count) : w(world), type(type), n(count) {}

  void reductions() {
    for (HcclReduceOp op : {HCCL_REDUCE_SUM, HCCL_REDUCE_PROD, HCCL_REDUCE_MAX, HCCL_REDUCE_MIN}) {
      if (!type.reduces || (op == HCCL_REDUCE_PROD && !type.multiplies)) continue;
      all_reduce(op, false);
      all_reduce(op, true);
      reduce(op, w.size - 1);
      reduce_scatter(op, false);
      reduce_scatter(op, true);
      if (op != HCCL_REDUCE_PROD) reduce_scatter_v(op);
    }
  }
  void moves() {
    for (uint32_t root = 0; root < w.size; root += std::max(w.size - 1, 1u)) {
      broadcast(root);
      scatter(root);
    }
    all_gather(false);
    all_gather(true);
    all_gather_v();
    all_to_all();
    all_to_all_v(false);
    all_to_all_v(true);
    ring();
    exchange();
  }

 private:
  void ran(HcclResult code) {
    ASSERT_TRUE(done(code));
    ASSERT_TRUE(ok(w.synchronize()));
  }
  Value own(HcclReduceOp op = HCCL_REDUCE_SUM) {
    return [this, op](uint64_t i) { return value_of(w.rank, i, op); };
  }
  Value result(HcclReduceOp op, uint64_t offset = 0) {
    return [this, op, offset](uint64_t i) { return reduced(w.size, i + offset, op); };
  }

  void all_reduce(HcclReduceOp op, bool in_place) {
    Buffer in(type, n), out(type, n);
    in.fill(own(op));
    Buffer& to = in_place ? in : out;
    ran(HcclAllReduce(in.at(0), to.at(0), n, type.dtype, op, w.comm, w.stream));
    to.expect(result(op), "all_reduce");
  }
  void reduce(HcclReduceOp op, uint32_t root) {
    Buffer in(type, n), out(type, n);
    in.fill(own(op));
    out.fill([](uint64_t) { return 3; });
    ran(HcclReduce(in.at(0), out.at(0), n, type.dtype, op, root, w.comm, w.stream));
    out.expect(
        w.rank == root ? result(op) : [](uint64_t) { return 3; }, "reduce");
    in.expect(own(op), "input of reduce");
  }
  void reduce_scatter(HcclReduceOp op, bool in_place) {
    Buffer in(type, n * w.size), out(type, n);
    in.fill(own(op));
    char* to = in_place ? in.at(n * w.rank) : out.at(0);
    ran(HcclReduceScatter(in.at(0), to, n, type.dtype, op, w.comm, w.stream));
    if (in_place) out_of(in, n * w.rank, out);
    out.expect(result(op, n * w.rank), "reduce_scatter");
  }
  void out_of(Buffer& from, uint64_t begin, Buffer& to) {
    if (n == 0) return;
    ASSERT_TRUE(
        ok(aclrtMemcpy(to.at(0), n * type.size, from.at(begin), n * type.size, ACL_MEMCPY_DEVICE_TO_DEVICE)));
  }
  std::vector<uint64_t> uneven() {
    std::vector<uint64_t> counts;
    for (uint32_t r = 0; r < w.size; ++r) counts.push_back(r == 1 ? 0 : n + r);
    return counts;
  }
  static std::vector<uint64_t> before(const std::vector<uint64_t>& counts) {
    std::vector<uint64_t> sums(counts.size(), 0);
    std::partial_sum(counts.begin(), counts.end() - 1, sums.begin() + 1);
    return sums;
  }
  void reduce_scatter_v(HcclReduceOp op) {
    const std::vector<uint64_t> counts = uneven(), begins = before(counts);
    Buffer in(type, begins.back() + counts.back()), out(type, counts[w.rank]);
    in.fill(own(op));
    ran(HcclReduceScatterV(in.at(0), counts.data(), begins.data(), out.at(0), counts[w.rank], type.dtype, op,
                           w.comm, w.stream));
    out.expect(result(op, begins[w.rank]), "reduce_scatter_v");
  }

  void broadcast(uint32_t root) {
    Buffer data(type, n);
    data.fill(own());
    ran(HcclBroadcast(data.at(0), n, type.dtype, root, w.comm, w.stream));
    data.expect([root](uint64_t i) { return value_of(root, i); }, "broadcast");
  }
  void scatter(uint32_t root) {
    Buffer in(type, n * w.size), out(type, n);
    in.fill(own());
    ran(HcclScatter(w.rank == root ? in.at(0) : nullptr, out.at(0), n, type.dtype, root, w.comm, w.stream));
    out.expect([this, root](uint64_t i) { return value_of(root, i + n * w.rank); }, "scatter");
  }
  void all_gather(bool in_place) {
    Buffer in(type, n), out(type, n * w.size);
    in.fill(own());
    if (in_place) out.fill(own(), n * w.rank, n * (w.rank + 1));
    ran(HcclAllGather(in_place ? out.at(n * w.rank) : in.at(0), out.at(0), n, type.dtype, w.comm, w.stream));
    out.expect([this](uint64_t i) { return value_of(uint32_t(i / n), i % n); }, "all_gather");
  }
  void all_gather_v() {
    const std::vector<uint64_t> counts = uneven(), begins = before(counts);
    Buffer in(type, counts[w.rank]), out(type, begins.back() + counts.back());
    in.fill(own());
    ran(HcclAllGatherV(in.at(0), counts[w.rank], out.at(0), counts.data(), begins.data(), type.dtype, w.comm,
                       w.stream));
    out.expect(
        [&](uint64_t i) {
          uint32_t r = 0;
          while (i >= begins[r] + counts[r]) ++r;
          return value_of(r, i - begins[r]);
        },
        "all_gather_v");
  }
  void all_to_all() {
    Buffer in(type, n * w.size), out(type, n * w.size);
    in.fill(own());
    ran(HcclAlltoAll(in.at(0), n, type.dtype, out.at(0), n, type.dtype, w.comm, w.stream));
    out.expect([this](uint64_t i) { return value_of(uint32_t(i / n), i % n + n * w.rank); }, "all_to_all");
  }
  // Rank a sends n + a + 2 b elements to rank b, and nothing from the last rank to the first.
  void all_to_all_v(bool by_matrix) {
    std::vector<uint64_t> matrix, sends, recvs;
    for (uint32_t a = 0; a < w.size; ++a) {
      for (uint32_t b = 0; b < w.size; ++b) matrix.push_back(a == w.size - 1 && b == 0 ? 0 : n + a + 2 * b);
    }
    for (uint32_t r = 0; r < w.size; ++r) {
      sends.push_back(matrix[w.rank * w.size + r]);
      recvs.push_back(matrix[r * w.size + w.rank]);
    }
    const std::vector<uint64_t> from = before(sends), to = before(recvs);
    Buffer in(type, from.back() + sends.back()), out(type, to.back() + recvs.back());
    in.fill(own());
    ran(by_matrix
            ? HcclAlltoAllVC(in.at(0), matrix.data(), type.dtype, out.at(0), type.dtype, w.comm, w.stream)
            : HcclAlltoAllV(in.at(0), sends.data(), from.data(), type.dtype, out.at(0), recvs.data(),
                            to.data(), type.dtype, w.comm, w.stream));
    out.expect(
        [&](uint64_t i) {
          uint32_t r = 0;
          while (i >= to[r] + recvs[r]) ++r;
          uint64_t begin = 0;
          for (uint32_t b = 0; b < w.rank; ++b) begin += matrix[r * w.size + b];
          return value_of(r, i - to[r] + begin);
        },
        "all_to_all_v");
  }
  // Even ranks send first, odd ones receive first.
  void ring() {
    if (w.size % 2 != 0) return;
    Buffer in(type, n), out(type, n);
    in.fill(own());
    const uint32_t next = (w.rank + 1) % w.size, previous = (w.rank + w.size - 1) % w.size;
    for (int turn = 0; turn < 2; ++turn) {
      const bool sends = int(w.rank % 2) == turn;
      ASSERT_TRUE(done(sends ? HcclSend(in.at(0), n, type.dtype, next, w.comm, w.stream)
                             : HcclRecv(out.at(0), n, type.dtype, previous, w.comm, w.stream)));
    }
    ASSERT_TRUE(ok(w.synchronize()));
    out.expect([previous](uint64_t i) { return value_of(previous, i); }, "send and receive");
  }
  // Two messages to every other rank at once, sent before anything is received.
  void exchange() {
    if (w.size == 1) return;
    Buffer in(type, n), out(type, 2 * n * w.size);
    in.fill(own());
    out.fill(own(), 2 * n * w.rank, 2 * n * w.rank + n);
    out.fill(own(), 2 * n * w.rank + n, 2 * n * w.rank + 2 * n);
    std::vector<HcclSendRecvItem> items;
    for (uint32_t r = 0; r < w.size; ++r) {
      for (int k = 0; r != w.rank && k < 2; ++k) items.push_back({HCCL_SEND, in.at(0), n, type.dtype, r});
    }
    for (uint32_t r = 0; r < w.size; ++r) {
      for (uint32_t k = 0; r != w.rank && k < 2; ++k) {
        items.push_back({HCCL_RECV, out.at((2 * r + k) * n), n, type.dtype, r});
      }
    }
    ran(HcclBatchSendRecv(items.data(), uint32_t(items.size()), w.comm, w.stream));
    out.expect([this](uint64_t i) { return value_of(uint32_t(i / (2 * n)), i % n); }, "a batch of messages");
  }

  World& w;
  const Type& type;
  const uint64_t n;
};

// All in one process for each rank: starting is what takes the time.
TEST(CollectivesOfARank, DISABLED_EveryType) {
  World world;
  world.start();
  world.join();
  // Every type with few ranks; with more of them than cores, what the algorithms tell apart.
  const bool few = world.size <= 2;
  for (const Type& type : kTypes) {
    if (!few && type.dtype != HCCL_DATA_TYPE_FP32 && type.dtype != HCCL_DATA_TYPE_BFP16) continue;
    for (uint64_t count : {uint64_t{0}, uint64_t{1}, uint64_t{33}, uint64_t{1000}, uint64_t{20011}}) {
      Cases cases(world, type, count);
      cases.reductions();
      cases.moves();
      if (testing::Test::HasFailure()) return;
    }
  }
  if (few) {  // more than a unit of memory
    Cases cases(world, kTypes[6], uint64_t{3} << 20);
    cases.reductions();
    cases.moves();
  }
  ASSERT_TRUE(done(HcclBarrier(world.comm, world.stream)));
  world.finish();
}

class CollectivesTest : public testing::TestWithParam<int> {};
TEST_P(CollectivesTest, EveryTypeCountAndForm) {
  EXPECT_TRUE(Ranks(GetParam(), "CollectivesOfARank.DISABLED_EveryType").succeed());
}
INSTANTIATE_TEST_SUITE_P(Sizes, CollectivesTest, testing::Values(1, 2, 3, 4, 8));

}  // namespace
}  // namespace cann_test
