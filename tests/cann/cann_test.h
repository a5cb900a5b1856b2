// Common to the tests of the C ABI. They use nothing but the ABI, so that they run on a real toolkit as well.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "acl/acl.h"

namespace cann_test {

inline testing::AssertionResult ok(int code) {
  if (code == ACL_SUCCESS) return testing::AssertionSuccess();
  const char* text = aclGetRecentErrMsg();
  return testing::AssertionFailure() << "error " << code << ": " << (text == nullptr ? "(no text)" : text);
}

// A refusal has a code and says why.
inline testing::AssertionResult refused(int code, int expected) {
  const char* text = aclGetRecentErrMsg();
  if (code != expected) {
    return testing::AssertionFailure() << "error " << code << " instead of " << expected << ": "
                                       << (text == nullptr ? "(no text)" : text);
  }
  if (text == nullptr || *text == '\0')
    return testing::AssertionFailure() << "error " << code << " without a text";
  return testing::AssertionSuccess();
}
inline testing::AssertionResult refused(int code) {
  if (code == ACL_SUCCESS) return testing::AssertionFailure() << "was accepted";
  return refused(code, code);
}

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Holds a stream until it is opened: enqueue() puts a host function that waits for it.
class Gate {
 public:
  ~Gate() { open(); }
  void open() {
    std::lock_guard<std::mutex> guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Waits until a stream has arrived.
  bool reached(double seconds = 20) {
    std::unique_lock<std::mutex> guard(mutex_);
    return changed_.wait_for(guard, std::chrono::duration<double>(seconds), [&] { return reached_; });
  }
  int enqueue(aclrtStream stream) {
    return aclrtLaunchHostFunc(
        stream, [](void* gate) { static_cast<Gate*>(gate)->pass(); }, this);
  }

 private:
  void pass() {
    std::unique_lock<std::mutex> guard(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(guard, [&] { return open_; });
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false, reached_ = false;
};

// Device 0 on the thread of the test.
class OnDevice : public testing::Test {
 protected:
  void SetUp() override {
    int code = aclInit(nullptr);
    ASSERT_TRUE(code == ACL_SUCCESS || code == ACL_ERROR_REPEAT_INITIALIZE) << code;
    ASSERT_TRUE(ok(aclrtSetDevice(0)));
    while (aclGetRecentErrMsg() != nullptr) {
    }
  }

  void* device_memory(size_t size) {
    void* pointer = nullptr;
    EXPECT_TRUE(ok(aclrtMalloc(&pointer, size, ACL_MEM_MALLOC_HUGE_FIRST)));
    return pointer;
  }
  aclrtStream stream() {
    aclrtStream made = nullptr;
    EXPECT_TRUE(ok(aclrtCreateStream(&made)));
    return made;
  }
  aclrtEvent event(uint32_t flags = ACL_EVENT_SYNC) {
    aclrtEvent made = nullptr;
    EXPECT_TRUE(ok(aclrtCreateEventExWithFlag(&made, flags)));
    return made;
  }
  static void fill(void* pointer, size_t size, int seed) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = uint8_t(i * 7 + seed);
    EXPECT_TRUE(ok(aclrtMemcpy(pointer, size, bytes.data(), size, ACL_MEMCPY_HOST_TO_DEVICE)));
  }
  static bool holds(const void* pointer, size_t size, int seed) {
    std::vector<uint8_t> bytes(size);
    EXPECT_TRUE(ok(aclrtMemcpy(bytes.data(), size, pointer, size, ACL_MEMCPY_DEVICE_TO_HOST)));
    for (size_t i = 0; i < size; ++i) {
      if (bytes[i] != uint8_t(i * 7 + seed)) return false;
    }
    return true;
  }
};

}  // namespace cann_test
