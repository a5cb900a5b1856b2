// Which CANN this process uses, and the symbols of its libraries. The only place that knows about the
// software NPU: everything above sees one directory with one C ABI.
#pragma once

#include <string>

namespace npu {

enum class CannMode {
  kOff,      // TORCH_NPU_CANN=off: no device exists
  kToolkit,  // an installed toolkit
  kBundled,  // the software NPU that is installed beside libtorch_npu.so
};

// What TORCH_NPU_CANN and the file system say, before anything is loaded.
struct CannChoice {
  CannMode mode;
  bool requested;         // TORCH_NPU_CANN named it; false where `auto` found it
  std::string directory;  // the directory of libascendcl.so; empty when off
};

struct Cann {
  std::string directory;
  std::string version;  // as the toolkit reports it, "unknown" where it does not
  CannMode mode;
};

enum class CannLibrary { kRuntime, kOpBase, kOps, kCollectives };

// Decides once and loads nothing. Throws where TORCH_NPU_CANN names a directory without CANN.
const CannChoice& cann_choice();
inline CannMode cann_mode() {
  return cann_choice().mode;
}

// Loads the runtime library on first use; throws where there is none or it cannot be loaded.
const Cann& cann();

// True where cann() succeeds. Loads the library, initialises no device.
bool cann_available() noexcept;

// Null where the library is there and lacks the symbol; throws where the library cannot be loaded.
void* find_symbol(CannLibrary library, const char* name);
inline void* find_op_symbol(const char* name) {
  return find_symbol(CannLibrary::kOps, name);
}

// The same, but a missing symbol is an error that names symbol, library, directory and CANN version.
void* require_symbol(CannLibrary library, const char* name);

// Texts of the TORCH_NPU_CANN row of the environment table.
extern const char* const kCannAllowedValues;
extern const char* const kCannDocumentation;

}  // namespace npu
