// The deliveries of a run with their content (deliveries.ndjson): what a verdict is computed from,
// without tape, scenario or shaper.
//
//   {"delivery":1,"message":1,"due":0,"topic":"sandbox/…","payload":"{…}"}
//   {"delivery":2,"message":1,"copy":1,"actions":["duplicate/copied"],"due":2000000000,…}
//
// A payload that is not UTF-8 is `payload_base64`, as on a tape.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "core/result.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// A plan that writes down each delivery before it gives it on.
class LoggedPlan final : public DeliverySource {
 public:
  static Result<std::unique_ptr<LoggedPlan>> create(const std::string& path,
                                                    std::unique_ptr<DeliverySource> plan);

  ~LoggedPlan() override;  // as close(), for a plan that is not played to its end

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return plan_->stage_names(); }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }
  std::vector<std::uint16_t> idle_stages() const override { return plan_->idle_stages(); }

  // Writes what is buffered.
  Result<void> close();

 private:
  LoggedPlan(std::unique_ptr<AppendFile> file, std::unique_ptr<DeliverySource> plan)
      : file_(std::move(file)), plan_(std::move(plan)) {}

  void append(const Delivery& delivery);

  std::unique_ptr<AppendFile> file_;
  std::unique_ptr<DeliverySource> plan_;
  std::string buffer_;
};

// Reads the log as a plan. Stages are numbered in the order in which their names come up.
class DeliveryLogReader final : public DeliverySource {
 public:
  static Result<std::unique_ptr<DeliveryLogReader>> open(const std::string& path);
  ~DeliveryLogReader() override;

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return stage_names_; }

  // Of the line that next() reads next.
  std::uint64_t offset() const { return lines_.end_offset(); }

  // Reads a line of the log that was found by its offset.
  Result<Delivery> parse(std::string_view line);

 private:
  explicit DeliveryLogReader(InputFile file);

  Error at_this_line(std::string what) const;

  struct Parser;
  LineReader lines_;
  std::unique_ptr<Parser> parser_;
  std::vector<std::string> stage_names_;
};

}  // namespace autotape
