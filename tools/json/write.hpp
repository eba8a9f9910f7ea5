// Writing JSON lines fast, without a tree in between.
#pragma once

#include <string>
#include <string_view>

namespace autotape {

// Appends `text` as a JSON string, with quotes. `text` must be UTF-8; what JSON does not require to
// be escaped stays as it is, so that a payload can be searched for in a file.
void append_json_string(std::string& out, std::string_view text);

}  // namespace autotape
