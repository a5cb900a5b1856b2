// Ranks that die, stop, disagree or come too late: what the others see. The program has not used the runtime
// when it forks the ranks, so these are cheap enough to do it hundreds of times.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <random>

#include "hccl/hccl.h"
#include "tests/softnpu/soft_test.h"

namespace soft_test {
namespace {

// How a rank ends.
enum Code { kFine = 0, kRefused = 42, kWrong = 43, kBroken = 44 };

// In memory that the ranks share with the test: what they tell.
struct Board {
  HcclRootInfo root;
  std::atomic<int> root_is_there;
  std::atomic<int> rounds;  // of the slowest rank, roughly
  char text[8][1024];
};

class Rank {
 public:
  int rank = 0, size = 0;
  Board* board = nullptr;
  HcclComm comm = nullptr;
  aclrtStream stream = nullptr;
  float* data = nullptr;  // room for kLarge
  static constexpr uint64_t kSmall = 100, kLarge = 300000;

  void say(const char* format, ...) __attribute__((format(printf, 2, 3))) {
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(board->text[rank], sizeof(board->text[rank]), format, arguments);
    va_end(arguments);
  }
  // Ends the process where a call fails.
  void must(int code) {
    if (code == 0) return;
    const std::string text = message();
    say("%d: %s", code, text.c_str());
    _exit(kBroken);
  }
  void start(int device = -1) {
    must(aclInit(nullptr));
    must(aclrtSetDevice(device < 0 ? rank : device));
    must(aclrtCreateStream(&stream));
    void* memory = nullptr;
    must(aclrtMalloc(&memory, kLarge * sizeof(float), ACL_MEM_MALLOC_HUGE_FIRST));
    data = static_cast<float*>(memory);
  }
  void join() {
    if (rank == 0) {
      must(HcclGetRootInfo(&board->root));
      board->root_is_there.store(1);
    }
    for (int look = 0; board->root_is_there.load() == 0; ++look) {
      if (look == 10000) say("rank 0 did not say where to meet");
      if (look == 10000) _exit(kBroken);
      usleep(200);
    }
    must(HcclCommInitRootInfo(uint32_t(size), &board->root, uint32_t(rank), &comm));
  }
  int all_reduce(uint64_t count, HcclReduceOp op = HCCL_REDUCE_SUM) {
    int code = HcclAllReduce(data, data, count, HCCL_DATA_TYPE_FP32, op, comm, stream);
    return code != 0 ? code : aclrtSynchronizeStream(stream);
  }
  // Sums ones until something fails; a result that is not the sum is the worst that can happen.
  [[noreturn]] void sum_for_ever() {
    std::vector<float> ones(kLarge), result(kLarge);
    std::fill(ones.begin(), ones.end(), 1.0f);
    for (int round = 0;; ++round) {
      const uint64_t count = round % 2 == 0 ? kSmall : kLarge, bytes = count * sizeof(float);
      must(aclrtMemcpy(data, bytes, ones.data(), bytes, ACL_MEMCPY_HOST_TO_DEVICE));
      if (int code = all_reduce(count); code != 0) {
        const std::string text = message();
        say("%d: %s", code, text.c_str());
        _exit(kRefused);
      }
      must(aclrtMemcpy(result.data(), bytes, data, bytes, ACL_MEMCPY_DEVICE_TO_HOST));
      for (uint64_t i = 0; i < count; ++i) {
        if (result[i] != float(size)) _exit(kWrong);
      }
      board->rounds.fetch_add(1);
    }
  }
  // Ends with what synchronising says.
  [[noreturn]] void end_with(int code) {
    const std::string text = message();
    say("%d: %s", code, text.c_str());
    _exit(code == 0 ? kFine : kRefused);
  }
};

class Job {
 public:
  Job(int size, const std::function<void(Rank&)>& body) {
    void* memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    board = static_cast<Board*>(memory);
    for (int rank = 0; rank < size; ++rank) {
      const pid_t pid = fork();
      if (pid == 0) {
        Rank self;
        self.rank = rank;
        self.size = size;
        self.board = board;
        body(self);
        _exit(kBroken);
      }
      pids_.push_back(pid);
    }
  }
  ~Job() {
    for (pid_t pid : pids_) {
      if (pid == 0) continue;
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
    munmap(board, sizeof(Board));
  }
  void signal(int rank, int number) { kill(pids_[size_t(rank)], number); }
  // Exit code, 128 + signal, or -1 where it does not end in time.
  int wait(int rank, double seconds) {
    for (auto begin = std::chrono::steady_clock::now(); seconds_since(begin) < seconds; usleep(500)) {
      int status = 0;
      if (waitpid(pids_[size_t(rank)], &status, WNOHANG) == 0) continue;
      pids_[size_t(rank)] = 0;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return -1;
  }
  std::string text(int rank) const { return board->text[rank]; }
  Board* board;

 private:
  std::vector<pid_t> pids_;
};

TEST(SurvivorsTest, ARankKilledAtAnyMoment) {
  std::mt19937 random(20250101);
  setenv("SOFTNPU_HCCL_CONNECT_TIMEOUT", "1", 1);  // for a rank that dies before it has said a word
  int in_the_middle = 0;
  const int rounds = softnpu_strict() ? 40 : 200;  // the strict rules change nothing here
  for (int round = 0; round < rounds; ++round) {
    const int size = 2 + round % 2, victim = int(random() % unsigned(size));
    Job job(size, [](Rank& rank) {
      rank.start();
      rank.join();
      rank.sum_for_ever();
    });
    // A third of them while the communicator is being made.
    const bool early = round % 3 == 0;
    while (!early && job.board->rounds.load() < size) usleep(100);
    usleep(unsigned(random() % 20000));
    in_the_middle += job.board->rounds.load() > 0 ? 1 : 0;
    job.signal(victim, SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    for (int rank = 0; rank < size; ++rank) {
      const int code = job.wait(rank, 10);
      if (rank == victim) {
        EXPECT_EQ(code, 128 + SIGKILL);
        continue;
      }
      EXPECT_TRUE(code == kRefused || (early && code == kBroken))
          << "round " << round << ": rank " << rank << " of " << size << " ended with " << code << " ("
          << job.text(rank) << ") after rank " << victim << " was killed";
      EXPECT_LT(seconds_since(killed), early ? 4 : 2) << "round " << round;
      EXPECT_FALSE(job.text(rank).empty());
    }
    ASSERT_FALSE(HasFailure());
  }
  unsetenv("SOFTNPU_HCCL_CONNECT_TIMEOUT");
  EXPECT_GT(in_the_middle, rounds / 2) << "most of them should have been at work";
}

// Both ranks end with a text that holds the word, in less than `seconds`.
void expect_all_refused(Job& job, int size, const std::string& word, double seconds = 3) {
  const auto begin = std::chrono::steady_clock::now();
  for (int rank = 0; rank < size; ++rank) {
    EXPECT_EQ(job.wait(rank, 30), kRefused) << "rank " << rank << ": " << job.text(rank);
    EXPECT_TRUE(contains(job.text(rank), word)) << "rank " << rank << ": " << job.text(rank);
  }
  EXPECT_LT(seconds_since(begin), seconds);
}

TEST(MismatchTest, TwoCounts) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    rank.end_with(rank.all_reduce(rank.rank == 0 ? 10 : 20));
  });
  expect_all_refused(job, 2, "EI0005");
  EXPECT_TRUE(contains(job.text(0), "all_reduce of 20 float32 with sum")) << job.text(0);
}

TEST(MismatchTest, TwoReductions) {
  Job job(3, [](Rank& rank) {
    rank.start();
    rank.join();
    rank.end_with(rank.all_reduce(Rank::kLarge, rank.rank == 2 ? HCCL_REDUCE_MAX : HCCL_REDUCE_SUM));
  });
  expect_all_refused(job, 3, "with max");
}

TEST(MismatchTest, TwoOperationsDtypesAndRoots) {
  for (int what = 0; what < 3; ++what) {
    Job job(2, [what](Rank& rank) {
      rank.start();
      rank.join();
      const bool odd = rank.rank == 1;
      int code = 0;
      if (what == 0) {
        code = odd ? int(HcclBroadcast(rank.data, 8, HCCL_DATA_TYPE_FP32, 0, rank.comm, rank.stream))
                   : int(HcclAllReduce(rank.data, rank.data, 8, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM,
                                       rank.comm, rank.stream));
      } else if (what == 1) {
        code = HcclBroadcast(rank.data, 8, odd ? HCCL_DATA_TYPE_INT32 : HCCL_DATA_TYPE_FP32, 0, rank.comm,
                             rank.stream);
      } else {
        code = HcclBroadcast(rank.data, 8, HCCL_DATA_TYPE_FP32, odd ? 1 : 0, rank.comm, rank.stream);
      }
      rank.must(code);
      rank.end_with(aclrtSynchronizeStream(rank.stream));
    });
    expect_all_refused(job, 2, "EI0005");
  }
}

TEST(MismatchTest, AMessageAgainstACollective) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.rank == 0) rank.end_with(rank.all_reduce(8));
    rank.must(HcclRecv(rank.data, 8, HCCL_DATA_TYPE_FP32, 0, rank.comm, rank.stream));
    rank.end_with(aclrtSynchronizeStream(rank.stream));
  });
  expect_all_refused(job, 2, "different operations");
}

