// Holds the built-in catalogue against the provider's own files: the same verdict on messages that
// are valid, that have one known violation, and that are mutated at random.
//
//   schema_differential PROVIDER_DIR COUNT [SEED]      both streams; exit 1 where they disagree
//
// On standard output, for a third judge, a line {"version": 1, "valid": true, "data": …} for each
// message whose data every JSON parser reads alike. What was found is said on standard error.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/random.hpp"
#include "generate/schema_fuzzer.hpp"
#include "json/tree.hpp"
#include "schema/message_validator.hpp"

namespace autotape {
namespace {

constexpr DataTime latest{std::chrono::hours(24 * 365 * 90)};

struct Case {
  RecordedMessage message;
  FuzzLabel label;
  bool mutated = false;
};

bool has_schema_error(const std::vector<Violation>& violations) {
  return std::any_of(violations.begin(), violations.end(),
                     [](const Violation& violation) { return violation.rule == "schema"; });
}

// Of a JSON text: where its strings, numbers and literals stand.
struct Scalar {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_name = false;  // of a member
};

std::vector<Scalar> scalars_of(std::string_view text, std::size_t from) {
  std::vector<Scalar> scalars;
  for (std::size_t at = from; at < text.size();) {
    const std::size_t begin = at;
    if (text[at] == '"') {
      at = text.find('"', at + 1);
      at = at == std::string_view::npos ? text.size() : at + 1;
      scalars.push_back({begin, at, at < text.size() && text[at] == ':'});
    } else if (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '-') {
      at = std::min(text.find_first_of(",:]} ", at), text.size());
      scalars.push_back({begin, at, false});
    } else {
      ++at;
    }
  }
  return scalars;
}

// One change within `data` that leaves JSON, mostly.
void mutate(std::string& payload, Random& random) {
  static const std::vector<std::string> literals = {"null",
                                                    "true",
                                                    "1",
                                                    "1.0",
                                                    "1e2",
                                                    "-1",
                                                    "1.5",
                                                    "300",
                                                    "-0",
                                                    "1e400",
                                                    "99999999999",
                                                    "\"\"",
                                                    "\"x\"",
                                                    "[]",
                                                    "{}",
                                                    "[{}]",
                                                    R"({"data":1})",
                                                    "\"2021-11-01T10:33:10Z\"",
                                                    "\"2021-02-29T10:33:10Z\"",
                                                    "\"2021-11-01 10:33:10Z\"",
                                                    "\"kilometers\"",
                                                    "\"front_left\""};
  static const std::vector<std::string> names = {"\"data\"", "\"timestamp\"", "\"failure\"",
                                                 "\"unit\"", "\"value\"",     "\"other\""};
  const auto any = [&](const auto& of) {
    return of[static_cast<std::size_t>(random.below(of.size()))];
  };
  const auto scalars = scalars_of(payload, payload.find("\"data\":") + 7);
  if (scalars.empty()) {
    return;
  }
  const Scalar chosen = any(scalars);
  const Scalar other = any(scalars);
  switch (random.below(4)) {
    case 0:
      payload.replace(chosen.begin, chosen.end - chosen.begin,
                      chosen.is_name ? any(names) : any(literals));
      break;
    case 1:  // the text of another one
      payload.replace(chosen.begin, chosen.end - chosen.begin,
                      payload.substr(other.begin, other.end - other.begin));
      break;
    case 2: {  // what stands between two commas
      const std::size_t comma = payload.find(',', chosen.begin);
      const std::size_t next =
          comma == std::string::npos ? comma : payload.find_first_of(",}]", comma + 1);
      if (next != std::string::npos) {
        payload.erase(comma, next - comma);
      }
      break;
    }
    default: {  // a byte
      const auto at = chosen.begin + random.below(payload.size() - chosen.begin);
      payload[static_cast<std::size_t>(at)] = static_cast<char>(random.below(128));
      break;
    }
  }
}

// Do parsers of doubles and of decimals read the text alike?
bool has_long_number(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : c == '.' ? digits : 0;
    if (digits > 15) {
      return true;
    }
  }
  return text.find("e4") != std::string_view::npos;
}

class Differential {
 public:
  Differential(const MessageSchemas& ours, const MessageSchemas& provider)
      : ours_(ours), provider_(provider), our_validator_(ours), provider_validator_(provider) {}

  void run(StreamVersion version, std::uint64_t count, std::uint64_t seed) {
    if (provider_.exact(version) == nullptr) {
      fmt::print(stderr, "the provider's files have no stream {}\n", static_cast<int>(version));
      return;
    }
    FuzzSettings settings;
    settings.count = count;
    settings.seed = seed;
    settings.stream = version;
    settings.violations = 0.3;
    auto fuzzer = SchemaFuzzer::create(settings);
    Random random(seed, "mutation");
    std::vector<Case> batch;
    Case next;
    while (fuzzer->next(next.message)) {
      next.label = fuzzer->label();
      next.mutated = random.chance(0.5);
      if (next.mutated) {
        for (std::uint64_t i = random.below(3); i < 3; ++i) {
          mutate(next.message.message.payload, random);
        }
      }
      batch.push_back(next);
      if (batch.size() == 256) {
        judge(version, batch);
        batch.clear();
      }
    }
    judge(version, batch);
  }

