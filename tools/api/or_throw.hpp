// From our errors to the library's exceptions.
#pragma once

#include <utility>

#include "autotape/error.hpp"
#include "core/result.hpp"

namespace autotape::api {

template <typename T>
T or_throw(Result<T> result) {
  if (!result) {
    throw Error(result.error().line());
  }
  return std::move(result).value();
}

inline void or_throw(const Result<void>& result) {
  if (!result) {
    throw Error(result.error().line());
  }
}

}  // namespace autotape::api
