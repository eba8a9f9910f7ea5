// What is not right or wrong in a stream that delivers at least once and in no particular order:
// duplicates, disorder, gaps.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"
#include "profile/stream_profile.hpp"

namespace autotape {

struct StreamFact {
  std::string_view name;
  std::string_view meaning;
};

const std::array<StreamFact, 3>& stream_facts();

// What --deny takes.
const std::vector<std::string>& stream_fact_names();

// Lines for people.
std::vector<std::string> describe_stream_facts(const StreamProfile& profile, Duration shortest_gap);

Json stream_facts_json(const StreamProfile& profile);

// How many of these the stream has.
std::uint64_t count_stream_fact(const StreamProfile& profile, std::string_view name);

}  // namespace autotape
