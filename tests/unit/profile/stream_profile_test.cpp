#include "profile/stream_profile.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace autotape;
using namespace std::chrono_literals;

namespace {

Message odometer(std::string_view id, std::string_view second, int value, bool dup = false) {
  Message message;
  message.dup = dup;
  message.payload = fmt::format(
      R"({{"message_id":"{}","version":1,"vin":"VF1","data":{{"diagnostics":{{"odometer":)"
      R"({{"data":{{"value":{}}},"timestamp":"2026-03-01T07:00:{}Z"}}}}}}}})",
      id, value, second);
  return message;
}

StreamCounts counts_of(const std::vector<Message>& messages) {
  StreamProfile profile;
  for (const Message& message : messages) {
    profile.add(message);
  }
  return profile.counts();
}

}  // namespace

TEST_CASE("A clean stream has neither duplicates nor disorder") {
  const auto counts = counts_of({odometer("A", "01", 1), odometer("B", "02", 2)});
  CHECK(counts.messages == 2);
  CHECK(counts.distinct_ids == 2);
  CHECK(counts.duplicates.repeated_ids() == 0);
  CHECK(counts.out_of_order == 0);
  CHECK(counts.readings_by_property.at("diagnostics.odometer") == 2);
}

TEST_CASE("The four kinds of duplicate are told apart") {
  CHECK(counts_of({odometer("A", "01", 1), odometer("A", "01", 1)}).duplicates.same_bytes == 1);
  CHECK(counts_of({odometer("A", "01", 1), odometer("A", "01", 2)}).duplicates.new_content == 1);
  CHECK(counts_of({odometer("A", "01", 1), odometer("B", "01", 1)}).duplicates.same_reading == 1);
  CHECK(counts_of({odometer("A", "01", 1), odometer("A", "01", 1, true)}).duplicates.redelivered ==
        1);
}

TEST_CASE("A reading older than one before it is out of order, by its lateness") {
  const auto counts = counts_of({odometer("A", "01", 1), odometer("C", "05", 3),
                                 odometer("B", "03", 2), odometer("D", "06", 4)});
  CHECK(counts.out_of_order == 1);
  CHECK(counts.lateness.greatest() == 2s);
}

TEST_CASE("A duplicate is not counted as disorder too") {
  const auto counts =
      counts_of({odometer("A", "01", 1), odometer("B", "02", 2), odometer("A", "01", 1)});
  CHECK(counts.duplicates.same_bytes == 1);
  CHECK(counts.out_of_order == 0);
}

TEST_CASE("What has no envelope is counted and left out") {
  Message broken;
  broken.payload = "{";
  const auto counts = counts_of({broken, odometer("A", "01", 1)});
  CHECK(counts.unreadable == 1);
  CHECK(counts.readings == 1);
}

TEST_CASE("Readings that are centuries apart are counted like others") {
  Message future = odometer("C", "01", 3);
  Message past = odometer("D", "01", 4);
  future.payload.replace(future.payload.find("2026"), 4, "2262");
  past.payload.replace(past.payload.find("2026"), 4, "1678");
  StreamProfile profile;
  profile.add(future);
  profile.add(past);
  CHECK(profile.counts().out_of_order == 1);
  CHECK(profile.counts().lateness.greatest() == Duration::max());
  CHECK(profile.gaps().count == 1);
}
