#include "run/consumer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

namespace autotape {
namespace {

const std::string prefix = "AUTOTAPE_";

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

constexpr std::array<std::pair<ObservationChannel, std::string_view>, 4> channels{
    {{ObservationChannel::file, "file"},
     {ObservationChannel::pipe, "pipe"},
     {ObservationChannel::output, "stdout"},
     {ObservationChannel::http, "http"}}};

}  // namespace

std::string_view name_of(ObservationChannel channel) {
  return std::find_if(channels.begin(), channels.end(),
                      [&](const auto& one) { return one.first == channel; })
      ->second;
}

std::optional<ObservationChannel> observation_channel(std::string_view name) {
  for (const auto& [channel, its_name] : channels) {
    if (its_name == name) {
      return channel;
    }
  }
  return std::nullopt;
}

Consumer::Consumer(ConsumerSettings settings, ObservationLog& log, ChangeSignal& changed)
    : settings_(std::move(settings)), log_(log), changed_(changed) {}

Consumer::~Consumer() {
  release(predecessor_);
  release(current_);
}

Result<std::unique_ptr<Consumer>> Consumer::create(ConsumerSettings settings, ObservationLog& log,
                                                   ChangeSignal& changed) {
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(settings), log, changed));
  const std::string& folder = consumer->settings_.folder;
  if (::mkdir(folder.c_str(), 0700) != 0) {
    return file_error(folder, fmt::format("cannot make the folder: {}", std::strerror(errno)));
  }
  AUTOTAPE_TRY_ASSIGN(consumer->output_file_,
                      open_append_file(folder + "/output.log", OpenMode::create));
  AUTOTAPE_TRY(consumer->prepare_channel());
  return consumer;
}

Result<void> Consumer::prepare_channel() {
  observations_ = settings_.folder + "/observations";
  if (settings_.channel == ObservationChannel::output) {
    observations_ = "/dev/stdout";
    return {};
  }
  if (settings_.channel == ObservationChannel::http) {
    AUTOTAPE_TRY_ASSIGN(server_, ObservationServer::start(sink()));
    observations_ = server_->url();
    return {};
  }
  if (settings_.channel == ObservationChannel::pipe) {
    if (::mkfifo(observations_.c_str(), 0600) != 0) {
      return file_error(observations_,
                        fmt::format("cannot make a named pipe: {}", std::strerror(errno)));
    }
  } else {
    AUTOTAPE_TRY(open_append_file(observations_, OpenMode::create));
  }
  AUTOTAPE_TRY_ASSIGN(tail_, ObservationTail::follow(observations_, sink()));
  return {};
}

LineSink Consumer::sink() {
  return [this](std::string_view line, ReceivedTime read_at) {
    if (settings_.channel == ObservationChannel::output && !line.starts_with('{')) {
      return;
    }
    const auto message_id = log_.append(settings_.number, line, read_at);
    ++lines_;
    if (message_id) {
      last_observation_ = monotonic_now().time_since_epoch().count();
    }
    if (message_id && !message_id->empty() && settings_.on_message) {
      settings_.on_message(*message_id);
    }
    changed_.notify();
  };
}

std::vector<std::pair<std::string, std::string>> Consumer::environment() const {
  auto all = settings_.settings;
  all.emplace_back(
      settings_.channel == ObservationChannel::http ? "OBSERVATIONS_URL" : "OBSERVATIONS",
      observations_);
  all.emplace_back("FOLDER", settings_.home.empty() ? settings_.folder : settings_.home);
  all.emplace_back("CONSUMER", std::to_string(settings_.number));
  for (auto& [name, value] : all) {
    name = prefix + name;
  }
  return all;
}

Result<std::unique_ptr<Consumer::Incarnation>> Consumer::incarnate(
    std::unique_ptr<AppendFile> output_file) {
  ChildSettings child{settings_.command, environment()};
  for (const auto& [name, value] : child.environment) {
    for (std::string& argument : child.command) {
      replace_all(argument, "{" + lower_case(name.substr(prefix.size())) + "}", value);
    }
  }
  AUTOTAPE_TRY_ASSIGN(ChildProcess started, ChildProcess::start(child));
  auto incarnation = std::make_unique<Incarnation>(
      Incarnation{std::move(started), std::move(output_file), nullptr});
  incarnation->capture = std::make_unique<OutputCapture>(
      incarnation->child, incarnation->output_file ? *incarnation->output_file : *output_file_,
      settings_.channel == ObservationChannel::output ? sink() : LineSink(),
      [this] { changed_.notify(); });
  return incarnation;
}

Result<void> Consumer::start() {
  release(predecessor_);
  release(current_);
  AUTOTAPE_TRY_ASSIGN(current_, incarnate(nullptr));
  return {};
}

Result<void> Consumer::start_successor() {
  release(predecessor_);
  const std::string path = fmt::format("{}/output-{}.log", settings_.folder, ++successors_ + 1);
  AUTOTAPE_TRY_ASSIGN(auto output_file, open_append_file(path, OpenMode::create));
  AUTOTAPE_TRY_ASSIGN(auto successor, incarnate(std::move(output_file)));
  predecessor_ = std::move(current_);
  current_ = std::move(successor);
  return {};
}

void Consumer::stop_predecessor(Duration grace) {
  if (predecessor_) {
    predecessor_->child.stop(grace);
    release(predecessor_);
  }
}

void Consumer::ask_to_end() {
  for (const auto* const incarnation : {&predecessor_, &current_}) {
    if (*incarnation) {
      (*incarnation)->child.ask_to_end();
    }
  }
}

std::optional<ChildEnd> Consumer::stop(Duration grace) {
  stop_predecessor(grace);
  if (!current_) {
    return std::nullopt;
  }
  const ChildEnd end = current_->child.stop(grace);
  release(current_);
  return end;
}

std::optional<ChildEnd> Consumer::kill() {
  release(predecessor_);
  if (!current_) {
    return std::nullopt;
  }
  const ChildEnd end = current_->child.kill();
  release(current_);
  return end;
}

void Consumer::signal(int number) const {
  if (current_) {
    current_->child.signal(number);
  }
}

std::optional<ChildEnd> Consumer::ended() {
  return current_ ? current_->child.ended() : std::nullopt;
}

void Consumer::finish_observations() {
  if (tail_) {
    tail_->finish();
  }
  if (server_) {
    server_->finish();
  }
}

void Consumer::abandon_observations() {
  if (tail_) {
    tail_->abandon();
  }
  finish_observations();
}

std::uint64_t Consumer::output_bytes() const {
  return output_bytes_ + (current_ ? current_->capture->bytes() : 0);
}

std::string Consumer::output_tail() const {
  return current_ ? current_->capture->tail() : last_output_;
}

// The child and all that it started must be gone before its output has an end.
void Consumer::release(std::unique_ptr<Incarnation>& incarnation) {
  if (!incarnation) {
    return;
  }
  incarnation->child.kill();
  incarnation->capture->wait();
  last_output_ = incarnation->capture->tail();
  output_bytes_ += incarnation->capture->bytes();
  incarnation->capture.reset();
  incarnation.reset();
}

}  // namespace autotape