TEST(MismatchTest, MessagesOfTwoSizes) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    rank.must(rank.rank == 0 ? HcclSend(rank.data, 8, HCCL_DATA_TYPE_FP32, 1, rank.comm, rank.stream)
                             : HcclRecv(rank.data, 9, HCCL_DATA_TYPE_FP32, 0, rank.comm, rank.stream));
    rank.end_with(aclrtSynchronizeStream(rank.stream));
  });
  expect_all_refused(job, 2, "sends 8 float32");
}

TEST(MismatchTest, ARankThatLeaves) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.all_reduce(8) != 0) _exit(kBroken);
    if (rank.rank == 1) {
      rank.must(HcclCommDestroy(rank.comm));
      sleep(2);  // it lives on, so only what it did can be the reason
      _exit(kRefused);
    }
    rank.end_with(rank.all_reduce(8));
  });
  EXPECT_EQ(job.wait(0, 1.5), kRefused);
  EXPECT_TRUE(contains(job.text(0), "has destroyed the communicator")) << job.text(0);
}

TEST(TimeoutTest, NamesWhoIsLate) {
  setenv("SOFTNPU_HCCL_TIMEOUT", "0.5", 1);
  Job job(3, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.all_reduce(8) != 0) _exit(kBroken);
    if (rank.rank == 1) raise(SIGSTOP);
    rank.end_with(rank.all_reduce(8));
  });
  unsetenv("SOFTNPU_HCCL_TIMEOUT");
  for (int rank : {0, 2}) {
    EXPECT_EQ(job.wait(rank, 20), kRefused) << job.text(rank);
    EXPECT_TRUE(contains(job.text(rank), "EI0002")) << job.text(rank);
    EXPECT_TRUE(contains(job.text(rank), "for rank 1 (process")) << job.text(rank);
    EXPECT_TRUE(contains(job.text(rank), "#2")) << job.text(rank);
  }
}

