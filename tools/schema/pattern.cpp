#include "schema/pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "core/text.hpp"
#include "schema/pattern_translation.hpp"

namespace autotape {

namespace {

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{16} << 20U);
  return options;
}

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& translated) : expression(translated, options()) {}

  RE2 expression;
};

Pattern::Pattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

Result<Pattern> Pattern::compile(std::string_view ecma) {
  const PatternTranslation translation = translate_pattern(ecma);
  const auto refused = [&](std::string_view why) {
    return file_error({}, fmt::format("the pattern \"{}\" {}", printable(ecma), why));
  };
  if (!translation.syntax_error.empty()) {
    return refused(fmt::format("is no regular expression: {}", translation.syntax_error));
  }
  if (!translation.unsupported.empty()) {
    return refused(
        fmt::format("uses {}, which linear-time matching cannot do", translation.unsupported));
  }
  auto compiled = std::make_unique<Compiled>(translation.re2);
  if (!compiled->expression.ok()) {
    return refused(fmt::format("cannot be compiled: {}", printable(compiled->expression.error())));
  }
  return Pattern(std::move(compiled));
}

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

bool is_ecma_pattern(std::string_view text) {
  const PatternTranslation translation = translate_pattern(text);
  if (!translation.syntax_error.empty()) {
    return false;
  }
  // What RE2 cannot run has only been read by us; all else it must accept as well, but for its
  // size.
  if (!translation.unsupported.empty()) {
    return true;
  }
  const RE2 expression(translation.re2, options());
  return expression.ok() || expression.error_code() == RE2::ErrorRepeatSize ||
         expression.error_code() == RE2::ErrorPatternTooLarge;
}

}  // namespace autotape
