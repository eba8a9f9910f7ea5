# How everything is compiled: C++20, warnings are errors, sanitizers where asked for.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # the broker plugin is a shared object made of our rooms
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

add_library(autotape_warnings INTERFACE)
target_compile_options(autotape_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-qual -Werror)

# GCC 12 reports false "maybe uninitialized" and friends in library templates under sanitizers.
if(AUTOTAPE_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(autotape_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
  set(AUTOTAPE_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all
                              -fno-omit-frame-pointer)
  if(AUTOTAPE_FUZZ)
    list(APPEND AUTOTAPE_SANITIZE_FLAGS -fsanitize=fuzzer-no-link)
  endif()
endif()

# When it optimises, GCC 12 sees overlapping and overlong copies in std::string where there are none (its bugs
# 105651 and 105329); precompiled headers take away the mark of a system header that would hide them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT AUTOTAPE_SANITIZE)
  target_compile_options(autotape_warnings INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()

find_program(AUTOTAPE_CCACHE ccache)
if(AUTOTAPE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${AUTOTAPE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${AUTOTAPE_CCACHE})
endif()
