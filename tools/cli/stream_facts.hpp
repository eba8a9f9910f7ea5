// What is not right or wrong in a stream that delivers at least once and in no particular order:
// duplicates, disorder, gaps.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"
#include "profile/stream_profile.hpp"

namespace autotape {

// What --deny takes.
const std::vector<std::string>& stream_fact_names();

// Lines for people.
std::vector<std::string> describe_stream_facts(const StreamProfile& profile, Duration shortest_gap);

Json stream_facts_json(const StreamProfile& profile);

// Does the stream have one of these?
bool has_stream_fact(const StreamProfile& profile, std::string_view name);

}  // namespace autotape
