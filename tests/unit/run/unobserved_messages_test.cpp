#include "run/unobserved_messages.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("a message is unobserved from its first delivery until it is named") {
  UnobservedMessages messages(false);
  messages.note_delivered("me", "A");
  messages.note_delivered("me", "B");
  messages.note_observed("me", "A");
  messages.note_delivered("me", "A");
  CHECK(messages.any("me"));
  messages.note_observed("me", "B");
  CHECK_FALSE(messages.any("me"));
}

TEST_CASE("an observation may be read before its delivery") {
  UnobservedMessages messages(false);
  messages.note_observed("me", "A");
  messages.note_delivered("me", "A");
  CHECK_FALSE(messages.any("me"));
}

TEST_CASE("of a consumer that names no message none is unobserved") {
  UnobservedMessages messages(false);
  messages.note_delivered("me", "A");
  messages.note_observed("another", "A");
  CHECK_FALSE(messages.any("me"));
}

TEST_CASE("what one consumer names, all have named that are judged together") {
  UnobservedMessages messages(true);
  messages.note_delivered("me", "A");
  messages.note_delivered("me", "B");
  messages.note_observed("another", "A");
  CHECK(messages.any("me"));
  messages.note_observed("another", "B");
  CHECK_FALSE(messages.any("me"));
}
