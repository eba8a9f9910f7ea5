#include "run/verify_run.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/line_reader.hpp"
#include "journal/broker_event.hpp"
#include "journal/observation_log.hpp"
#include "run/broker_event_log.hpp"
#include "run/counterexample.hpp"
#include "run/delivery_join.hpp"
#include "run/delivery_log.hpp"
#include "run/held_up_link.hpp"
#include "run/manifest.hpp"
#include "run/missed_faults.hpp"
#include "run/session_loss.hpp"
#include "verify/verifier.hpp"
#include "x509/digest.hpp"

namespace autotape {
namespace {

// Whose deliveries and observations are judged together.
struct Party {
  std::string name;
  std::vector<const ConsumerConduct*> consumers;

  bool has_client(const std::optional<std::string>& client) const {
    return client && std::any_of(consumers.begin(), consumers.end(),
                                 [&](const auto* one) { return one->client_id == *client; });
  }
  bool is_locked_out() const {
    return std::any_of(consumers.begin(), consumers.end(),
                       [](const auto* one) { return one->locked_out; });
  }
  bool has_number(std::uint32_t number) const {
    return std::any_of(consumers.begin(), consumers.end(),
                       [&](const auto* one) { return one->number == number; });
  }
};

std::vector<Party> parties_of(const Manifest& manifest) {
  std::vector<Party> parties;
  const bool together =
      manifest.expectation.parties == Parties::together && manifest.consumers.size() > 1;
  for (const ConsumerConduct& consumer : manifest.consumers) {
    if (!together || parties.empty()) {
      parties.push_back({together ? "all consumers"
                         : manifest.consumers.size() == 1
                             ? "consumer"
                             : fmt::format("consumer {}", consumer.number),
                         {}});
    }
    parties.back().consumers.push_back(&consumer);
  }
  return parties;
}

// What the broker's log says beside the deliveries.
struct BrokerLosses {
  std::optional<std::string> possible;  // why the broker may have lost messages, if it may
  std::vector<SessionLoss> by_session;  // of each client
};

// Was the party ended while messages were on their way to it? All are, when one of them fails.
bool was_cut_short(const Manifest& manifest, const Party& party) {
  return manifest.interrupted || party.is_locked_out() ||
         std::any_of(manifest.consumers.begin(), manifest.consumers.end(),
                     [](const ConsumerConduct& consumer) { return !consumer.fault.empty(); });
}

// What a party was sent, and what it acknowledged early enough to have observed it, too: the filter
// behind `mosquitto_sub` reads what was acknowledged before, and both are ended together.
class PartyEvents {
 public:
  explicit PartyEvents(Verifier& verifier) : verifier_(verifier) {}

  void add(const BrokerEvent& event) {
    const bool redelivered = event.kind == BrokerEventKind::redelivered;
    if (redelivered || event.kind == BrokerEventKind::delivered) {
      verifier_.delivered(event.message_id, event.time, redelivered);
    } else if (event.kind == BrokerEventKind::acknowledged && event.message_id) {
      fresh_.emplace_back(event.time, *event.message_id);
    }
    while (!fresh_.empty() && event.time - fresh_.front().first >= time_to_observe) {
      verifier_.acknowledged(fresh_.front().second);
      fresh_.pop_front();
    }
  }

 private:
  static constexpr Duration time_to_observe = std::chrono::seconds(1);

  Verifier& verifier_;
  std::deque<std::pair<ReceivedTime, std::string>> fresh_;  // acknowledged
};

Result<void> feed_deliveries(const RunFiles& files, const Party& party, Verifier& verifier,
                             BrokerLosses& losses) {
  AUTOTAPE_TRY_ASSIGN(auto events, BrokerEventLog::open(files.events));
  std::vector<DeliveryJoin> joins;
  std::vector<HeldUpLink> links;
  for (const ConsumerConduct* consumer : party.consumers) {
    joins.emplace_back(consumer->client_id);
    links.emplace_back(consumer->client_id);
    losses.by_session.emplace_back(consumer->client_id);
  }
  PartyEvents events_of_party(verifier);
  BrokerEvent event;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, events.next(event));
    if (!more) {
      break;
    }
    for (DeliveryJoin& join : joins) {
      join.complete(event);
    }
    for (HeldUpLink& link : links) {
      link.note(event);
    }
    if (event.kind == BrokerEventKind::possible_loss &&
        (!event.client || party.has_client(event.client))) {
      losses.possible = event.detail.value_or("");
    }
    for (SessionLoss& session : losses.by_session) {
      session.note(event);
    }
    if (party.has_client(event.client)) {
      events_of_party.add(event);
    }
  }
  for (const HeldUpLink& link : links) {
    for (const auto& [from, to] : link.spans()) {
      verifier.held_up(from, to);
    }
  }
  return {};
}

