// The outcome of a run as it is reported, whatever the form: text, JSON, JUnit, HTML.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "json/document.hpp"
#include "verify/verdict.hpp"

namespace autotape {

// One line of a counterexample: what happened, when, since the start of the run.
struct TimelineEntry {
  Duration at{};
  std::string what;    // "sent", "delivered", "redelivered", "acknowledged", "observed"
  std::string detail;  // fit for a terminal
};

// How the first finding of a check came about.
struct Counterexample {
  std::string check;
  Finding finding;
  std::vector<TimelineEntry> timeline;  // in order
  std::uint64_t left_out = 0;           // entries in between that were too many to show
};

struct PartyReport {
  Verdict verdict;
  std::vector<Counterexample> counterexamples;  // one for each failed check
};

// A consumer that failed as a program, and what it wrote last.
struct ConsumerFault {
  std::uint32_t number = 1;
  std::string fault;
  std::string output_tail;
};

struct RunReport {
  std::string name;  // of the scenario or tape
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t seed = 0;
  Duration elapsed{};
  bool interrupted = false;   // judged is what was played until then
  bool tape_damaged = false;  // judged is what of the tape could be played
  std::vector<PartyReport> parties;
  std::vector<ConsumerFault> consumer_faults;
  std::vector<std::string> notes;  // worth saying, but no fault
  std::string folder;              // of the run; empty if it is not kept
  std::string repeat;              // the command that repeats exactly this; empty if there is none

  // failed before unknown before passed. What was interrupted did not pass.
  Outcome outcome() const;
};

std::string report_text(const RunReport& report);

// {"outcome":"failed","parties":[{"party":…,"checks":[…],"facts":{…}}],…}
Json report_json(const RunReport& report);

// The form that continuous-integration servers read: a test suite for each run and party, a test
// case for each check; an unknown check is an error, labels are properties.
std::string report_junit(const std::vector<RunReport>& reports);

// One page for people, with nothing beside it.
std::string report_html(const std::vector<RunReport>& reports);

// "B10BB67D…3D911": enough of an id to find it again. Fit for a terminal.
std::string short_id(const std::string& id);

}  // namespace autotape
