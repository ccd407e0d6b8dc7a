# The few functions every folder's target is made with.
option(WEIR_TESTS "build the tests" ON)
option(WEIR_BENCH "build the benchmarks" OFF)
option(WEIR_FUZZ "build the fuzzers with libFuzzer (clang)" OFF)
option(WEIR_COVERAGE "add the target that runs the tests and reports coverage" OFF)
option(WEIR_WERROR "warnings are errors" ON)
set(WEIR_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the source folder and no working folder in the hash: two checkouts share hits.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# Warnings are errors in our code only: dependencies are imported targets, so SYSTEM.
add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${WEIR_WERROR}>:-Werror> -fno-strict-aliasing -g1 $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_compile_definitions(weir_options INTERFACE WEIR_VERSION="${PROJECT_VERSION}")
target_include_directories(weir_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_link_libraries(weir_options INTERFACE Threads::Threads)
target_link_options(weir_options INTERFACE -Wl,--as-needed)
if(WEIR_SANITIZE)
  target_compile_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
  # clang 14 cannot compile its check of a function's type in a coroutine.
  target_compile_options(weir_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
endif()

# CAF's own headers bind a reference to null (init_fun_factory.hpp): neither check can be on where they are used.
# Linked behind weir_options, whose flags they take back.
add_library(weir_caf INTERFACE)
target_link_libraries(weir_caf INTERFACE CAF::core)
target_compile_options(weir_caf INTERFACE -U_GLIBCXX_ASSERTIONS -fno-sanitize=null)

# weir_library(<folder> LINK <targets>...): the folder's sources as one static library weir::<folder>.
function(weir_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(weir_${name} STATIC ${sources})
  add_library(weir::${name} ALIAS weir_${name})
  set_target_properties(weir_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(weir_${name} PRIVATE weir_options PUBLIC ${arg_LINK})
  target_include_directories(weir_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
endfunction()

# What analysers need before they can read the sources.
add_custom_target(generated)

# weir_protobuf(<folder>): compiles <folder>/*.proto into the folder's library.
function(weir_protobuf name)
  file(GLOB protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.proto)
  foreach(proto ${protos})
    get_filename_component(stem ${proto} NAME_WE)
    set(out ${CMAKE_BINARY_DIR}/generated/${name}/${stem}.pb)
    add_custom_command(OUTPUT ${out}.cc ${out}.h DEPENDS ${proto}
      COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR} --cpp_out=lite:${CMAKE_BINARY_DIR}/generated ${proto})
    set_source_files_properties(${out}.cc PROPERTIES COMPILE_OPTIONS "-w" SKIP_PRECOMPILE_HEADERS ON)
    target_sources(weir_${name} PRIVATE ${out}.cc ${out}.h)
    add_custom_target(generated_${name}_${stem} DEPENDS ${out}.h)
    add_dependencies(generated generated_${name}_${stem})
    add_dependencies(weir_${name} generated_${name}_${stem})
  endforeach()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
endfunction()

# weir_precompile(<folder> ONLY <regex> HEADERS <headers>...): what the folder's slow dependencies cost is paid
# once, by the files whose path matches; the others compile faster without, and share ccache hits between checkouts.
function(weir_precompile name)
  cmake_parse_arguments(arg "" "ONLY" "HEADERS" ${ARGN})
  target_precompile_headers(weir_${name} PRIVATE ${arg_HEADERS})
  get_target_property(sources weir_${name} SOURCES)
  list(FILTER sources EXCLUDE REGEX "${arg_ONLY}")
  set_source_files_properties(${sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
