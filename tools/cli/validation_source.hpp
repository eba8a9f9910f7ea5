// Where the messages of `autotape validate` come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "core/result.hpp"
#include "mqtt/mqtt_source.hpp"
#include "tape/tape_blocks.hpp"

namespace autotape {

// Read, and finished, by one thread at a time, in the stream's order; decoded by any.
class ValidationSource {
 public:
  virtual ~ValidationSource() = default;

  // The next messages, perhaps not decoded yet, into `block`, whose memory is used again; false at
  // the end, or when the program was interrupted.
  virtual Result<bool> read(TapeBlock& block) = 0;

  virtual std::unique_ptr<TapeBlockDecoder> make_decoder() const = 0;

  // To be called when the block's messages are reported. An error is behind them, and ends it all.
  virtual Result<void> finish(const TapeBlock& block) = 0;

  // Says what was lost or left out on the way.
  virtual ExitCode report_loss(std::uint64_t messages) = 0;
};

class TapeSource final : public ValidationSource {
 public:
  TapeSource(std::string path, std::unique_ptr<TapeBlocks> tape)
      : path_(std::move(path)), tape_(std::move(tape)) {}

  Result<bool> read(TapeBlock& block) override;
  std::unique_ptr<TapeBlockDecoder> make_decoder() const override { return tape_->make_decoder(); }
  Result<void> finish(const TapeBlock& block) override { return tape_->finish(block); }
  ExitCode report_loss(std::uint64_t messages) override;

 private:
  std::string path_;
  std::unique_ptr<TapeBlocks> tape_;
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

  Result<bool> read(TapeBlock& block) override;
  std::unique_ptr<TapeBlockDecoder> make_decoder() const override;
  Result<void> finish(const TapeBlock&) override { return {}; }
  ExitCode report_loss(std::uint64_t messages) override;

 private:
  void take(SourceEvent& event, MessageBatch& batch);
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
