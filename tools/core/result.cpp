#include "core/result.hpp"

namespace autotape {

std::string Error::line() const {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!advice.empty()) {
    text += " (" + advice + ")";
  }
  return text;
}

Error internal_error(std::string what) {
  return {ErrorKind::internal, {}, std::move(what), {}};
}

Error usage_error(std::string what, std::string advice) {
  return {ErrorKind::usage, {}, std::move(what), std::move(advice)};
}

Error file_error(std::string where, std::string what, std::string advice) {
  return {ErrorKind::file, std::move(where), std::move(what), std::move(advice)};
}

Error connection_error(std::string where, std::string what, std::string advice) {
  return {ErrorKind::connection, std::move(where), std::move(what), std::move(advice)};
}

}  // namespace autotape
