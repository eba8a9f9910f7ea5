#include "cli/stream_facts.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string describe_disorder(const StreamCounts& counts) {
  std::string line =
      fmt::format("out of order: {} of {} readings", describe_count(counts.out_of_order),
                  describe_count(counts.readings));
  if (counts.out_of_order > 0) {
    line += fmt::format(", typically {} late, 99 % within {}, at most {}",
                        describe_duration(counts.lateness.quantile(0.5)),
                        describe_duration(counts.lateness.quantile(0.99)),
                        describe_duration(counts.lateness.greatest()));
  }
  return line;
}

std::string describe_gaps(const CarGaps::Summary& gaps, Duration shortest) {
  std::string line = fmt::format("gaps: {} of more than {} between the readings of a car",
                                 describe_count(gaps.count), describe_duration(shortest));
  if (gaps.count > 0) {
    line +=
        fmt::format(", the longest {} ({} since {})", describe_duration(gaps.longest),
                    printable(gaps.car, 40), format_rfc3339(gaps.longest_from->time_since_epoch()));
  }
  return line;
}

}  // namespace

const std::array<StreamFact, 3>& stream_facts() {
  static constexpr std::array<StreamFact, 3> facts{
      {{"duplicates", "no message and no reading comes twice"},
       {"disorder", "the readings of a property come in the order of their timestamps"},
       {"gaps", "no car is silent for longer than --gap"}}};
  return facts;
}

const std::vector<std::string>& stream_fact_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const StreamFact& fact : stream_facts()) {
      all.emplace_back(fact.name);
    }
    return all;
  }();
  return names;
}

std::vector<std::string> describe_stream_facts(const StreamProfile& profile,
                                               Duration shortest_gap) {
  const StreamCounts& counts = profile.counts();
  const auto& [same_bytes, new_content, same_reading, redelivered] = counts.duplicates;
  return {fmt::format("duplicates: {} with the same bytes, {} with other content, {} of a reading "
                      "under another message_id, {} redelivered by a broker",
                      describe_count(same_bytes), describe_count(new_content),
                      describe_count(same_reading), describe_count(redelivered)),
          describe_disorder(counts), describe_gaps(profile.gaps(), shortest_gap)};
}

Json stream_facts_json(const StreamProfile& profile) {
  const StreamCounts& counts = profile.counts();
  const CarGaps::Summary gaps = profile.gaps();
  Json json;
  json["duplicates"] = {{"same_bytes", counts.duplicates.same_bytes},
                        {"new_content", counts.duplicates.new_content},
                        {"same_reading", counts.duplicates.same_reading},
                        {"redelivered", counts.duplicates.redelivered}};
  json["readings"] = counts.readings;
  json["out_of_order"] = {{"readings", counts.out_of_order},
                          {"typical_lateness_s", seconds(counts.lateness.quantile(0.5))},
                          {"p99_lateness_s", seconds(counts.lateness.quantile(0.99))},
                          {"greatest_lateness_s", seconds(counts.lateness.greatest())}};
  json["gaps"] = {{"count", gaps.count}, {"longest_s", seconds(gaps.longest)}};
  if (gaps.longest_from) {
    json["gaps"]["longest_of"] = printable(gaps.car, 40);
    json["gaps"]["longest_since"] = format_rfc3339(gaps.longest_from->time_since_epoch());
  }
  return json;
}

std::uint64_t count_stream_fact(const StreamProfile& profile, std::string_view name) {
  const StreamCounts& counts = profile.counts();
  if (name == "duplicates") {
    return counts.duplicates.repeated_ids() + counts.duplicates.same_reading;
  }
  return name == "disorder" ? counts.out_of_order : profile.gaps().count;
}

}  // namespace autotape