  int finish() const {
    fmt::print(stderr, "{} messages, {} with valid data, {} not JSON any more\n", messages_, valid_,
               no_json_);
    for (const auto& [keyword, count] : labelled_) {
      fmt::print(stderr, "  {:<22} {:>8} violations found at their places\n", keyword, count);
    }
    fmt::print(stderr, "{} disagreements\n", disagreements_);
    return disagreements_ == 0 && messages_ > 0 ? 0 : 1;
  }

 private:
  void judge(StreamVersion version, const std::vector<Case>& batch) {
    std::vector<MessageView> views;
    for (const Case& one : batch) {
      views.push_back({one.message.message.topic, one.message.message.payload, latest});
    }
    const auto our_verdicts = verdicts_of(our_validator_, views);
    const auto provider_verdicts = verdicts_of(provider_validator_, views);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      ++messages_;
      judge_one(version, batch[i], our_verdicts[i], provider_verdicts[i]);
    }
  }

  static std::vector<std::vector<Violation>> verdicts_of(MessageValidator& validator,
                                                         const std::vector<MessageView>& views) {
    std::vector<MessageViolation> found;
    validator.check(views, found);
    std::vector<std::vector<Violation>> verdicts(views.size());
    for (MessageViolation& one : found) {
      verdicts[one.message].push_back(std::move(one.violation));
    }
    return verdicts;
  }

  void judge_one(StreamVersion version, const Case& one, const std::vector<Violation>& ours,
                 const std::vector<Violation>& providers) {
    const std::string& payload = one.message.message.payload;
    const auto tree = JsonTree::parse(payload, "");
    const auto data = tree ? tree->root().member("data") : std::nullopt;
    if (!data || !data->is(JsonKind::object)) {
      no_json_ += tree ? 0U : 1U;
      expect(has_schema_error(ours) == has_schema_error(providers), one, "two fast looks differ");
      return;
    }
    const bool valid = provider_.exact(version)->accepts(*data);
    valid_ += valid ? 1U : 0U;
    expect(ours_.exact(version)->accepts(*data) == valid, one, "the two schemas differ");
    expect(has_schema_error(ours) != valid, one, "the catalogue's verdict differs");
    expect(has_schema_error(providers) != valid, one, "the fast look at the provider's differs");
    if (!one.mutated) {
      expect_label(one, ours);
    }
    const bool duplicates = std::any_of(ours.begin(), ours.end(), [](const Violation& violation) {
      return violation.rule == "duplicate-member";
    });
    if (!duplicates && !has_long_number(payload) &&
        payload.find_first_of("\r\n") == std::string::npos) {
      const std::size_t begin = payload.find("\"data\":") + 7;
      fmt::print("{{\"version\":{},\"valid\":{},\"data\":{}\n", static_cast<int>(version), valid,
                 payload.substr(begin));
    }
  }

  void expect_label(const Case& one, const std::vector<Violation>& found) {
    const FuzzLabel& label = one.label;
    if (label.is_valid()) {
      expect(!has_schema_error(found), one, "a valid message is refused");
      return;
    }
    const bool at_its_place =
        std::any_of(found.begin(), found.end(), [&](const Violation& violation) {
          return violation.keyword == label.keyword && violation.instance == label.instance;
        });
    expect(at_its_place, one, fmt::format("{} at {} is not found", label.keyword, label.instance));
    labelled_[std::string(label.keyword)] += at_its_place ? 1U : 0U;
  }

  void expect(bool holds, const Case& one, std::string_view what) {
    constexpr std::uint64_t most_shown = 20;
    if (!holds && ++disagreements_ <= most_shown) {
      fmt::print(stderr, "{}: {}\n", what, one.message.message.payload);
    }
  }

  const MessageSchemas& ours_;
  const MessageSchemas& provider_;
  MessageValidator our_validator_;
  MessageValidator provider_validator_;
  std::uint64_t messages_ = 0;
  std::uint64_t valid_ = 0;
  std::uint64_t no_json_ = 0;
  std::uint64_t disagreements_ = 0;
  std::map<std::string, std::uint64_t> labelled_;
};

// 0 for what is no number.
std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && end == text.data() + text.size() ? number : 0;
}

int run(const std::vector<std::string>& arguments) {
  const std::uint64_t count = arguments.size() > 1 ? number_in(arguments[1]) : 0;
  const std::uint64_t seed = arguments.size() > 2 ? number_in(arguments[2]) : 1;
  if (count == 0 || seed == 0) {
    fmt::print(stderr, "usage: schema_differential PROVIDER_DIR COUNT [SEED]\n");
    return 2;
  }
  const auto provider = MessageSchemas::from_folder(arguments[0]);
  if (!provider) {
    fmt::print(stderr, "{}\n", provider.error().line());
    return 2;
  }
  const MessageSchemas ours = MessageSchemas::built_in();
  Differential differential(ours, *provider);
  differential.run(StreamVersion::v1, count - count / 2, seed);
  differential.run(StreamVersion::v2, count / 2, seed);
  return differential.finish();
}

}  // namespace
}  // namespace autotape

int main(int argc, char** argv) {
  return autotape::run(std::vector<std::string>(argv + 1, argv + argc));
}
