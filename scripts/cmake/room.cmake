# autotape_room(NAME [EXCEPT folder] [PRECOMPILE header…] LINKS target…): one folder of tools/ or mockbroker/ as a
# static library. PRECOMPILE names heavy headers that many of its files include.
#
# A room is its folder: each .cpp in it (and in its subfolders, but for EXCEPT) belongs to it. What it may include is
# what it links; scripts/check-layers holds the includes against the list of layers.
function(autotape_room name)
  cmake_parse_arguments(ROOM "" "EXCEPT" "LINKS;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(ROOM_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "/${ROOM_EXCEPT}/")
  endif()
  add_library(autotape_${name} STATIC ${sources})
  target_include_directories(autotape_${name} PUBLIC ${CMAKE_SOURCE_DIR}/tools ${CMAKE_SOURCE_DIR})
  target_link_libraries(autotape_${name} PRIVATE autotape_warnings PUBLIC ${ROOM_LINKS})
  target_compile_options(autotape_${name} PUBLIC ${AUTOTAPE_SANITIZE_FLAGS})
  target_link_options(autotape_${name} PUBLIC ${AUTOTAPE_SANITIZE_FLAGS})
  autotape_precompile(autotape_${name} ${ROOM_PRECOMPILE})
  set_property(GLOBAL APPEND PROPERTY autotape_rooms autotape_${name})
endfunction()

# autotape_precompile(TARGET header…): the standard headers that most files include, and the target's own
# heavy ones. Not with ccache: its hits are worth more, and a build without precompiled headers shows where
# an #include is missing.
function(autotape_precompile target)
  if(NOT AUTOTAPE_CCACHE)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <string> <string_view>
      <unordered_map> <utility> <variant> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()
