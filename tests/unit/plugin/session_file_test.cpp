#include "mockbroker/plugin/session_file.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

// A file in memory.
struct Written {
  std::string text;
  SessionFile open() {
    return SessionFile(text, [this](std::string_view line) {
      text += line;
      return true;
    });
  }
};

}  // namespace

TEST_CASE("what was subscribed is known to the next run") {
  Written file;
  {
    SessionFile sessions = file.open();
    sessions.begin("client", "certificate");
    sessions.subscribe("client", "a/b with blanks/#", 1);
    sessions.subscribe("client", "c", 0);
    sessions.unsubscribe("client", "c");
  }
  const SessionFile again = file.open();
  REQUIRE(again.find("client") != nullptr);
  CHECK(again.find("client")->certificate_id == "certificate");
  CHECK(again.find("client")->filters == std::map<std::string, int>{{"a/b with blanks/#", 1}});
  CHECK(again.find("nobody") == nullptr);
}

TEST_CASE("what changes nothing is not written") {
  Written file;
  SessionFile sessions = file.open();
  sessions.begin("client", "certificate");
  sessions.subscribe("client", "a", 1);
  const std::size_t size = file.text.size();
  sessions.begin("client", "certificate");
  sessions.subscribe("client", "a", 1);
  sessions.unsubscribe("client", "b");
  CHECK(file.text.size() == size);
  sessions.clear("client");
  CHECK(file.text.size() > size);
  CHECK(sessions.find("client")->filters.empty());
}

TEST_CASE("a torn last line is dropped, and the compact form says the same") {
  Written file;
  SessionFile sessions = file.open();
  sessions.begin("client", "certificate");
  sessions.subscribe("client", "a", 1);
  const std::string before = sessions.compact();
  file.text += "+\tclient\t1\ttorn";
  CHECK(file.open().compact() == before);
  file.text = before;
  CHECK(file.open().compact() == before);
}
