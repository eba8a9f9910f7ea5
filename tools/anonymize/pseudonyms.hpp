// Keyed pseudonyms: the same for the same value, wherever it stands, and nothing to be learned from
// them without the key but which values are equal.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "anonymize/coordinates.hpp"
#include "anonymize/date_shift.hpp"
#include "anonymize/key.hpp"
#include "anonymize/substitution.hpp"
#include "x509/hmac.hpp"

namespace autotape {

// What pseudonyms of free text and of names begin with.
inline constexpr std::string_view pseudonym_prefix = "anon_";

// The form that a pseudonym of the same kind would have: a VIN for a VIN, a UUID for a UUID,
// hexadecimal digits in the same number and case for 16 of them or more, "anon_" and letters for
// everything else.
bool has_pseudonym_form(std::string_view text);

// Not thread-safe.
class Pseudonyms final : public Substitution {
 public:
  // Without `shift_days` the key chooses: 5 to 104 weeks back.
  Pseudonyms(const AnonymizeKey& key, const CoordinateSettings& coordinates,
             std::optional<int> shift_days);

  // Empty text stays empty. What has the length of a VIN keeps it.
  std::string_view text(std::string_view original) override;
  std::string_view date_time(std::string_view original) override;
  std::string_view number(std::string_view literal) override;
  std::string_view coordinate(Axis axis, std::string_view literal, std::string_view vin) override;

  const DateShift& dates() const { return dates_; }

  // A line in the place of a payload that cannot be parsed.
  std::string stub(std::string_view payload);

 private:
  std::string make_text(std::string_view original);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  HmacSha256 hmac_;
  CoordinateSettings coordinates_;
  DateShift dates_;
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>>
      names_;  // that come often
  std::string result_;
};

// Is it a stub that stub() made?
bool is_stub(std::string_view payload);

}  // namespace autotape
