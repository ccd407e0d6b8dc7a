# Finds the libraries of the content codings. Defines Codecs::zlib, Codecs::brotli, Codecs::zstd and, for
# tests, Codecs::brotli_decoder.
include(FindPackageHandleStandardArgs)
set(needed)
foreach(codec "zlib|zlib.h|z" "brotli|brotli/encode.h|brotlienc" "zstd|zstd.h|zstd"
    "brotli_decoder|brotli/decode.h|brotlidec")
  string(REPLACE "|" ";" codec "${codec}")
  list(GET codec 0 name)
  list(GET codec 1 header)
  list(GET codec 2 library)
  find_path(${name}_INCLUDE_DIR ${header})
  find_library(${name}_LIBRARY ${library})
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  list(APPEND needed ${name}_LIBRARY ${name}_INCLUDE_DIR)
  if(${name}_LIBRARY AND NOT TARGET Codecs::${name})
    add_library(Codecs::${name} UNKNOWN IMPORTED)
    set_target_properties(Codecs::${name} PROPERTIES IMPORTED_LOCATION ${${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${${name}_INCLUDE_DIR})
  endif()
endforeach()
find_package_handle_standard_args(Codecs REQUIRED_VARS ${needed})
