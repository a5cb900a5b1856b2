# How the rooms of this repository become libraries.

# The files of a room; an empty room still makes a library, since the toolkit has libraries that are only names.
function(room_sources variable)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;EXCEPT")
  set(sources)
  if(room_SOURCES)
    file(GLOB sources CONFIGURE_DEPENDS ${room_SOURCES})
  endif()
  if(room_EXCEPT)
    file(GLOB except CONFIGURE_DEPENDS ${room_EXCEPT})
    list(REMOVE_ITEM sources ${except})
  endif()
  if(NOT sources)
    set(sources "${CMAKE_BINARY_DIR}/empty.cpp")
    if(NOT EXISTS "${sources}")
      file(WRITE "${sources}" "")
    endif()
  endif()
  set(${variable} "${sources}" PARENT_SCOPE)
endfunction()

# Warnings, and no path of this machine in what is built (__FILE__ ends up in messages).
function(room_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra $<$<BOOL:${TORCH_NPU_WERROR}>:-Werror>
                         "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" "-ffile-prefix-map=${torch_directory}/include/=")
endfunction()

# RPATH and not RUNPATH: a toolkit in LD_LIBRARY_PATH must not come before the library beside this one.
function(fixed_rpath target rpath)
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${rpath}")
  target_link_options(${target} PRIVATE LINKER:--disable-new-dtags)
endfunction()

function(room_prelude target header)
  if(EXISTS "${CMAKE_SOURCE_DIR}/${header}")
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/${header}")
  endif()
endfunction()

# A library of the software NPU. It exports the C ABI and what softnpu.h promises, by name (exports.map), and keeps
# every library of its line even where no symbol of it is called: clients look symbols up through the last one.
function(softnpu_library name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;EXCEPT;LINK")
  room_sources(sources SOURCES ${room_SOURCES} EXCEPT ${room_EXCEPT})
  add_library(${name} SHARED ${sources})
  room_options(${name})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/cann/include"
                             "${CMAKE_SOURCE_DIR}/softnpu/include")
  target_compile_options(${name} PRIVATE -fno-semantic-interposition -fvisibility-inlines-hidden)
  target_link_libraries(${name} PRIVATE ${room_LINK} Threads::Threads ${CMAKE_DL_LIBS})
  if("torch::cpu" IN_LIST room_LINK)
    target_link_libraries(${name} PRIVATE torch::headers)
  endif()
  target_link_options(${name} PRIVATE LINKER:--no-as-needed LINKER:-z,defs
                      "LINKER:--version-script=${CMAKE_SOURCE_DIR}/softnpu/exports.map")
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${softnpu_output}"
                        LINK_DEPENDS "${CMAKE_SOURCE_DIR}/softnpu/exports.map")
  fixed_rpath(${name} "\$ORIGIN")
endfunction()

# A room of the plugin: objects of libtorch_npu.so.
function(plugin_room target)
  room_sources(sources SOURCES ${ARGN})
  add_library(${target} OBJECT ${sources})
  room_options(${target})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/cann/include")
  target_compile_options(${target} PRIVATE -fno-semantic-interposition -fvisibility-inlines-hidden)
  target_link_libraries(${target} PRIVATE torch::headers)
endfunction()

# A GoogleTest program in build/tests. It has a RUNPATH, so that LD_LIBRARY_PATH can put a real toolkit before the
# software NPU, and names libtorch_cpu itself, because a RUNPATH does not reach the libraries of libraries.
function(cpp_test target)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;EXCEPT")
  room_sources(sources SOURCES ${room_SOURCES} EXCEPT ${room_EXCEPT})
  add_executable(${target} ${sources})
  room_options(${target})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/cann/include"
                             "${CMAKE_SOURCE_DIR}/softnpu/include")
  target_link_options(${target} PRIVATE LINKER:--no-as-needed LINKER:--allow-shlib-undefined
                      LINKER:--enable-new-dtags)
  target_link_libraries(${target} PRIVATE GTest::gtest_main opapi nnopbase hccl hcomm acl_op_compiler ascendcl
                        torch::cpu torch::c10 Threads::Threads ${CMAKE_DL_LIBS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests"
                        BUILD_RPATH "${softnpu_output};${torch_directory}/lib")
endfunction()
