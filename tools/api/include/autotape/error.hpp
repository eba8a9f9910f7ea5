// What the library throws: a run that could not be made. A consumer that fails is none; its verdict
// tells.
#pragma once

#include <stdexcept>
#include <string>

namespace autotape::api {

// what() is one line: where, what, and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace autotape::api
