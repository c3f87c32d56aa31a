# driftstack_add_plugin(NAME <name> SOURCES <file>... [LIBRARIES <target>...] [FILES <file>...])
#
# Builds the package of a plugin: a folder <build>/plugins/<name>/ with lib<name>.so, plugin.toml and the static FILES. The target is called
# driftstack-plugin-<name>. Hidden symbols, no GNU unique symbols, one exported entry symbol, no undefined symbols.
set(DRIFTSTACK_PLUGIN_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

function(driftstack_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBRARIES;FILES")
  if(NOT arg_NAME OR NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "driftstack_add_plugin(NAME <name> SOURCES <file>... [LIBRARIES <target>...] [FILES <file>...])")
  endif()
  set(target driftstack-plugin-${arg_NAME})
  set(package "${CMAKE_BINARY_DIR}/plugins/${arg_NAME}")
  set(exports "${DRIFTSTACK_PLUGIN_CMAKE_DIR}/plugin-exports.map")

  add_library(${target} MODULE ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${arg_NAME} PREFIX lib SUFFIX .so LIBRARY_OUTPUT_DIRECTORY "${package}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS "${exports}")
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE Driftstack::sdk Driftstack::support ${arg_LIBRARIES})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fno-gnu-unique)
  endif()
  target_link_options(${target} PRIVATE "-Wl,--version-script=${exports}" -Wl,-z,now,-z,relro)
  if(NOT DRIFTSTACK_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()

  set(files)
  foreach(file IN ITEMS plugin.toml ${arg_FILES})
    get_filename_component(name "${file}" NAME)
    configure_file("${file}" "${package}/${name}" COPYONLY)
    list(APPEND files "${package}/${name}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY DRIFTSTACK_PLUGIN_TARGETS ${target})
  # File by file, because the package folder is the binary folder of the plugin too; and as they are, because the library is pinned by its hash.
  install(FILES "$<TARGET_FILE:${target}>" ${files} DESTINATION lib/driftstack/plugins/${arg_NAME})
endfunction()

# driftstack_write_pins()
#
# Writes <build>/plugins/plugins.lock: the SHA-256 of every plugin library of this build. A server loads a library only if its hash is in this
# file or in its configuration.
function(driftstack_write_pins)
  get_property(targets GLOBAL PROPERTY DRIFTSTACK_PLUGIN_TARGETS)
  if(NOT targets)
    return()
  endif()
  set(libraries)
  foreach(target IN LISTS targets)
    list(APPEND libraries "$<TARGET_FILE:${target}>")
  endforeach()
  set(lock "${CMAKE_BINARY_DIR}/plugins/plugins.lock")
  add_custom_command(OUTPUT "${lock}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${lock}" "-DLIBRARIES=$<JOIN:${libraries},$<COMMA>>" -P "${DRIFTSTACK_PLUGIN_CMAKE_DIR}/write-pins.cmake"
    DEPENDS ${targets} "${DRIFTSTACK_PLUGIN_CMAKE_DIR}/write-pins.cmake" VERBATIM
    COMMENT "Pinning plugins")
  add_custom_target(driftstack-pins ALL DEPENDS "${lock}")
  install(FILES "${lock}" DESTINATION lib/driftstack/plugins)
endfunction()
