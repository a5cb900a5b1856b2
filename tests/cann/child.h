// Another process of the same program: a test whose name begins with DISABLED_ is the child's part, and is
// run there with the variables that its parent sets.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace cann_test {

class Child {
 public:
  using Variables = std::map<std::string, std::string>;

  // `test` is "Suite.DISABLED_Name". An empty value unsets the variable.
  explicit Child(const std::string& test, const Variables& variables = {}) {
    int to_child[2], from_child[2];
    if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0) abort();
    Variables environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      std::string text = *entry;
      size_t equals = text.find('=');
      environment[text.substr(0, equals)] = text.substr(equals + 1);
    }
    for (auto& [name, value] : variables) environment[name] = value;
    std::vector<std::string> texts;
    for (auto& [name, value] : environment) {
      bool unset = value.empty() && variables.count(name) != 0;
      if (!unset) texts.push_back(name + "=" + value);
    }
    std::vector<char*> environment_list;
    for (std::string& text : texts) environment_list.push_back(text.data());
    environment_list.push_back(nullptr);
    std::string filter = "--gtest_filter=" + test;
    std::string program = "/proc/self/exe", also = "--gtest_also_run_disabled_tests",
                plain = "--gtest_color=no";
    char* arguments[] = {program.data(), filter.data(), also.data(), plain.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], 1);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], 2);
    if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environment_list.data()) != 0)
      abort();
    posix_spawn_file_actions_destroy(&actions);
    close(to_child[0]);
    close(from_child[1]);
    input_ = to_child[1];
    output_ = from_child[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (!ended_) kill_and_wait();
    close(input_);
    close(output_);
  }

  int pid() const { return pid_; }
  const std::string& text() const { return text_; }

  // A line to the child's standard input.
  void tell(const std::string& line) {
    std::string text = line + "\n";
    if (write(input_, text.data(), text.size()) < 0) return;
  }
  // Reads the child's output until `word` was in it; false when it ended before, or after `seconds`.
  bool says(const std::string& word, int seconds = 30) {
    while (text_.find(word) == std::string::npos) {
      pollfd ready{output_, POLLIN, 0};
      if (poll(&ready, 1, seconds * 1000) <= 0) return false;
      char bytes[4096];
      ssize_t count = read(output_, bytes, sizeof(bytes));
      if (count <= 0) return false;
      text_.append(bytes, size_t(count));
    }
    return true;
  }
  // Exit code, or 128 + signal; -3 when the test was not there. Kills it when it takes longer.
  int wait(int seconds = 60) {
    says("\x01never said", seconds);
    int status = 0;
    for (int i = 0; i < seconds * 100; ++i) {
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        ended_ = true;
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        bool nothing_ran = code == 0 && text_.find("[  PASSED  ] 1 test.") == std::string::npos;
        return nothing_ran ? -3 : code;
      }
      usleep(10000);
    }
    kill_and_wait();
    return -1;
  }
  void kill_and_wait() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    ended_ = true;
  }

 private:
  pid_t pid_ = 0;
  int input_ = -1, output_ = -1;
  bool ended_ = false;
  std::string text_;
};

// In the child: what the parent tells.
inline std::string hear() {
  std::string line;
  char c;
  while (read(0, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace cann_test
