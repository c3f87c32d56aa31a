# Warnings as errors, hardening and sanitizers for everything that is built here. Plugins built outside choose their own.
add_compile_options(
  -Wall -Wextra -Wpedantic -Werror
  "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Wold-style-cast>"
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/="
  -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique> $<$<COMPILE_LANGUAGE:CXX>:-Wshadow=local> -fcf-protection)
endif()

if(DRIFTSTACK_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With a sanitizer g++ 12 inlines less and takes values of library headers for uninitialised; the plain build keeps the warning.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
endif()
if(DRIFTSTACK_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(DRIFTSTACK_SANITIZE STREQUAL "thread")
  # Asio's headers use fences, which the thread sanitizer does not model; g++ warns once per file.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -g1 -Wno-error=tsan -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(DRIFTSTACK_SANITIZE)
  message(FATAL_ERROR "DRIFTSTACK_SANITIZE is '${DRIFTSTACK_SANITIZE}'; use address or thread")
else()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
include(CheckPIESupported)
check_pie_supported()
