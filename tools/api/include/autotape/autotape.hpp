// The C++ library: C++17, no types of other libraries.
//
//   find_package(autotape REQUIRED)
//   target_link_libraries(my_tests PRIVATE autotape::autotape)
#pragma once

#include "autotape/error.hpp"
#include "autotape/mock_broker.hpp"
#include "autotape/run.hpp"
#include "autotape/scenario.hpp"
#include "autotape/tape.hpp"
#include "autotape/verdict.hpp"
