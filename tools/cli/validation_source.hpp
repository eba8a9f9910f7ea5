// Where the messages of `autotape validate` come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/validation.hpp"
#include "core/result.hpp"
#include "mqtt/mqtt_source.hpp"
#include "tape/reader.hpp"

namespace autotape {

class ValidationSource {
 public:
  virtual ~ValidationSource() = default;

  // Some messages into the empty batch; false at the end, or when the program was interrupted.
  virtual Result<bool> read(ValidationBatch& batch) = 0;

  // Says what was lost or left out on the way.
  virtual ExitCode report_loss(std::uint64_t messages) = 0;
};

class TapeSource final : public ValidationSource {
 public:
  TapeSource(std::string path, std::unique_ptr<TapeReader> tape)
      : path_(std::move(path)), tape_(std::move(tape)) {}

  Result<bool> read(ValidationBatch& batch) override;
  ExitCode report_loss(std::uint64_t messages) override;

 private:
  std::string path_;
  std::unique_ptr<TapeReader> tape_;
  std::optional<Error> failure_;  // behind the messages that were read last
  bool whole_ = false;
};

struct BrokerSourceLimits {
  std::optional<std::uint64_t> count;
  std::optional<Duration> duration;  // since the subscription
};

// Messages as they are published, in a session that the broker forgets. What is published while the
// connection is lost is missed, and counted as such.
class BrokerSource final : public ValidationSource {
 public:
  // `credentials` keeps the files that the settings name.
  BrokerSource(MqttSourceSettings settings, BrokerSourceLimits limits,
               std::shared_ptr<const void> credentials);

  Result<bool> read(ValidationBatch& batch) override;
  ExitCode report_loss(std::uint64_t messages) override;

 private:
  void take(SourceEvent& event, ValidationBatch& batch);
  bool over() const;

  MqttSourceSettings settings_;
  BrokerSourceLimits limits_;
  std::shared_ptr<const void> credentials_;
  MqttSource source_;
  std::vector<SourceEvent> events_;
  std::optional<MonotonicTime> until_;
  std::uint64_t messages_ = 0;
  std::uint64_t connections_lost_ = 0;
  bool subscribed_ = false;
};

}  // namespace autotape
