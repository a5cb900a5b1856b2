#include "csrc/acl/Library.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <vector>

#include <c10/util/Exception.h>

#include "acl/acl.h"
#include "csrc/acl/Env.h"
#include "csrc/acl/Log.h"

namespace npu {

const char* const kCannAllowedValues = "auto, soft, off or a directory";
const char* const kCannDocumentation =
    "Which CANN to use. `auto`: the toolkit of ASCEND_HOME_PATH or ASCEND_TOOLKIT_HOME, else the one "
    "installed in the "
    "default place, else the software NPU that comes with this package. `soft`: that software NPU. `off`: "
    "none, so "
    "that torch.npu.is_available() is False. A directory: the toolkit installed there.";

namespace {

#if defined(__aarch64__)
#define NPU_ARCH "aarch64-linux"
#else
#define NPU_ARCH "x86_64-linux"
#endif
// Where toolkits of different releases keep libraries, below their root.
constexpr const char* kSubdirectories[] = {"", "/lib64", "/" NPU_ARCH "/lib64", "/runtime/lib64",
                                           "/compiler/lib64"};
#undef NPU_ARCH

constexpr const char* kDefaultToolkits[] = {"/usr/local/Ascend/ascend-toolkit/latest",
                                            "/usr/local/Ascend/cann"};
constexpr int kOldestMajorVersion = 8;

// In dependency order; loading one loads what comes before it, except that collectives do not need operators.
constexpr const char* kFiles[] = {"libascendcl.so", "libnnopbase.so", "libopapi.so", "libhccl.so"};
constexpr int kLibraries = std::size(kFiles);

bool is_file(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// The directory below `root` that has `file`; empty where none has.
std::string find_directory(const std::string& root, const char* file) {
  for (const char* subdirectory : kSubdirectories) {
    const std::string directory = root + subdirectory;
    if (is_file(directory + "/" + file)) return directory;
  }
  return "";
}

std::string bundled_directory() {
  Dl_info info;
  TORCH_INTERNAL_ASSERT(::dladdr(reinterpret_cast<const void*>(&cann_choice), &info) != 0);
  std::string path = info.dli_fname;
  if (path.front() != '/') {
    char* absolute = ::realpath(path.c_str(), nullptr);
    TORCH_CHECK(absolute != nullptr, "The library ", path, " is not where it was loaded from.");
    path = absolute;
    std::free(absolute);
  }
  return path.substr(0, path.rfind('/')) + "/softnpu";
}

std::string looked_in(const std::string& root) {
  std::string text;
  for (const char* subdirectory : kSubdirectories) text += (text.empty() ? "" : ", ") + root + subdirectory;
  return text;
}

CannChoice choose_automatically() {
  for (const char* variable : {"ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME"}) {
    const std::string root = without_trailing_slash(env::get_text(variable));
    if (root.empty()) continue;
    if (std::string directory = find_directory(root, kFiles[0]); !directory.empty()) {
      return {CannMode::kToolkit, false, directory};
    }
    log(LogLevel::kWarning, std::string(variable) + "=" + root + " has no " + kFiles[0] + " (looked in " +
                                looked_in(root) + "); looking elsewhere");
  }
  for (const char* root : kDefaultToolkits) {
    if (std::string directory = find_directory(root, kFiles[0]); !directory.empty()) {
      return {CannMode::kToolkit, false, directory};
    }
  }
  const std::string bundled = bundled_directory();
  if (is_file(bundled + "/" + kFiles[0])) return {CannMode::kBundled, false, bundled};
  return {CannMode::kOff, false, ""};
}

CannChoice choose() {
  const std::string value = env::get_text("TORCH_NPU_CANN");
  if (value == "auto") return choose_automatically();
  if (value == "off") return {CannMode::kOff, true, ""};
  if (value == "soft") {
    const std::string directory = bundled_directory();
    TORCH_CHECK(is_file(directory + "/" + kFiles[0]), "TORCH_NPU_CANN=soft, but this installation has no ",
                kFiles[0], " in ", directory, "; install the package again.");
    return {CannMode::kBundled, true, directory};
  }
  const std::string root = without_trailing_slash(value);
  std::string directory = find_directory(root, kFiles[0]);
  TORCH_CHECK_VALUE(!directory.empty(), "TORCH_NPU_CANN=", value,
                    " is not the directory of a CANN toolkit: there is no ", kFiles[0], " in ",
                    looked_in(root), "; it must be ", kCannAllowedValues, ".");
  if (directory.front() != '/') {
    char* absolute = ::realpath(directory.c_str(), nullptr);
    if (absolute != nullptr) directory = absolute;
    std::free(absolute);
  }
  return {CannMode::kToolkit, true, directory};
}

// The root above the directory of the libraries, without knowing which of kSubdirectories it was.
std::string root_of(const std::string& directory) {
  for (const char* subdirectory : kSubdirectories) {
    const size_t length = std::strlen(subdirectory);
    if (length != 0 && directory.size() > length &&
        directory.compare(directory.size() - length, length, subdirectory) == 0) {
      const std::string root = directory.substr(0, directory.size() - length);
      if (root.find("-linux") == std::string::npos) return root;
    }
  }
  return directory;
}

// Toolkits that cannot say their version write it into a file.
std::string version_from_files(const std::string& root) {
  for (const char* subdirectory : kSubdirectories) {
    std::string directory = root + subdirectory;
    if (const size_t at = directory.rfind("/lib64"); at != std::string::npos) directory.resize(at);
    for (const char* file : {"/ascend_toolkit_install.info", "/version.info"}) {
      std::ifstream stream(directory + file);
      for (std::string line; std::getline(stream, line);) {
        const size_t equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string key = line.substr(0, equals);
        if (key == "version" || key == "Version") return line.substr(equals + 1);
      }
    }
  }
  return "unknown";
}

// The libraries of one CANN. Each is loaded by absolute path, and those that it needs before it, so that the
// loader finds the needed names among what is loaded and never searches LD_LIBRARY_PATH for them.
class Libraries {
 public:
  void* find(CannLibrary library, const char* name) { return ::dlsym(handle(library), name); }

  const Cann& description() {
    handle(CannLibrary::kRuntime);
    return cann_;
  }

  std::string path(CannLibrary library) {
    const char* file = kFiles[static_cast<int>(library)];
    const std::string& directory = cann_choice().directory;
    if (is_file(directory + "/" + file)) return directory + "/" + file;
    const std::string elsewhere = find_directory(root_of(directory), file);
    return (elsewhere.empty() ? directory : elsewhere) + "/" + file;
  }

 private:
  struct Slot {
    std::atomic<void*> handle{nullptr};
    std::string failure;
  };

  void* handle(CannLibrary library) {
    Slot& slot = slots_[static_cast<int>(library)];
    if (void* found = slot.handle.load(std::memory_order_acquire)) return found;
    std::lock_guard<std::mutex> lock(mutex_);
    return load(library);
  }

  void* load(CannLibrary library) {
    Slot& slot = slots_[static_cast<int>(library)];
    if (void* found = slot.handle.load(std::memory_order_relaxed)) return found;
    TORCH_CHECK(slot.failure.empty(), slot.failure);
    const CannChoice& choice = cann_choice();
    TORCH_CHECK(choice.mode != CannMode::kOff,
                choice.requested
                    ? "There is no npu device because TORCH_NPU_CANN=off; unset it or set it to auto."
                    : "There is no npu device because no CANN was found; install a CANN toolkit and set "
                      "ASCEND_HOME_PATH, or install this package again.");
    if (library == CannLibrary::kOpBase) load(CannLibrary::kRuntime);
    if (library == CannLibrary::kOps) load(CannLibrary::kOpBase);
    if (library == CannLibrary::kCollectives) load(CannLibrary::kRuntime);

    const std::string file = path(library);
    void* handle = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* reason = ::dlerror();
      slot.failure = "The CANN library " + file +
                     " cannot be loaded: " + (reason != nullptr ? reason : "no reason") +
                     "; source set_env.sh of that toolkit, or choose another with TORCH_NPU_CANN.";
      TORCH_CHECK(false, slot.failure);
    }
    check(library, handle, slot);
    slot.handle.store(handle, std::memory_order_release);
    return handle;
  }

  void check(CannLibrary library, void* handle, Slot& slot) {
    if (library == CannLibrary::kRuntime) {
      const CannChoice& choice = cann_choice();
      cann_ = {choice.directory, version_of(handle), choice.mode};
      const int major = std::atoi(cann_.version.c_str());
      if (major != 0 && major < kOldestMajorVersion) {
        slot.failure = "CANN " + cann_.version + " in " + cann_.directory +
                       " is too old: version 8.0 or later is needed.";
      }
      log(LogLevel::kInfo, "using CANN " + cann_.version + " in " + cann_.directory +
                               (choice.requested ? " (chosen by TORCH_NPU_CANN)" : " (found automatically)"));
    }
    if (library == CannLibrary::kOpBase) check_same(CannLibrary::kRuntime, handle, "aclrtMalloc", slot);
    if (library == CannLibrary::kOps) check_same(CannLibrary::kOpBase, handle, "aclCreateTensor", slot);
    if (library == CannLibrary::kCollectives) check_same(CannLibrary::kRuntime, handle, "aclrtMalloc", slot);
    TORCH_CHECK(slot.failure.empty(), slot.failure);
  }

  // A library of another CANN that was in the process before us can satisfy a dependency by its name alone.
  // Two runtimes in one process corrupt each other, so that is refused.
  void check_same(CannLibrary base, void* dependent, const char* symbol, Slot& slot) {
    void* expected = ::dlsym(slots_[static_cast<int>(base)].handle.load(std::memory_order_relaxed), symbol);
    void* actual = ::dlsym(dependent, symbol);
    if (expected == nullptr || actual == nullptr || expected == actual) return;
    Dl_info info = {};
    ::dladdr(actual, &info);
    slot.failure = "Two versions of CANN are mixed: " + cann_.directory +
                   " was chosen, but its libraries use " +
                   (info.dli_fname != nullptr ? info.dli_fname : "a library of another directory") +
                   ", which something else had loaded; load only one of them in a process.";
  }

  static std::string version_of(void* runtime) {
    auto* query = reinterpret_cast<decltype(&aclsysGetCANNVersion)>(::dlsym(runtime, "aclsysGetCANNVersion"));
    aclCANNPackageVersion version = {};
    if (query != nullptr && query(ACL_PKG_NAME_CANN, &version) == ACL_SUCCESS && version.version[0] != '\0') {
      return std::string(version.version, ::strnlen(version.version, sizeof(version.version)));
    }
    return version_from_files(root_of(cann_choice().directory));
  }

  std::mutex mutex_;
  Slot slots_[kLibraries];
  Cann cann_;
};

Libraries& libraries() {
  static auto* instance = new Libraries;  // outlives everything that could still look up a symbol at exit
  return *instance;
}

}  // namespace

const CannChoice& cann_choice() {
  static const auto* choice = new CannChoice(choose());
  return *choice;
}

const Cann& cann() {
  return libraries().description();
}

bool cann_available() noexcept {
  try {
    cann();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void* find_symbol(CannLibrary library, const char* name) {
  return libraries().find(library, name);
}

void* require_symbol(CannLibrary library, const char* name) {
  void* found = find_symbol(library, name);
  TORCH_CHECK(found != nullptr, "The function ", name, " is missing from ", libraries().path(library),
              " (CANN ", cann().version, "); it needs a later CANN.");
  return found;
}

}  // namespace npu
