// A tape, record by record, with pseudonyms in the place of what tells of a person.
//
// Equality, order, duplicates and schema validity are as they were: a verdict on the tape before
// and after is the same. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "anonymize/harmless.hpp"
#include "anonymize/payload_rewriter.hpp"
#include "anonymize/pseudonyms.hpp"
#include "core/result.hpp"
#include "tape/tape.hpp"

namespace autotape {

// What TapeHeader::privacy says of a tape.
inline constexpr std::string_view privacy_raw = "raw";
inline constexpr std::string_view privacy_anonymized = "anonymized";
inline constexpr std::string_view privacy_synthetic = "synthetic";  // never had personal data

struct AnonymizeSettings {
  CoordinateSettings coordinates;
  std::optional<int> shift_days;  // otherwise the key chooses
};

struct AnonymizeCounts {
  std::uint64_t messages = 0;
  std::uint64_t changed = 0;          // their payloads
  std::uint64_t stubs = 0;            // payloads that could not be parsed
  std::uint64_t details_dropped = 0;  // of markers: texts that this program does not write
};

class Anonymizer {
 public:
  // `key` is that of `settings` and of all tapes on which a car shall have the same pseudonym.
  Anonymizer(const AnonymizeKey& key, const AnonymizeSettings& settings, Harmless harmless);
  Anonymizer(const Anonymizer&) = delete;
  Anonymizer& operator=(const Anonymizer&) = delete;

  // Call it before the first record: markers repeat what the header says.
  TapeHeader header(const TapeHeader& original);
  void rewrite(RecordedMessage& message);
  void rewrite(Marker& marker);

  // Each VIN, App ID, UUID and other long hexadecimal number in a file's name becomes its
  // pseudonym.
  std::string file_name(std::string_view name);

  const AnonymizeCounts& counts() const { return counts_; }
  const PayloadRewriter& payloads() const { return payloads_; }

 private:
  std::string broker(const std::string& address);
  std::string topic(std::string_view original);
  void rewrite_payload(Message& message);
  void rewrite_properties(PublishProperties& properties);

  std::string key_id_;
  AnonymizeSettings settings_;
  Pseudonyms pseudonyms_;
  Harmless harmless_;
  PayloadRewriter payloads_;
  std::string broker_;  // of the original header
  AnonymizeCounts counts_;
};

}  // namespace autotape
