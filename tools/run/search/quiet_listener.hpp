// For runs of a search: says nothing, and asks whether to stop.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "run/test_run.hpp"

namespace autotape {

class QuietListener final : public TestRunListener {
 public:
  explicit QuietListener(std::function<bool()> should_stop)
      : should_stop_(std::move(should_stop)) {}

  void on_phase(const std::string&) override {}
  void on_settings(std::uint32_t,
                   const std::vector<std::pair<std::string, std::string>>&) override {}
  bool should_stop() const override { return should_stop_(); }

 private:
  std::function<bool()> should_stop_;
};

}  // namespace autotape
