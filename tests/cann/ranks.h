// Processes that form one communicator. A test starts them with Ranks, which runs the DISABLED_ test of the
// given name in each; there, World joins the communicator and owns a stream and buffers.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "hccl/hccl.h"
#include "tests/cann/cann_test.h"
#include "tests/cann/child.h"

namespace cann_test {

inline testing::AssertionResult done(HcclResult code) {
  if (code == HCCL_SUCCESS) return testing::AssertionSuccess();
  const char* text = aclGetRecentErrMsg();
  return testing::AssertionFailure() << HcclGetErrorString(code) << " (" << code
                                     << "): " << (text == nullptr ? "(no text)" : text);
}

// A call of HCCL that must fail with this code and a text that holds `word`.
inline testing::AssertionResult declined(HcclResult code, HcclResult expected, const std::string& word = "") {
  const char* text = aclGetRecentErrMsg();
  const std::string said = text == nullptr ? "" : text;
  if (code != expected || said.empty() || said.find(word) == std::string::npos) {
    return testing::AssertionFailure() << "result " << code << " instead of " << expected << ", text '"
                                       << said << "' should hold '" << word << "'";
  }
  return testing::AssertionSuccess();
}

class Ranks {
 public:
  Ranks(int size, const std::string& test, Child::Variables variables = {}) {
    variables["TEST_SIZE"] = std::to_string(size);
    for (int rank = 0; rank < size; ++rank) {
      variables["TEST_RANK"] = std::to_string(rank);
      children_.push_back(std::make_unique<Child>(test, variables));
    }
  }
  // Passes the root info of rank 0 to the others.
  bool introduce() {
    if (!children_[0]->says("<<<root ") || !children_[0]->says(">>>")) return false;
    const std::string& text = children_[0]->text();
    const size_t begin = text.find("<<<root ") + 8;
    for (size_t rank = 1; rank < children_.size(); ++rank) {
      children_[rank]->tell(text.substr(begin, text.find(">>>", begin) - begin));
    }
    return true;
  }
  Child& operator[](int rank) { return *children_[size_t(rank)]; }
  int size() const { return int(children_.size()); }
  // All end well.
  testing::AssertionResult succeed(int seconds = 120) {
    if (!introduce()) return testing::AssertionFailure() << "no root info:\n" << children_[0]->text();
    for (int rank = 0; rank < size(); ++rank) {
      if (int code = children_[size_t(rank)]->wait(seconds); code != 0) {
        return testing::AssertionFailure() << "rank " << rank << " ended with " << code << ":\n"
                                           << children_[size_t(rank)]->text();
      }
    }
    return testing::AssertionSuccess();
  }

 private:
  std::vector<std::unique_ptr<Child>> children_;
};

// In a rank.
class World {
 public:
  const uint32_t rank = uint32_t(std::atoi(std::getenv("TEST_RANK")));
  const uint32_t size = uint32_t(std::atoi(std::getenv("TEST_SIZE")));
  HcclComm comm = nullptr;
  aclrtStream stream = nullptr;

  void start() {
    ASSERT_TRUE(ok(aclInit(nullptr)));
    ASSERT_TRUE(ok(aclrtSetDevice(int32_t(rank))));
    ASSERT_TRUE(ok(aclrtCreateStream(&stream)));
  }
  void join() {
    HcclRootInfo info;
    exchange(&info);
    ASSERT_TRUE(done(HcclCommInitRootInfo(size, &info, rank, &comm)));
  }
  // Rank 0 makes the root info, the others hear of it.
  void exchange(HcclRootInfo* info) {
    if (rank == 0) {
      ASSERT_TRUE(done(HcclGetRootInfo(info)));
      std::string hex = "<<<root ";
      char byte[3];
      for (char c : info->internal) {
        std::snprintf(byte, sizeof(byte), "%02x", unsigned(static_cast<unsigned char>(c)));
        hex += byte;
      }
      std::puts((hex + ">>>").c_str());
      std::fflush(stdout);
      return;
    }
    const std::string line = hear();
    ASSERT_EQ(line.size(), 2 * sizeof(info->internal));
    for (size_t i = 0; i < sizeof(info->internal); ++i) {
      info->internal[i] = char(std::strtol(line.substr(2 * i, 2).c_str(), nullptr, 16));
    }
  }
  void finish() {
    ASSERT_TRUE(ok(aclrtSynchronizeStream(stream)));
    ASSERT_TRUE(done(HcclCommDestroy(comm)));
  }
  static void* memory(size_t bytes) {
    void* pointer = nullptr;
    EXPECT_TRUE(ok(aclrtMalloc(&pointer, bytes == 0 ? 1 : bytes, ACL_MEM_MALLOC_HUGE_FIRST)));
    return pointer;
  }
  int synchronize() { return aclrtSynchronizeStream(stream); }
};

}  // namespace cann_test
