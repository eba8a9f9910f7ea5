// Errors as values. Nothing in the library throws for bad input, prints or exits.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace autotape {

// Which kind of failure; cli/exit_code.hpp maps each to an exit code.
enum class ErrorKind {
  internal,    // a fault of ours
  usage,       // wrong option, argument or scenario
  file,        // a file cannot be read or written, or is not what it should be
  connection,  // network, TLS, or the broker refused
};

// One clear line for a person: where it went wrong, what went wrong, what to do about it.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string where;   // file, file:line, file@offset, host:port, JSON pointer; may be empty
  std::string what;    // lower case, no full stop
  std::string advice;  // what to do, lower case, no full stop; may be empty

  // "where: what (advice)"
  std::string line() const;
};

Error internal_error(std::string what);
Error usage_error(std::string what, std::string advice = {});
Error file_error(std::string where, std::string what, std::string advice = {});
Error connection_error(std::string where, std::string what, std::string advice = {});

// A value, or the error that kept it from being made. Reading the value of a failure is a bug.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace autotape

// Returns from the calling function with the error if `expression` failed.
#define AUTOTAPE_TRY(expression)                       \
  do {                                                 \
    if (auto try_result = (expression); !try_result) { \
      return try_result.error();                       \
    }                                                  \
  } while (false)

// Declares `target` with the value of `expression`, or returns from the calling function with its
// error.
#define AUTOTAPE_TRY_ASSIGN(target, expression) \
  AUTOTAPE_TRY_ASSIGN_AS(AUTOTAPE_JOIN(try_result_, __LINE__), target, expression)
#define AUTOTAPE_TRY_ASSIGN_AS(result, target, expression) \
  auto result = (expression);                              \
  if (!result) {                                           \
    return result.error();                                 \
  }                                                        \
  target = std::move(result).value()
#define AUTOTAPE_JOIN(a, b) AUTOTAPE_JOIN_NOW(a, b)
#define AUTOTAPE_JOIN_NOW(a, b) a##b