TEST(TimeoutTest, OfTheMeetingNamesWhoIsMissing) {
  setenv("SOFTNPU_HCCL_CONNECT_TIMEOUT", "0.5", 1);
  Job job(3, [](Rank& rank) {
    rank.start();
    if (rank.rank == 1) sleep(60);
    rank.join();
  });
  unsetenv("SOFTNPU_HCCL_CONNECT_TIMEOUT");
  for (int rank : {0, 2}) {
    EXPECT_EQ(job.wait(rank, 20), kBroken);
    EXPECT_TRUE(contains(job.text(rank), "EI0015")) << job.text(rank);
    EXPECT_TRUE(contains(job.text(rank), "are here: 0, 2; missing: 1")) << job.text(rank);
  }
}

TEST(MeetingTest, TwoRanksOnOneDevice) {
  Job job(2, [](Rank& rank) {
    rank.start(0);
    rank.join();
  });
  for (int rank : {0, 1}) {
    EXPECT_EQ(job.wait(rank, 10), kBroken);
    EXPECT_TRUE(contains(job.text(rank), "use one device")) << job.text(rank);
  }
}

TEST(MeetingTest, StrangersAreTurnedAway) {
  Job job(2, [](Rank& rank) {
    rank.start();
    if (rank.rank == 1) {
      while (rank.board->root_is_there.load() == 0) usleep(200);
      // Two that say nothing of use to the root: noise, and silence.
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      const char* socket_name = rank.board->root.internal + 12;  // after magic and process
      std::snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", socket_name);
      const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(socket_name));
      for (int i = 0; i < 2; ++i) {
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        rank.must(connect(fd, reinterpret_cast<sockaddr*>(&address), length));
        std::vector<char> noise(4096, 'x');
        if (i == 0 && write(fd, noise.data(), noise.size()) < 0) _exit(kBroken);
      }
    }
    rank.join();
    rank.end_with(rank.all_reduce(8));
  });
  EXPECT_EQ(job.wait(0, 20), kFine) << job.text(0);
  EXPECT_EQ(job.wait(1, 20), kFine) << job.text(1);
}

