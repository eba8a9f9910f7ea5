#include "cli/validation_coverage.hpp"

#include <set>

#include <fmt/format.h>

#include "schema/catalogue.hpp"

namespace autotape {
namespace {

// "diagnostics.odometer" of "/data/diagnostics/odometer/data/unit"; empty if the pointer is not
// that deep.
std::string property_of(std::string_view pointer) {
  constexpr std::string_view data = "/data/";
  if (!pointer.starts_with(data)) {
    return {};
  }
  pointer.remove_prefix(data.size());
  const std::size_t slash = pointer.find('/');
  if (slash == std::string_view::npos) {
    return {};
  }
  const std::string_view property = pointer.substr(slash + 1);
  return fmt::format("{}.{}", pointer.substr(0, slash), property.substr(0, property.find('/')));
}

std::uint64_t count_of(const std::map<std::string, std::uint64_t, std::less<>>& counts,
                       const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

void ValidationCoverage::add(const Violation& violation) {
  std::string property = property_of(violation.instance);
  if (property.empty() && violation.unlisted > 0) {
    property = "(of several, not listed)";
  }
  if (!property.empty()) {
    constexpr std::size_t most_names = 10'000;  // of names that a hostile tape makes up
    if (violations_.size() < most_names || violations_.count(property) != 0) {
      violations_[std::move(property)] += violation.count();
    }
  }
}

std::vector<ValidationCoverage::Row> ValidationCoverage::rows(const StreamCounts& counts) const {
  std::set<std::string> names;
  for (const auto& [name, count] : counts.readings_by_property) {
    names.insert(name);
  }
  for (const auto& [name, count] : violations_) {
    names.insert(name);
  }
  std::vector<Row> rows;
  for (const std::string& name : names) {
    rows.push_back(
        {name, count_of(counts.readings_by_property, name), count_of(violations_, name)});
  }
  return rows;
}

std::string describe_coverage(const StreamCounts& counts) {
  std::size_t total = 0;
  std::size_t seen = 0;
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    for (const Property& property : capability.properties) {
      ++total;
      const std::string name = fmt::format("{}.{}", capability.name, property.name);
      seen += count_of(counts.readings_by_property, name) > 0 ? 1U : 0U;
    }
  }
  return fmt::format("{} of the catalogue's {} properties were seen", seen, total);
}

}  // namespace autotape
