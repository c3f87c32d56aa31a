# Precompiled headers: two thirds of a compilation were the parsing of headers that every file includes.
#
# A precompiled header serves only compilations with the same code generation flags, so there is one for the libraries and plugins (here), one for the
# test programs (tests/CMakeLists.txt) and one for each program with heavy headers of its own. A file must still include what it uses: clang, whose
# precompiled headers hold absolute paths and would not hit in ccache across clones, builds without them (`scripts/test --full`).
set(DRIFTSTACK_COMMON_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <coroutine> <cstdint> <cstring> <deque> <exception> <filesystem> <functional>
  <map> <memory> <mutex> <optional> <set> <span> <stdexcept> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
  <driftstack/host.hpp> <driftstack/http.hpp> <driftstack/plugin.hpp>)

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND NOT DEFINED CMAKE_DISABLE_PRECOMPILE_HEADERS)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 forgets which headers of a precompiled header are the system's and tells false alarms about <string> and <bits/...> as errors.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds> $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overread>
                      $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overflow> $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()

# driftstack_precompile_headers(<folder>...): lets every library and plugin defined in these folders and below share one precompiled header.
function(driftstack_precompile_headers)
  if(NOT TARGET driftstack_common_headers)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/common_headers.cpp" CONTENT "")
    add_library(driftstack_common_headers OBJECT "${CMAKE_BINARY_DIR}/common_headers.cpp")
    target_link_libraries(driftstack_common_headers PRIVATE Driftstack::sdk)
    target_precompile_headers(driftstack_common_headers PRIVATE ${DRIFTSTACK_COMMON_HEADERS})
  endif()
  foreach(folder IN LISTS ARGN)
    get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
      get_target_property(type ${target} TYPE)
      get_target_property(own ${target} PRECOMPILE_HEADERS)
      if(type MATCHES "^(STATIC|MODULE|OBJECT)_LIBRARY$" AND NOT own)
        target_precompile_headers(${target} REUSE_FROM driftstack_common_headers)
      endif()
    endforeach()
    get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
    driftstack_precompile_headers(${folders})
  endforeach()
endfunction()
