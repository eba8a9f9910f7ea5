#include "schema/fast_judge.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "message/vin.hpp"

namespace autotape {
namespace {

constexpr std::size_t padding = 64;  // behind the text

// Payloads that are indexed at once: they, and their tokens, stay in the processor's second cache.
constexpr std::size_t most_bytes = std::size_t{64} << 10U;

// How many messages before its turn one is fetched from memory.
constexpr std::size_t copied_ahead = 3;
constexpr std::size_t judged_ahead = 6;

PackedMinute packed_minute(DataTime time) {
  const auto since_epoch = time.time_since_epoch();
  const auto day_start = std::chrono::floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days(day_start)};
  const auto minutes = static_cast<PackedMinute>(
      std::chrono::floor<std::chrono::minutes>(since_epoch - day_start).count());
  const auto year = static_cast<PackedMinute>(std::max(0, static_cast<int>(date.year())));
  const PackedMinute days =
      (year * 100 + static_cast<unsigned>(date.month())) * 100 + static_cast<unsigned>(date.day());
  return (days * 100 + minutes / 60) * 100 + minutes % 60;
}

// Messages lie where they were read, each somewhere else: without this the walk waits for memory as
// long as it works. (GCC takes a function that only fetches for one without effect, and leaves out
// the call.)
[[gnu::always_inline]] inline void fetch_ahead(std::string_view text) {
  constexpr std::size_t cache_line = 64;
  constexpr std::size_t enough = 1024;  // of a long one the processor fetches the rest by itself
  for (std::size_t at = 0; at < std::min(text.size(), enough); at += cache_line) {
    __builtin_prefetch(text.data() + at);
  }
}

// Takes `expected` and then `separator` from the front of `rest`.
bool take(std::string_view& rest, std::string_view expected, std::string_view separator) {
  if (!rest.starts_with(expected) || !rest.substr(expected.size()).starts_with(separator)) {
    return false;
  }
  rest.remove_prefix(expected.size() + separator.size());
  return true;
}

}  // namespace

std::optional<StreamVersion> stream_by_topic(std::string_view topic) {
  switch (std::count(topic.begin(), topic.end(), '/')) {
    case 6:
      return StreamVersion::v1;
    case 2:
      return StreamVersion::v2;
    default:
      return std::nullopt;
  }
}

FastJudge::FastJudge(const FastProgram* v1, const FastProgram* v2,
                     std::optional<StreamVersion> stream)
    : stream_(stream),
      v1_{v1, EnvelopeWalk(StreamVersion::v1), {}},
      v2_{v2, EnvelopeWalk(StreamVersion::v2), {}} {}

void FastJudge::judge(std::span<const MessageView> messages, std::vector<FastVerdict>& verdicts) {
  verdicts.clear();
  while (!messages.empty()) {
    const std::size_t count = fill_buffer(messages);
    judge_filled(messages.first(count), verdicts);
    messages = messages.subspan(count);
  }
}

// As many as have room, at least one; gives their number.
std::size_t FastJudge::fill_buffer(std::span<const MessageView> messages) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  do {
    bytes += messages[count++].payload.size() + 1;
  } while (count < messages.size() && bytes + messages[count].payload.size() < most_bytes);
  if (buffer_.size() < bytes + padding) {
    buffer_.resize(std::max(bytes + bytes / 2, most_bytes) + padding);
  }
  starts_.clear();
  char* end = buffer_.data();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + copied_ahead < count) {
      fetch_ahead(messages[i + copied_ahead].payload);
    }
    const MessageView& message = messages[i];
    starts_.push_back(static_cast<std::uint32_t>(end - buffer_.data()));
    std::memcpy(end, message.payload.data(), message.payload.size());
    end += message.payload.size();
    *end++ = '\n';
  }
  std::memset(end, 0, padding);
  filled_ = bytes;
  starts_.push_back(static_cast<std::uint32_t>(bytes));
  return count;
}

