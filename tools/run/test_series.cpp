#include "run/test_series.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "run/judged_run.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_broker.hpp"

namespace autotape {
namespace {

// A job's broker, made again only for another version of the stream.
class SharedBroker {
 public:
  Result<TestBroker*> serving(StreamVersion stream, TestRunListener& listener) {
    if (!broker_ || stream != stream_) {
      listener.on_phase("starting the broker");
      broker_.reset();
      AUTOTAPE_TRY_ASSIGN(broker_, TestBroker::start(stream));
      stream_ = stream;
    }
    return &*broker_;
  }

 private:
  std::optional<TestBroker> broker_;
  StreamVersion stream_ = StreamVersion::v1;
};

class Series {
 public:
  Series(const std::vector<SeriesRun>& runs, SeriesListener& listener)
      : runs_(runs), listener_(listener), reports_(runs.size()) {}

  // One job: takes runs until none is left.
  void work() {
    SharedBroker broker;
    for (std::size_t run = next_++; run < runs_.size() && !stopping(); run = next_++) {
      if (const auto made = make(run, broker); !made) {
        const std::lock_guard lock(mutex_);
        failure_ = failure_ ? made : failure_;
        failed_ = true;
      }
    }
  }

  SeriesResult result() { return {std::move(reports_), failure_}; }

 private:
  bool stopping() const { return failed_ || listener_.should_stop(); }

  Result<void> make(std::size_t number, SharedBroker& shared) {
    const SeriesRun& run = runs_[number];
    const auto listener = listener_.on_begin(number);
    std::optional<TemporaryFolder> temporary;
    std::string folder = run.folder;
    if (folder.empty()) {
      AUTOTAPE_TRY_ASSIGN(temporary, TemporaryFolder::create());
      folder = temporary->path();
    }
    AUTOTAPE_TRY_ASSIGN(TestBroker* const broker,
                        shared.serving(run.settings.scenario.stream, *listener));
    AUTOTAPE_TRY_ASSIGN(RunReport report, judged_run(run.settings, *broker, folder, *listener));
    report.folder = run.folder;
    listener_.on_report(number, report);
    reports_[number] = std::move(report);  // its own place: no other thread touches it
    return {};
  }

  const std::vector<SeriesRun>& runs_;
  SeriesListener& listener_;
  std::vector<std::optional<RunReport>> reports_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  Result<void> failure_;  // the first
};

}  // namespace

SeriesResult run_series(const std::vector<SeriesRun>& runs, std::size_t jobs,
                        SeriesListener& listener) {
  Series series(runs, listener);
  std::vector<std::thread> others;
  for (std::size_t job = 1; job < std::min(jobs, runs.size()); ++job) {
    others.emplace_back([&series] { series.work(); });
  }
  series.work();
  for (std::thread& other : others) {
    other.join();
  }
  return series.result();
}

}  // namespace autotape
