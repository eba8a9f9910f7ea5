#include "tape/contents.hpp"

#include "tape/reading_rows.hpp"
#include "tape_files.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

ReceivedTime at(int second) {
  return ReceivedTime(std::chrono::seconds(second));
}

}  // namespace

TEST_CASE("Contents are counted by car and property, and what has no envelope apart") {
  ContentsCounter counter;
  for (const TapeEntry& entry : varied_entries()) {
    std::visit([&](const auto& record) { counter.add(record); }, entry);
  }
  const TapeContents contents = counter.contents();
  CHECK(contents.messages == 5);
  CHECK(contents.without_envelope == 2);
  CHECK(contents.readings == 3);
  CHECK(contents.readings_by_car.by_name.at("WATDEMEV7TRA1N002") == 2);
  CHECK(contents.readings_by_property.by_name.at("diagnostics.odometer") == 3);
  CHECK(contents.marker_count == 2);
  CHECK(contents.first_received == odometer_message("", 1).received);
  CHECK(contents.last_received == odometer_message("", 5).received);
}

TEST_CASE("Names without end are counted together in bounded memory") {
  ContentsCounter counter;
  for (int i = 0; i < 50'100; ++i) {
    counter.add(odometer_message("CAR" + std::to_string(i), i));
  }
  counter.add(odometer_message(std::string(1000, 'x'), 1));
  const NameCounts cars = counter.contents().readings_by_car;
  CHECK(cars.by_name.size() == NameCounts::most_names);
  CHECK(cars.others == 101);
}

TEST_CASE(
    "A gap goes from the disconnect to the next connection, with the broker's session or without") {
  const auto gaps = gaps_in({{MarkerKind::recording_started, at(1), {}},
                             {MarkerKind::connected, at(2), {}},
                             {MarkerKind::disconnected, at(5), "reset"},
                             {MarkerKind::connected, at(7), {}},
                             {MarkerKind::disconnected, at(10), "reset"},
                             {MarkerKind::session_lost, at(11), {}},
                             {MarkerKind::connected, at(12), {}},
                             {MarkerKind::recording_resumed, at(20), {}},
                             {MarkerKind::connected, at(21), {}},
                             {MarkerKind::recording_stopped, at(30), {}}});
  REQUIRE(gaps.size() == 3);
  CHECK(gaps[0].from == at(5));
  CHECK(gaps[0].to == at(7));
  CHECK(gaps[0].session_kept);
  CHECK(gaps[0].reason == "reset");
  CHECK_FALSE(gaps[1].session_kept);
  CHECK(gaps[1].to == at(12));
  CHECK_FALSE(gaps[2].from.has_value());
  CHECK(gaps[2].to == at(21));
}

TEST_CASE("A reading is one row: a quantity is split, other values are their JSON") {
  ReadingRows rows;
  std::string csv;
  CHECK(rows.append_csv(csv, odometer_message("WATDEMPT0TRA1N001", 7)));
  CHECK(
      csv ==
      "2026-03-02T07:00:00.007Z,2026-03-02T06:45:00.214Z,WATDEMPT0TRA1N001,diagnostics,odometer,0,"
      "7,kilometers,,,A7\n");

  RecordedMessage list = odometer_message("V", 1);
  list.message.payload =
      R"({"message_id":"B","vin":"V","data":{"doors":{"locks":[{"data":{"lock":"a,b"}},)"
      R"({"failure":{"reason":"unknown"}},{"data":"say \"x\""}]}}})";
  csv.clear();
  CHECK(rows.append_csv(csv, list));
  CHECK(csv ==
        "2026-03-02T07:00:00.001Z,,V,doors,locks,0,\"{\"\"lock\"\":\"\"a,b\"\"}\",,,,B\n"
        "2026-03-02T07:00:00.001Z,,V,doors,locks,1,,,\"{\"\"reason\"\":\"\"unknown\"\"}\",,B\n"
        "2026-03-02T07:00:00.001Z,,V,doors,locks,2,\"say \"\"x\"\"\",,,,B\n");

  std::string lines;
  CHECK(rows.append_ndjson(lines, odometer_message("V", 7)));
  CHECK(lines == R"({"received":"2026-03-02T07:00:00.007Z","timestamp":"2026-03-02T06:45:00.214Z",)"
                 R"("vin":"V","capability":"diagnostics","property":"odometer","item":0,"value":7,)"
                 R"("unit":"kilometers","message_id":"A7"})"
                 "\n");
  RecordedMessage broken;
  CHECK_FALSE(rows.append_csv(csv, broken));
}
