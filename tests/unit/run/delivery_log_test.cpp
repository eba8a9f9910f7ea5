#include "run/delivery_log.hpp"

#include <doctest/doctest.h>

#include "run/temporary_folder.hpp"

using namespace autotape;

namespace {

class Deliveries final : public DeliverySource {
 public:
  explicit Deliveries(std::vector<Delivery> deliveries) : deliveries_(std::move(deliveries)) {}

  Result<std::optional<PlanItem>> next() override {
    return next_ < deliveries_.size() ? std::optional<PlanItem>(deliveries_[next_++])
                                      : std::optional<PlanItem>();
  }
  const std::vector<std::string>& stage_names() const override { return names_; }

 private:
  std::vector<Delivery> deliveries_;
  std::vector<std::string> names_{"selection", "twice", "corrupt"};
  std::size_t next_ = 0;
};

Delivery delivery(std::uint64_t index, std::string payload,
                  const std::vector<StageAction>& actions) {
  Delivery made;
  made.index = index;
  made.message = index + 10;
  made.due = DueTime(std::chrono::milliseconds(index));
  for (const StageAction action : actions) {
    made.actions.push_back(action);
  }
  auto content = std::make_shared<Message>();
  content->topic = "a/\"b\"";
  content->payload = std::move(payload);
  made.content = std::move(content);
  return made;
}

}  // namespace

TEST_CASE("Deliveries are read back with their content, also when it is not text") {
  auto folder = TemporaryFolder::create();
  const std::string path = folder->path() + "/deliveries.ndjson";
  const std::vector<Delivery> before{
      delivery(1, R"({"message_id":"A"})", {}),
      delivery(2, std::string("\x00\xFF", 2), {{2, ActionKind::bad_utf8}}),
      delivery(3, "", {{1, ActionKind::copied}, {2, ActionKind::truncated}})};
  {
    auto logged = LoggedPlan::create(path, std::make_unique<Deliveries>(before));
    REQUIRE(logged.ok());
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(std::get<Delivery>(**(*logged)->next()).index == i + 1);
    }
  }
  auto reader = DeliveryLogReader::open(path);
  REQUIRE(reader.ok());
  for (const Delivery& wanted : before) {
    const auto item = (*reader)->next();
    REQUIRE(item.ok());
    const auto& read = std::get<Delivery>(**item);
    CHECK(read.index == wanted.index);
    CHECK(read.message == wanted.message);
    CHECK(read.due == wanted.due);
    CHECK(*read.content == *wanted.content);
    REQUIRE(read.actions.size() == wanted.actions.size());
    for (std::size_t i = 0; i < read.actions.size(); ++i) {
      CHECK(read.actions[i].kind == wanted.actions[i].kind);
    }
  }
  CHECK((*reader)->stage_names() == std::vector<std::string>{"corrupt", "twice"});
  CHECK_FALSE((*(*reader)->next()).has_value());
}

TEST_CASE("A line that is no delivery is an error with its place") {
  auto folder = TemporaryFolder::create();
  const std::string path = folder->path() + "/deliveries.ndjson";
  for (const char* line :
       {"x", "[]", R"({"delivery":1})", R"({"delivery":1,"actions":["a/b"],"payload":""})"}) {
    CAPTURE(line);
    REQUIRE(write_file(path, std::string(line) + "\n").ok());
    const auto item = (*DeliveryLogReader::open(path))->next();
    REQUIRE_FALSE(item.ok());
    CHECK(item.error().where == path + ":1");
  }
}