Result<void> feed_plan(const RunFiles& files, Verifier& verifier) {
  AUTOTAPE_TRY_ASSIGN(auto plan, DeliveryLogReader::open(files.deliveries));
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
      return {};
    }
    verifier.planned(std::get<Delivery>(*item));
  }
}

Result<void> feed_observations(const RunFiles& files, const Party& party, Verifier& verifier) {
  AUTOTAPE_TRY_ASSIGN(auto log, ObservationLogReader::open(files.observations));
  ObservationReader reader;
  LoggedObservation logged;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, log.next(logged));
    if (!more) {
      return {};
    }
    if (!party.has_number(logged.consumer)) {
      continue;
    }
    const auto observation = reader.read(logged.said);
    if (logged.readable && observation) {
      verifier.observed(**observation, {logged.time, logged.line, logged.consumer});
    } else {
      verifier.unreadable(logged.readable ? observation.error().line() : logged.why, logged.line);
    }
  }
}

// A verifier that has seen all of a run.
Result<std::unique_ptr<Verifier>> fed_verifier(const RunFiles& files, const Manifest& manifest,
                                               const Party& party,
                                               std::optional<std::string>& loss) {
  auto verifier = std::make_unique<Verifier>(
      VerifierSettings{manifest.expectation, party.name, manifest.sent, manifest.started,
                       manifest.rate_multiple, was_cut_short(manifest, party)});
  BrokerLosses losses;
  AUTOTAPE_TRY(feed_deliveries(files, party, *verifier, losses));
  loss = losses.possible ? losses.possible : loss;
  AUTOTAPE_TRY(feed_plan(files, *verifier));
  for (SessionLoss& session : losses.by_session) {
    if (!was_cut_short(manifest, party)) {
      session.end();
    }
    for (const std::string& id : session.message_ids()) {
      verifier->session_lost(id);
    }
  }
  AUTOTAPE_TRY(feed_observations(files, party, *verifier));
  return verifier;
}

// The run with the clean stream, where the metamorphic check wanted one.
struct CleanRun {
  RunFiles files;
  Manifest manifest;
  std::vector<Party> parties;
};

Result<std::unique_ptr<CleanRun>> clean_run_of(const RunFiles& files, const Manifest& manifest) {
  if (manifest.expectation.metamorphic == CheckMode::off || !std::filesystem::exists(files.clean)) {
    return std::unique_ptr<CleanRun>();
  }
  auto clean = std::make_unique<CleanRun>(CleanRun{RunFiles(files.clean), {}, {}});
  AUTOTAPE_TRY_ASSIGN(clean->manifest, read_manifest(clean->files.manifest));
  clean->manifest.expectation = manifest.expectation;
  clean->parties = parties_of(clean->manifest);
  return clean;
}

// Where something is missing that the broker may have lost, nobody can say that the consumer did.
void allow_for_loss(const std::string& loss, Verdict& verdict) {
  for (CheckResult& check : verdict.checks) {
    const bool only_missing =
        check.outcome == Outcome::failed &&
        std::all_of(check.findings.begin(), check.findings.end(), [](const Finding& finding) {
          return finding.kind == FindingKind::lost || finding.kind == FindingKind::stale;
        });
    if (only_missing) {
      check.outcome = Outcome::unknown;
      check.summary += fmt::format(", and the broker itself may have lost messages: {}", loss);
    }
  }
}

Result<Verdict> judge(const RunFiles& files, const Manifest& manifest, const Party& party,
                      const CleanRun* clean) {
  std::optional<std::string> loss;
  AUTOTAPE_TRY_ASSIGN(const auto verifier, fed_verifier(files, manifest, party, loss));
  if (clean != nullptr && !clean->manifest.interrupted) {
    const auto same = std::find_if(clean->parties.begin(), clean->parties.end(),
                                   [&](const Party& one) { return one.name == party.name; });
    if (same != clean->parties.end()) {
      AUTOTAPE_TRY_ASSIGN(const auto before,
                          fed_verifier(clean->files, clean->manifest, *same, loss));
      verifier->compare_with(*before);
    }
  }
  Verdict verdict = verifier->verdict();
  if (loss) {
    allow_for_loss(*loss, verdict);
  }
  allow_for_missed_faults(manifest, verdict);
  if (party.is_locked_out()) {
    doubt_required_checks(manifest.expectation, "messages were left that could not reach it",
                          verdict);
  }
  return verdict;
}

