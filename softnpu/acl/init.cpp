// aclInit, aclFinalize, and the program's log.
#include <sys/stat.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

#include "acl/acl.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/error.h"

namespace softnpu {
namespace {

std::mutex g_mutex;
uint64_t g_references = 0;

// What a configuration file may ask for that the software NPU cannot do.
aclError read_configuration(const char* path) {
  if (path == nullptr || *path == '\0') return ACL_SUCCESS;
  std::ifstream file(path);
  struct stat status {};
  if (!file || stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ACL_ERROR_INVALID_FILE, "the configuration file %s cannot be read.", path);
  }
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  size_t first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  if (first == std::string::npos) return ACL_SUCCESS;
  if (text[first] != '{' || text[last] != '}') {
    return fail(ACL_ERROR_PARSE_FILE, "the configuration file %s is not a JSON object.", path);
  }
  // Dumps of failed operators and a default device change nothing here; these would have to.
  for (const char* wish : {"\"dump_list\"", "\"dump_debug\"", "\"profiler\""}) {
    if (text.find(wish) == std::string::npos) continue;
    std::fprintf(stderr, "[WARNING] the software NPU cannot do what %s in %s asks for.\n", wish, path);
  }
  return ACL_SUCCESS;
}

}  // namespace
}  // namespace softnpu

using softnpu::entry;
using softnpu::fail;

extern "C" {

aclError aclInit(const char* configPath) {
  return entry(__func__, [&]() -> aclError {
    const softnpu::Settings& settings = softnpu::settings();
    if (!settings.problem.empty()) return fail(ACL_ERROR_INVALID_PARAM, "%s", settings.problem.c_str());
    std::lock_guard<std::mutex> guard(softnpu::g_mutex);
    if (softnpu::g_references > 0) {
      ++softnpu::g_references;
      return fail(ACL_ERROR_REPEAT_INITIALIZE, "the runtime is initialised already.");
    }
    aclError result = softnpu::read_configuration(configPath);
    if (result == ACL_SUCCESS) softnpu::g_references = 1;
    return result;
  });
}

aclError aclFinalize(void) {
  return entry(__func__, [&]() -> aclError {
    std::lock_guard<std::mutex> guard(softnpu::g_mutex);
    if (softnpu::g_references == 0) return fail(ACL_ERROR_REPEAT_FINALIZE, "the runtime is not initialised.");
    softnpu::g_references = 0;
    return ACL_SUCCESS;
  });
}

aclError aclFinalizeReference(uint64_t* refCount) {
  return entry(__func__, [&]() -> aclError {
    std::lock_guard<std::mutex> guard(softnpu::g_mutex);
    if (softnpu::g_references == 0) return fail(ACL_ERROR_REPEAT_FINALIZE, "the runtime is not initialised.");
    --softnpu::g_references;
    if (refCount != nullptr) *refCount = softnpu::g_references;
    return ACL_SUCCESS;
  });
}

void aclAppLog(aclLogLevel logLevel, const char* func, const char* file, uint32_t line, const char* fmt,
               ...) {
  const softnpu::Settings& settings = softnpu::settings();
  if (!settings.print_log || logLevel < settings.log_level || fmt == nullptr) return;
  static constexpr const char* kNames[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
  char text[1024];
  std::va_list arguments;
  va_start(arguments, fmt);
  std::vsnprintf(text, sizeof(text), fmt, arguments);
  va_end(arguments);
  std::printf("[%s] APP %s:%u %s: %s\n", kNames[logLevel & 3], file == nullptr ? "" : file, line,
              func == nullptr ? "" : func, text);
  std::fflush(stdout);
}

}  // extern "C"
