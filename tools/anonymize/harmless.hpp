// What may stay as it is: public words, and what the user lists.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/result.hpp"

namespace autotape {

class Harmless {
 public:
  // `keep` names what stays although the catalogue does not know it as harmless:
  // "trips.description", "diagnostics.trouble_codes.id", a capability or a property that the
  // catalogue lacks, or a member of the envelope. Times are moved there too. An error if it would
  // keep a car's identity.
  static Result<Harmless> with(const std::vector<std::string>& keep);

  // Is `name` a word of the catalogue, of the topics, or of a path that is kept? Then it says
  // nothing of a person wherever it names something.
  bool is_public_name(std::string_view name) const { return names_.contains(name); }

  bool keeps_anything() const { return !kept_.empty(); }
  bool keeps(std::string_view path) const { return kept_.contains(path); }

  std::string kept_paths() const;  // "a.b,c.d", sorted

 private:
  Harmless();

  std::unordered_set<std::string_view> names_;  // into the catalogue and into `kept_`
  std::set<std::string, std::less<>> kept_;
};

bool is_harmless_content_type(std::string_view type);

// Does the host say nothing of who uses it?
bool is_public_host(std::string_view host);

}  // namespace autotape
