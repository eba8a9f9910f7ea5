#include "shape/plan_file.hpp"

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "tests/unit/support/memory_tape.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

Shape eventful_shape() {
  Shape shape;
  add_stage(shape, DuplicateSettings{0.3, 2, ExponentialDuration{5s}});
  add_stage(shape, DropSettings{0.1});
  add_stage(shape, CorruptSettings{0.1, {ActionKind::bad_utf8, ActionKind::truncated}});
  add_stage(shape, ReorderSettings{ReorderMode::late, 5});
  return shape;
}

std::string text_of(DeliverySource& plan) {
  std::string text =
      plan_header_line(
          {.tape = "t", .scenario = "story", .seed = 3, .stages = plan.stage_names()}) +
      "\n";
  const PlanLines lines(plan.stage_names());
  while (true) {
    const auto item = plan.next();
    REQUIRE(item);
    if (!*item) {
      return text;
    }
    lines.append(text, **item);
  }
}

}  // namespace

TEST_CASE("A plan is written in lines that people can read") {
  DeliveryPlan plan(tape_of(numbered_messages(2)), {},
                    one_stage(DuplicateSettings{1, 1, FixedDuration{500ms}}), 3);
  CHECK(text_of(plan) ==
        R"({"plan":1,"tape":"t","scenario":"story","seed":3,"stages":["selection","duplicate"]})"
        "\n"
        R"({"delivery":1,"message":1,"due":0})"
        "\n"
        R"({"delivery":2,"message":1,"copy":1,"due":500000000,"actions":["duplicate/copied"]})"
        "\n"
        R"({"delivery":3,"message":2,"due":1000000000})"
        "\n"
        R"({"delivery":4,"message":2,"copy":1,"due":1500000000,"actions":["duplicate/copied"]})"
        "\n");
}

TEST_CASE("A saved plan gives the same plan back, messages and all") {
  const TestFolder folder;
  DeliveryPlan made(tape_of(numbered_messages(500, 5)), {}, eventful_shape(), 3);
  const std::string text = text_of(made);
  const std::string path = folder.file("p.plan");
  REQUIRE(write_file(path, text));
  auto saved = SavedPlan::open(path);
  REQUIRE(saved);
  (*saved)->read_messages_from(tape_of(numbered_messages(500, 5)));
  const WholePlan again = whole_plan(**saved);
  const WholePlan once = shaped(numbered_messages(500, 5), eventful_shape(), 3);
  REQUIRE(again.deliveries.size() == once.deliveries.size());
  REQUIRE(again.drops.size() == once.drops.size());
  for (std::size_t i = 0; i < once.deliveries.size(); ++i) {
    CHECK(*again.deliveries[i].content == *once.deliveries[i].content);
    CHECK(again.deliveries[i].actions == once.deliveries[i].actions);
    CHECK(again.deliveries[i].due == once.deliveries[i].due);
  }
}

TEST_CASE("What was altered keeps its MQTT 5 properties") {
  auto messages = numbered_messages(1);
  messages[0].message.properties.emplace();
  messages[0].message.properties->content_type = "application/json";
  messages[0].message.properties->user_properties = {{"source", "car"}};
  const Shape shape = one_stage(CorruptSettings{1, {ActionKind::truncated}});
  DeliveryPlan made(tape_of(messages), {}, shape, 3);
  const TestFolder folder;
  const std::string path = folder.file("p.plan");
  REQUIRE(write_file(path, text_of(made)));
  auto saved = SavedPlan::open(path);
  REQUIRE(saved);
  (*saved)->read_messages_from(tape_of(messages));
  const WholePlan again = whole_plan(**saved);
  REQUIRE(again.deliveries.size() == 1);
  CHECK(again.deliveries[0].altered);
  CHECK(again.deliveries[0].content->properties == messages[0].message.properties);
}

TEST_CASE("A plan that does not fit its tape, or is none, says so") {
  const TestFolder folder;
  const std::string path = folder.file("p.plan");
  const auto next_error = [&](const std::string& text) {
    REQUIRE(write_file(path, text));
    auto saved = SavedPlan::open(path);
    if (!saved) {
      return saved.error().line();
    }
    (*saved)->read_messages_from(tape_of(numbered_messages(2)));
    const auto item = (*saved)->next();
    REQUIRE_FALSE(item);
    return item.error().line();
  };
  const std::string header = "{\"plan\":1,\"tape\":\"t\",\"seed\":1,\"stages\":[\"selection\"]}\n";
  CHECK(next_error("{}\n").find("is not a delivery plan") != std::string::npos);
  CHECK(next_error(header + "{\"delivery\":1,\"message\":3,\"due\":0}\n").find("has 2 messages") !=
        std::string::npos);
  CHECK(next_error(header + "{\"delivery\":1,\"message\":1,\"actions\":[\"x/copied\"]}\n")
            .find("names a stage \"x\"") != std::string::npos);
  CHECK(next_error(header + "{\"due\":1}\n").find(":2: ") != std::string::npos);

  // Damage
  for (const auto& [line, wrong] : std::vector<std::pair<std::string, std::string>>{
           {R"({"delivery":1,"message":1,"due":-5})", "/due must be"},
           {R"({"delivery":1,"message":1,"due":"soon"})", "/due must be"},
           {R"({"delivery":1,"message":1,"copy":4294967296})", "/copy must be"},
           {R"({"delivery":1,"message":4000000000000000000})", "which no tape has"},
           {R"({"delivery":1,"message":4e18})", "/message must be"},
           {R"({"delivery":1,"message":1,"topic":"a","payload_base64":"*"})", "/payload_base64"},
           {R"({"delivery":1,"message":1,"topic":"a"})", "no payload"},
           {R"({"delivery":1,"message":1,"topic":"a","payload":"","qos":3})", "/qos must be"}}) {
    CAPTURE(line);
    const std::string error = next_error(header + line + "\n");
    CHECK(error.find("p.plan:2: ") != std::string::npos);
    CHECK(error.find(wrong) != std::string::npos);
  }
}
