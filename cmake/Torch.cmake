# torch as Python sees it. torch's own CMake package is not used: for a CUDA build it would ask for a CUDA toolkit,
# of which nothing is needed here.
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env TORCH_DEVICE_BACKEND_AUTOLOAD=0 "${Python3_EXECUTABLE}" -c
          "import os, torch; print(os.path.dirname(os.path.realpath(torch.__file__)), torch.__version__, int(torch._C._GLIBCXX_USE_CXX11_ABI), sep=';', end='')"
  OUTPUT_VARIABLE torch_facts
  ERROR_VARIABLE torch_error
  RESULT_VARIABLE torch_result)
if(NOT torch_result EQUAL 0)
  message(FATAL_ERROR "${Python3_EXECUTABLE} cannot import torch; install the torch release named in pyproject.toml "
                      "into that environment.\n${torch_error}")
endif()
list(GET torch_facts 0 torch_directory)
list(GET torch_facts 1 torch_version)
list(GET torch_facts 2 torch_cxx11_abi)
message(STATUS "torch ${torch_version} in ${torch_directory}")

add_library(torch::headers INTERFACE IMPORTED)
set_target_properties(torch::headers PROPERTIES
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${torch_directory}/include;${torch_directory}/include/torch/csrc/api/include"
  INTERFACE_INCLUDE_DIRECTORIES "${torch_directory}/include;${torch_directory}/include/torch/csrc/api/include"
  INTERFACE_COMPILE_DEFINITIONS "_GLIBCXX_USE_CXX11_ABI=${torch_cxx11_abi};FMT_HEADER_ONLY=1")
foreach(library c10 cpu python)
  string(REPLACE "libtorch_c10" "libc10" file "libtorch_${library}.so")
  add_library(torch::${library} SHARED IMPORTED)
  set_target_properties(torch::${library} PROPERTIES IMPORTED_LOCATION "${torch_directory}/lib/${file}"
                        IMPORTED_NO_SONAME FALSE)
endforeach()
