# How tests of each kind become ctest tests. Labels: unit property sim fuzz tidy integration fault soak.
include(GoogleTest)

# Debian's Python: the one on the PATH may be another, without Django and pytest.
set(WEIR_PYTHON /usr/bin/python3)

add_library(weir_test_support INTERFACE)
target_include_directories(weir_test_support INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(weir_test_support INTERFACE GTest::gmock GTest::gtest_main
  nlohmann_json::nlohmann_json weir_options)

# What the sanitizer presets build and run. Without an instrumented CAF the thread sanitizer only
# sees false races in it, so then the targets that use it are left out.
add_custom_target(sanitized_tests)
function(weir_sanitized target)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  if(NOT WEIR_SANITIZE MATCHES thread OR CAF_ROOT OR NOT "weir::actors" IN_LIST libraries)
    add_dependencies(sanitized_tests ${target})
  endif()
endfunction()

# weir_gtests(<target> LABEL <label> DIR <dir> LINK <targets>... [PRECOMPILE <headers>...]):
# DIR/**.cpp as one binary, each of its tests as a ctest test "<dir with dots>.<suite>.<test>".
function(weir_gtests target)
  cmake_parse_arguments(arg "" "LABEL;DIR" "LINK;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "." prefix ${arg_DIR})
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE weir_test_support ${arg_LINK})
  target_precompile_headers(${target} PRIVATE <gtest/gtest.h> ${arg_PRECOMPILE})
  weir_sanitized(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${prefix}." DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()

# weir_pytests(<dir>): each <dir>/test_*.py as one ctest test with the folder's name as label, the binary in $WEIR.
# A line "# ctest: TIMEOUT 300 PROCESSORS 2" in a file sets its test's properties.
function(weir_pytests dir)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/test_*.py)
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "${dir}." test ${stem})
    add_test(NAME ${test} COMMAND ${WEIR_PYTHON} -m pytest ${file})
    set_tests_properties(${test} PROPERTIES LABELS ${dir} TIMEOUT 180
      ENVIRONMENT "WEIR=$<TARGET_FILE:weir>;PYTHONDONTWRITEBYTECODE=1")
    file(STRINGS ${file} wishes REGEX "^# ctest: ")
    if(wishes)
      string(REGEX REPLACE "^# ctest: " "" wishes "${wishes}")
      separate_arguments(wishes)
      set_tests_properties(${test} PROPERTIES ${wishes})
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
endfunction()

# Every folder's lonely headers.
add_custom_target(header_check)

# weir_header_check(<folder>): compiles alone each header that no .cpp of its own includes first
# (tests/tidy sees to it that the others are).
function(weir_header_check name)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${name}/*.hpp)
  foreach(header ${headers})
    string(REGEX REPLACE "\\.hpp$" ".cpp" source ${header})
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${source})
      file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/header_check/${source} CONTENT "#include \"${header}\"\n")
      list(APPEND sources ${CMAKE_BINARY_DIR}/header_check/${source})
    endif()
  endforeach()
  if(sources)
    add_library(header_check_${name} OBJECT ${sources})
    target_link_libraries(header_check_${name} PRIVATE weir_options weir::${name})
    target_compile_options(header_check_${name} PRIVATE -O0 -g0)
    add_dependencies(header_check header_check_${name})
  endif()
endfunction()