TEST(MeetingTest, ARootInfoServesOnce) {
  Job job(1, [](Rank& rank) {
    rank.start();
    rank.join();
    HcclComm other = nullptr;
    rank.must(HcclCommDestroy(rank.comm));
    const int code = HcclCommInitRootInfo(1, &rank.board->root, 0, &other);
    rank.end_with(code);
  });
  EXPECT_EQ(job.wait(0, 10), kRefused);
  EXPECT_TRUE(contains(job.text(0), "was used before")) << job.text(0);
}

// Pitfall: the communication stream fails, but the event after it seems reached, and the program goes on with
// a tensor that nobody reduced.
TEST(SurvivorsTest, AnEventAfterAFailedCollectiveCarriesTheFailure) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.all_reduce(8) != 0) _exit(kBroken);
    if (rank.rank == 1) raise(SIGKILL);
    aclrtStream compute = nullptr;
    aclrtEvent event = nullptr;
    rank.must(aclrtCreateStream(&compute));
    rank.must(aclrtCreateEventExWithFlag(&event, ACL_EVENT_SYNC));
    rank.must(
        HcclAllReduce(rank.data, rank.data, 8, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM, rank.comm, rank.stream));
    rank.must(aclrtRecordEvent(event, rank.stream));
    rank.must(aclrtStreamWaitEvent(compute, event));
    const int code = aclrtSynchronizeStream(compute);
    HcclResult async = HCCL_SUCCESS;
    rank.must(HcclGetCommAsyncError(rank.comm, &async));
    if (async != HCCL_E_REMOTE) _exit(kWrong);
    rank.end_with(code);
  });
  EXPECT_EQ(job.wait(0, 10), kRefused) << job.text(0);
  EXPECT_TRUE(contains(job.text(0), "rank 1 (process")) << job.text(0);
  EXPECT_TRUE(contains(job.text(0), "has ended")) << job.text(0);
}

TEST(SurvivorsTest, DestroyingEndsAWait) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.rank == 1) {
      sleep(5);
      _exit(kFine);
    }
    rank.must(
        HcclAllReduce(rank.data, rank.data, 8, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM, rank.comm, rank.stream));
    usleep(300000);
    rank.must(HcclCommDestroy(rank.comm));
    rank.end_with(aclrtSynchronizeStream(rank.stream));
  });
  EXPECT_EQ(job.wait(0, 3), kRefused) << job.text(0);
  EXPECT_TRUE(contains(job.text(0), "was destroyed on this rank")) << job.text(0);
}

TEST(SurvivorsTest, AForkedChildHasNoPart) {
  Job job(1, [](Rank& rank) {
    rank.start();
    rank.join();
    const pid_t child = fork();
    if (child == 0) {
      HcclResult async = HCCL_SUCCESS;
      const bool refused = HcclGetCommAsyncError(rank.comm, &async) == HCCL_E_RUNTIME &&
                           HcclCommDestroy(rank.comm) == HCCL_E_RUNTIME && rank.all_reduce(8) != 0;
      _exit(refused ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) _exit(kWrong);
    rank.end_with(rank.all_reduce(8));
  });
  EXPECT_EQ(job.wait(0, 10), kFine) << job.text(0);
}

// A task that fails before the collective on one rank: the other must not wait for it.
TEST(SurvivorsTest, AFailedStreamIsToldToTheOthers) {
  Job job(2, [](Rank& rank) {
    rank.start();
    rank.join();
    if (rank.all_reduce(8) != 0) _exit(kBroken);
    if (rank.rank == 1) {
      rank.must(enqueue_failure(rank.stream));
      (void)HcclAllReduce(rank.data, rank.data, 8, HCCL_DATA_TYPE_FP32, HCCL_REDUCE_SUM, rank.comm,
                          rank.stream);
      rank.end_with(aclrtSynchronizeStream(rank.stream));
    }
    rank.end_with(rank.all_reduce(8));
  });
  EXPECT_EQ(job.wait(0, 3), kRefused) << job.text(0);
  EXPECT_TRUE(contains(job.text(0), "an earlier task of its stream has failed")) << job.text(0);
}

}  // namespace
}  // namespace soft_test
