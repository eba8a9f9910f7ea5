#include "schema/catalogue_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "core/text.hpp"

namespace autotape {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool is_name(std::string_view token) {
  return !token.empty() && token.front() >= 'a' && token.front() <= 'z';
}

// The types that need no definition.
constexpr std::array<std::pair<std::string_view, ValueKind>, 4> simple_types{{
    {"string", ValueKind::string},
    {"date_time", ValueKind::date_time},
    {"integer", ValueKind::integer},
    {"number", ValueKind::number},
}};

std::optional<ValueKind> simple_type(std::string_view name) {
  for (const auto& [simple, kind] : simple_types) {
    if (simple == name) {
      return kind;
    }
  }
  return std::nullopt;
}

std::optional<PersonalData> personal_data(std::string_view name) {
  for (auto kind = PersonalData::vin; kind <= PersonalData::secret;
       kind = static_cast<PersonalData>(static_cast<int>(kind) + 1)) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace

CatalogueParser::CatalogueParser(std::string_view text) : text_(text) {
  advance();
  advance();
}

void CatalogueParser::advance() {
  token_ = next_;
  token_line_ = next_line_;
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c == '#') {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else if (c == ' ' || c == '\n') {
      next_line_ += c == '\n' ? 1 : 0;
      ++position_;
    } else {
      break;
    }
  }
  const std::size_t begin = position_;
  while (position_ < text_.size() && is_name_character(text_[position_])) {
    ++position_;
  }
  if (position_ == begin && position_ < text_.size()) {
    ++position_;  // punctuation is a token for itself
  }
  next_ = text_.substr(begin, position_ - begin);
}

bool CatalogueParser::accept(std::string_view token) {
  if (token_ != token) {
    return false;
  }
  advance();
  return true;
}

Result<void> CatalogueParser::expect(std::string_view token) {
  if (!accept(token)) {
    return error(fmt::format("\"{}\"", token));
  }
  return {};
}

Result<std::string_view> CatalogueParser::name() {
  if (!is_name(token_)) {
    return error("a name");
  }
  const std::string_view name = token_;
  advance();
  return name;
}

Error CatalogueParser::error(std::string_view expected) const {
  const std::string found =
      token_.empty() ? "the end of the text" : fmt::format("\"{}\"", printable(token_));
  return file_error(fmt::format("line {}", token_line_),
                    fmt::format("expected {}, found {}", expected, found));
}

Result<Catalogue> CatalogueParser::parse() {
  AUTOTAPE_TRY(expect("level"));
  catalogue_.level_ = token_;
  advance();
  while (!token_.empty()) {
    AUTOTAPE_TRY(statement());
  }
  AUTOTAPE_TRY(finish());
  return std::move(catalogue_);
}

Result<void> CatalogueParser::statement() {
  if (accept("quantity")) {
    return quantity();
  }
  if (accept("type")) {
    return named_type();
  }
  if (accept("everywhere")) {
    AUTOTAPE_TRY_ASSIGN(everywhere_, properties());
    return {};
  }
  if (accept("capability")) {
    return capability();
  }
  return error("quantity, type, everywhere or capability");
}

Result<void> CatalogueParser::quantity() {
  AUTOTAPE_TRY_ASSIGN(ValueType* const defined, definition());
  ValueType& type = *defined;
  type.kind = ValueKind::quantity;
  return names_into(type);
}

Result<void> CatalogueParser::named_type() {
  AUTOTAPE_TRY_ASSIGN(ValueType* const defined, definition());
  ValueType& type = *defined;
  return type_into(type);
}

Result<void> CatalogueParser::capability() {
  Capability capability;
  AUTOTAPE_TRY_ASSIGN(capability.name, name());
  AUTOTAPE_TRY_ASSIGN(capability.properties, properties());
  catalogue_.capabilities_.push_back(std::move(capability));
  return {};
}

Result<std::vector<Property>> CatalogueParser::properties() {
  std::vector<Property> properties;
  while (is_name(token_) && next_ == ":") {
    AUTOTAPE_TRY_ASSIGN(Property one, property());
    properties.push_back(one);
  }
  return properties;
}

Result<Property> CatalogueParser::property() {
  Property property;
  AUTOTAPE_TRY_ASSIGN(property.name, name());
  AUTOTAPE_TRY(expect(":"));
  property.list = accept("[");
  AUTOTAPE_TRY_ASSIGN(property.type, type());
  if (property.list) {
    AUTOTAPE_TRY(expect("]"));
  }
  AUTOTAPE_TRY_ASSIGN(const Marks found, marks());
  property.deprecated = found.deprecated;
  property.personal = found.personal;
  return property;
}

// A name is a type of the file; anything else stands for itself.
Result<const ValueType*> CatalogueParser::type() {
  if (is_name(token_) && !simple_type(token_)) {
    const ValueType& used = declared(token_);
    advance();
    return &used;
  }
  ValueType& type = catalogue_.types_.emplace_back();
  AUTOTAPE_TRY(type_into(type));
  return &type;
}

Result<void> CatalogueParser::type_into(ValueType& type) {
  if (token_ == "(") {
    type.kind = ValueKind::enumeration;
    return names_into(type);
  }
  if (accept("{")) {
    return members_into(type);
  }
  if (const auto kind = simple_type(token_)) {
    advance();
    type.kind = *kind;
    return limits_into(type);
  }
  if (next_ == "of") {
    type.kind = ValueKind::array;
    AUTOTAPE_TRY_ASSIGN(const std::int64_t count, integer());
    type.limits = Limits{count, count};
    AUTOTAPE_TRY(expect("of"));
    AUTOTAPE_TRY_ASSIGN(type.item, this->type());
    return {};
  }
  return error("a type");
}

Result<void> CatalogueParser::names_into(ValueType& type) {
  AUTOTAPE_TRY(expect("("));
  while (!accept(")")) {
    AUTOTAPE_TRY_ASSIGN(const std::string_view one, name());
    type.names.push_back(one);
  }
  return {};
}

Result<void> CatalogueParser::members_into(ValueType& type) {
  type.kind = ValueKind::object;
  do {
    Member member;
    AUTOTAPE_TRY_ASSIGN(member.name, name());
    AUTOTAPE_TRY(expect(":"));
    AUTOTAPE_TRY_ASSIGN(member.type, this->type());
    AUTOTAPE_TRY_ASSIGN(const Marks found, marks());
    member.personal = found.personal;
    type.members.push_back(member);
  } while (accept(","));
  return expect("}");
}

// "0..255" is one token; without one there are no limits.
Result<void> CatalogueParser::limits_into(ValueType& type) {
  const std::size_t dots = token_.find("..");
  if (dots == std::string_view::npos) {
    return {};
  }
  const std::string_view most = token_.substr(dots + 2);
  Limits limits;
  const auto first = std::from_chars(token_.data(), token_.data() + dots, limits.least);
  const auto second = std::from_chars(most.data(), most.data() + most.size(), limits.most);
  if (first.ec != std::errc() || first.ptr != token_.data() + dots || second.ec != std::errc() ||
      second.ptr != most.data() + most.size()) {
    return error("limits such as 0..255");
  }
  advance();
  type.limits = limits;
  return {};
}

Result<std::int64_t> CatalogueParser::integer() {
  std::int64_t value = 0;
  const char* const end = token_.data() + token_.size();
  if (const auto read = std::from_chars(token_.data(), end, value);
      read.ec != std::errc() || read.ptr != end) {
    return error("a number");
  }
  advance();
  return value;
}

Result<CatalogueParser::Marks> CatalogueParser::marks() {
  Marks marks;
  while (accept("@")) {
    const auto personal = personal_data(token_);
    if (personal) {
      marks.personal = *personal;
    } else if (token_ == "deprecated") {
      marks.deprecated = true;
    } else {
      return error("deprecated or a kind of personal data");
    }
    advance();
  }
  return marks;
}

Result<ValueType*> CatalogueParser::definition() {
  if (!is_name(token_)) {
    return error("a name");
  }
  ValueType& type = declared(token_);
  if (undefined_.erase(&type) == 0) {
    return error("a name that is not defined yet");
  }
  advance();
  return &type;
}

// Types may be used before they are defined.
ValueType& CatalogueParser::declared(std::string_view name) {
  ValueType*& type = named_[name];
  if (type == nullptr) {
    type = &catalogue_.types_.emplace_back();
    type->name = name;
    undefined_.emplace(type, token_line_);
  }
  return *type;
}

Result<void> CatalogueParser::finish() {
  const auto required = [&](std::string_view name) { return &declared(name); };
  catalogue_.failure_ = required("failure");
  catalogue_.availability_ = required("availability");
  if (!undefined_.empty()) {
    const auto& [type, line] = *undefined_.begin();
    return file_error(fmt::format("line {}", line),
                      fmt::format("the type \"{}\" is not defined", type->name));
  }
  for (Property& property : everywhere_) {
    property.everywhere = true;
  }
  for (Capability& capability : catalogue_.capabilities_) {
    capability.properties.insert(capability.properties.end(), everywhere_.begin(),
                                 everywhere_.end());
  }
  return {};
}

}  // namespace autotape
