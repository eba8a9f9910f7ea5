#include "tape/import/json_items.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace autotape;

namespace {

// Gives so many bytes at a time.
class SlowSource final : public ByteSource {
 public:
  SlowSource(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
  Result<std::size_t> read(char* buffer, std::size_t most) override {
    const std::size_t count = bytes_.copy(buffer, std::min(most, step_), at_);
    at_ += count;
    return count;
  }
  const std::string& path() const override { return path_; }

 private:
  std::string bytes_;
  std::size_t step_;
  std::size_t at_ = 0;
  std::string path_ = "file.json";
};

struct Items {
  std::vector<std::string> values;
  std::string what;  // why it is no JSON
};

Items items_of(const std::string& json, std::size_t step) {
  JsonItems items(std::make_unique<SlowSource>(json, step));
  Items all;
  std::string_view text;
  while (true) {
    const auto found = items.next(text);
    REQUIRE(found.ok());
    if (*found != JsonItems::Found::value) {
      all.what = items.what();
      return all;
    }
    all.values.emplace_back(text);
  }
}

using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("The items of an array are given as they are written, however the bytes come") {
  const std::string json =
      " [ {\"a\": \"]}\\\"\\\\\", \"b\":[1,[2]]} ,\n\"x,y\\\"\",12.5e3, [] ,null\n,true] \n";
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
    CAPTURE(step);
    const Items all = items_of(json, step);
    CHECK(all.values ==
          Values{R"({"a": "]}\"\\", "b":[1,[2]]})", R"("x,y\"")", "12.5e3", "[]", "null", "true"});
    CHECK(all.what.empty());
  }
}

TEST_CASE("What is no array is one value") {
  CHECK(items_of(" {\"a\":1}\n", 4).values == Values{"{\"a\":1}\n"});
  CHECK(items_of("[]", 1).values.empty());
  CHECK(items_of("[]", 1).what.empty());
}

TEST_CASE("Where it is no JSON the values before it are given, and the reason") {
  CHECK(items_of("", 1).what == "is empty");
  CHECK(items_of("[1", 1).what == "ends in the middle of the array");
  CHECK(items_of("[1,", 1).what == "ends in the middle of the array");
  CHECK(items_of("[{\"a\":[1,2}", 1).what == "ends in the middle of the array");
  CHECK(items_of("[1 2]", 1).what == "has no comma between two items of the array");
  CHECK(items_of("[1,,2]", 1).what == "has a comma without an item");
  CHECK(items_of("[1]x", 1).what == "goes on behind the array");
  CHECK(items_of("[1,2 3]", 1).values == Values{"1", "2"});
}