// How the consumers behaved as programs.
void report_conduct(const Manifest& manifest, std::string_view where, RunReport& report) {
  for (const ConsumerConduct& consumer : manifest.consumers) {
    if (!consumer.fault.empty()) {
      report.consumer_faults.push_back(
          {consumer.number, fmt::format("{}{}", consumer.fault, where), consumer.output_tail});
    }
    if (consumer.locked_out) {
      report.notes.push_back(
          fmt::format("consumer {} could not come back for the rest of the stream, since its "
                      "certificate had expired{}",
                      consumer.number, where));
    }
    if (!consumer.note.empty()) {
      report.notes.push_back(
          fmt::format("consumer {} {}{}", consumer.number, consumer.note, where));
    }
  }
}

// ", since consumer 2 had failed before …": one that fails early keeps the stream from all.
std::string why_nothing_was_played(const Manifest& manifest) {
  const auto failed =
      std::find_if(manifest.consumers.begin(), manifest.consumers.end(),
                   [](const ConsumerConduct& consumer) { return !consumer.fault.empty(); });
  if (manifest.sent > 0 || failed == manifest.consumers.end()) {
    return {};
  }
  return fmt::format(", since consumer {} had failed before the stream was played", failed->number);
}

void report_tape_damage(const Manifest& manifest, RunReport& report) {
  report.tape_damaged = !manifest.tape_damage.empty();
  for (const std::string& line : manifest.tape_damage) {
    report.notes.push_back(fmt::format("{}: {}", manifest.tape, line));
  }
}

// Evidence that was changed after the run is judged as it is, and that is said. `folder` is what a
// file's name stands behind.
Result<void> report_changes(const RunFiles& files, const Manifest& manifest,
                            std::string_view folder, RunReport& report) {
  for (const char* const name : RunFiles::evidence) {
    const auto left = manifest.evidence.find(name);
    AUTOTAPE_TRY_ASSIGN(const std::string now, sha256_of_file(files.file(name)));
    if (left != manifest.evidence.end() && now != left->second) {
      report.notes.push_back(fmt::format("{}{} is not as the run left it", folder, name));
    }
  }
  return {};
}

// As a shell reads it back.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./=:,@%+").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) {
    return word;
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

// The command that makes such a run again. Its folder is left out: it is taken.
std::string repeat_command(const std::vector<std::string>& words) {
  std::string text;
  bool after_double_dash = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    after_double_dash = after_double_dash || words[i] == "--";
    if (!after_double_dash && (words[i] == "-o" || words[i] == "--out")) {
      ++i;
    } else if (after_double_dash || !words[i].starts_with("--out=")) {
      text += (text.empty() ? "" : " ") + quoted(words[i]);
    }
  }
  return text;
}

}  // namespace

Result<RunReport> verify_run(const std::string& folder) {
  const RunFiles files(folder);
  AUTOTAPE_TRY_ASSIGN(const Manifest manifest, read_manifest(files.manifest));
  RunReport report;
  report.name = std::filesystem::path(manifest.scenario.empty() ? manifest.tape : manifest.scenario)
                    .stem()
                    .string();
  report.seed = manifest.seed;
  report.elapsed = manifest.ended - manifest.started;
  report.interrupted = manifest.interrupted;
  report.repeat = repeat_command(manifest.command_line);
  if (!manifest.labels.empty()) {
    report.labels = {{"labels", fmt::format("{}", fmt::join(manifest.labels, ", "))}};
  }
  report_tape_damage(manifest, report);
  for (std::string& line : missed_faults(manifest)) {
    report.notes.push_back(std::move(line));
  }
  AUTOTAPE_TRY(report_changes(files, manifest, "", report));
  AUTOTAPE_TRY_ASSIGN(const auto clean, clean_run_of(files, manifest));
  report_conduct(manifest, "", report);
  if (clean) {
    report.interrupted = report.interrupted || clean->manifest.interrupted;
    AUTOTAPE_TRY(report_changes(clean->files, clean->manifest, "clean/", report));
    report_conduct(clean->manifest, ", in the run with the clean stream", report);
  }
  for (const Party& party : parties_of(manifest)) {
    PartyReport judged;
    AUTOTAPE_TRY_ASSIGN(judged.verdict, judge(files, manifest, party, clean.get()));
    AUTOTAPE_TRY(explain(files, manifest, party.consumers, judged));
    if (judged.verdict.facts.delivered + judged.verdict.facts.redelivered == 0) {
      report.notes.push_back(
          fmt::format("{}: nothing was delivered{}", party.name, why_nothing_was_played(manifest)));
    }
    report.parties.push_back(std::move(judged));
  }
  return report;
}

}  // namespace autotape
