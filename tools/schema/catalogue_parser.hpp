// Reads the form of fixtures/catalogue/level13.catalogue; its README.md has the grammar.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// For one text, once.
class CatalogueParser {
 public:
  explicit CatalogueParser(std::string_view text);

  Result<Catalogue> parse();

 private:
  // Marks that stand behind a property or a member.
  struct Marks {
    bool deprecated = false;
    PersonalData personal = PersonalData::none;
  };

  void advance();  // to the next token
  bool accept(std::string_view token);
  Result<void> expect(std::string_view token);
  Result<std::string_view> name();
  Result<std::int64_t> integer();
  Error error(std::string_view expected) const;

  Result<void> statement();
  Result<void> quantity();
  Result<void> named_type();
  Result<void> capability();
  Result<std::vector<Property>> properties();
  Result<Property> property();
  Result<const ValueType*> type();
  Result<void> type_into(ValueType& type);
  Result<void> names_into(ValueType& type);
  Result<void> members_into(ValueType& type);
  Result<void> limits_into(ValueType& type);
  Result<Marks> marks();
  Result<ValueType*> definition();
  ValueType& declared(std::string_view name);
  Result<void> finish();

  std::string_view text_;
  std::size_t position_ = 0;
  std::string_view token_;  // the current one; empty at the end
  std::string_view next_;   // the one behind it
  std::size_t token_line_ = 1;
  std::size_t next_line_ = 1;

  Catalogue catalogue_;
  std::vector<Property> everywhere_;
  std::unordered_map<std::string_view, ValueType*> named_;
  std::unordered_map<const ValueType*, std::size_t> undefined_;  // and the line that names it
};

}  // namespace autotape