// A line end may stand between JSON's tokens and nowhere within one. So what is wrong with one
// payload's strings or UTF-8 cannot hide in the next one: indexing then fails for all of them, and
// each is looked at alone.
void FastJudge::judge_filled(std::span<const MessageView> messages,
                             std::vector<FastVerdict>& verdicts) {
  if (index_.index({buffer_.data(), filled_}) != JsonFault::none) {
    if (messages.size() == 1) {
      verdicts.push_back(FastVerdict::unsure);
      return;
    }
    for (const MessageView& message : messages) {
      fill_buffer({&message, 1});
      judge_filled({&message, 1}, verdicts);
    }
    return;
  }
  const auto tokens = index_.positions();
  const FastWalk::Token last = tokens.data() + tokens.size();
  FastWalk::Token token = tokens.data();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (i + judged_ahead < messages.size()) {
      fetch_ahead(messages[i + judged_ahead].topic);
    }
    FastWalk::Token end = nullptr;
    const FastVerdict verdict = judge_one(messages[i], token, last, end);
    const std::uint32_t next_start = starts_[i + 1];
    // The envelope's last token is this payload's, and the one behind it is not.
    const bool whole = verdict != FastVerdict::unsure && end[-1] < next_start &&
                       (end == last || *end >= next_start);
    verdicts.push_back(whole ? verdict : FastVerdict::unsure);
    token = whole ? end : std::lower_bound(token, last, next_start);
  }
}

FastVerdict FastJudge::judge_one(const MessageView& message, FastWalk::Token first,
                                 FastWalk::Token end, FastWalk::Token& next) {
  const auto version = stream_of(message.topic);
  Stream& stream = version == StreamVersion::v1 ? v1_ : v2_;
  if (!version || stream.data == nullptr || first == end) {
    return FastVerdict::unsure;
  }
  FastWalk walk(*stream.data, buffer_.data(), doubtful_from(message.latest));
  next = stream.envelope.read(walk, *stream.data, first);
  if (next == nullptr || !(version == StreamVersion::v1 ? v1_topic_agrees(message.topic)
                                                        : v2_topic_agrees(message.topic))) {
    return FastVerdict::unsure;
  }
  const std::string_view car = stream.envelope.text(EnvelopeText::vin);
  if (!is_vin(car)) {
    // With a slash in it the topic would have another number of levels.
    return car.find('/') == std::string_view::npos ? FastVerdict::warnings : FastVerdict::unsure;
  }
  return has_plausible_check_digit(car) && !walk.warned() ? FastVerdict::valid
                                                          : FastVerdict::warnings;
}

std::optional<StreamVersion> FastJudge::stream_of(std::string_view topic) const {
  if (stream_) {
    return stream_;
  }
  if (!v1_.known_prefix.empty() && topic.starts_with(v1_.known_prefix)) {
    return StreamVersion::v1;
  }
  if (topic == v2_.known_prefix) {
    return StreamVersion::v2;
  }
  return stream_by_topic(topic);
}

bool FastJudge::v1_topic_agrees(std::string_view topic) {
  if (v1_.known_prefix.empty() || !topic.starts_with(v1_.known_prefix)) {
    const auto parsed = parse_v1_topic(topic);
    if (!parsed || !is_environment(parsed->environment) || parsed->level != auto_api_level ||
        !is_v1_app_id(parsed->app_id)) {
      return false;
    }
    v1_.known_prefix = topic.substr(0, static_cast<std::size_t>(parsed->vin.data() - topic.data()));
  }
  const EnvelopeWalk& envelope = v1_.envelope;
  const std::string_view capability = envelope.text(EnvelopeText::capability);
  const std::string_view property = envelope.text(EnvelopeText::property);
  std::string_view rest = topic.substr(v1_.known_prefix.size());
  return take(rest, envelope.text(EnvelopeText::vin), "/") && take(rest, capability, "/get/") &&
         rest == property && envelope.data_capability() == capability &&
         envelope.data_property() == property;
}

bool FastJudge::v2_topic_agrees(std::string_view topic) {
  if (topic != v2_.known_prefix) {
    const auto parsed = parse_v2_topic(topic);
    if (!parsed || !is_environment(parsed->environment) || parsed->level != auto_api_level ||
        !is_v2_application_id(parsed->application_id)) {
      return false;
    }
    v2_.known_prefix = topic;
  }
  return topic.substr(topic.rfind('/') + 1) == v2_.envelope.text(EnvelopeText::application_id);
}

DoubtfulFrom FastJudge::doubtful_from(DataTime latest) {
  if (latest < latest_ || latest >= latest_ + std::chrono::minutes(1)) {
    latest_ = std::chrono::floor<std::chrono::minutes>(latest);
    doubtful_from_ = {packed_minute(latest), packed_minute(latest - std::chrono::days(1))};
  }
  return doubtful_from_;
}

}  // namespace autotape
