# weir_assets(<folder> <file>|<path>...): the files become part of the folder's library and are served by the
# admin listener under the paths.
function(weir_assets name)
  set(out ${CMAKE_BINARY_DIR}/generated/${name}/embedded_assets.cpp)
  set(files "")
  set(assets "")
  foreach(asset ${ARGN})
    string(REGEX REPLACE "[|].*" "" file ${asset})
    list(APPEND files ${CMAKE_SOURCE_DIR}/${file})
    list(APPEND assets ${CMAKE_SOURCE_DIR}/${asset})
  endforeach()
  add_custom_command(OUTPUT ${out} DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/EmbedAssets.cmake
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DASSETS=${assets}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedAssets.cmake VERBATIM)
  target_sources(weir_${name} PRIVATE ${out})
  set_source_files_properties(${out} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
