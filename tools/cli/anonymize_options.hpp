// The options that say how a tape is anonymised: the same for `anonymize` and `record --anonymize`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "anonymize/anonymizer.hpp"
#include "core/result.hpp"

namespace autotape {

struct AnonymizeOptions {
  std::string key_file;
  std::string coordinates = "drop";
  double grid = 0.1;  // degrees
  std::optional<int> shift_days;
  std::vector<std::string> keep;
};

void add_anonymize_options(CLI::App& command, AnonymizeOptions& options);

// Reads the key, or makes a new one and says so.
Result<std::unique_ptr<Anonymizer>> make_anonymizer(const AnonymizeOptions& options);

}  // namespace autotape
