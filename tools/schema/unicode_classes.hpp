// Classes of characters by the names that ECMA-262 knows and RE2 does not.
#pragma once

#include <string_view>

namespace autotape {

// Within brackets, in RE2's syntax.
extern const std::string_view white_space_class;
extern const std::string_view not_white_space_class;

// "Lu" for "Uppercase_Letter": the short name of a general category (Unicode's
// PropertyValueAliases.txt), or `name` as it is.
std::string_view short_category_name(std::string_view name);

bool names_category(std::string_view name);  // "Lu", "Uppercase_Letter"

// "Grek" for "Greek". RE2 knows scripts by their long names alone.
bool names_script_shortly(std::string_view name);

// Binary properties (ECMA-262's tables 67 and 68: "Alphabetic", but not "Any"), and the categories
// Unassigned and Cased_Letter.
bool is_unknown_to_re2(std::string_view name);

}  // namespace autotape
