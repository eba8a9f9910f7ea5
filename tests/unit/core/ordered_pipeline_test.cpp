#include "core/ordered_pipeline.hpp"

#include <future>

#include <doctest/doctest.h>

using namespace autotape;

namespace {

struct Numbers {
  int number = 0;
  int squared = 0;
};

}  // namespace

TEST_CASE("Results come in the order of the stream, with one thread and with many") {
  for (const unsigned threads : {1U, 2U, 5U}) {
    int next = 0;
    std::vector<int> finished;
    PipelineSteps<Numbers> steps;
    steps.read = [&](Numbers& batch) -> Result<bool> {
      batch.number = next;
      return next++ < 1000;
    };
    steps.work = [](unsigned, Numbers& batch) { batch.squared = batch.number * batch.number; };
    steps.finish = [&](Numbers& batch) -> Result<void> {
      finished.push_back(batch.squared);
      return {};
    };
    REQUIRE(run_pipeline(threads, steps).ok());
    REQUIRE(finished.size() == 1000);
    for (int i = 0; i < 1000; ++i) {
      CHECK(finished[static_cast<std::size_t>(i)] == i * i);
    }
  }
}

TEST_CASE("The first error ends a pipeline, where it is read or where it is finished") {
  for (const unsigned threads : {1U, 3U}) {
    int read = 0;
    PipelineSteps<Numbers> steps;
    steps.read = [&](Numbers&) -> Result<bool> {
      return ++read == 50 ? Result<bool>(usage_error("broken")) : Result<bool>(true);
    };
    steps.work = [](unsigned, Numbers&) {};
    steps.finish = [](Numbers&) -> Result<void> { return {}; };
    CHECK(run_pipeline(threads, steps).error().what == "broken");

    read = 100;
    steps.finish = [](Numbers&) -> Result<void> { return usage_error("full"); };
    CHECK(run_pipeline(threads, steps).error().what == "full");
  }
}

TEST_CASE("What was read before reading failed is finished, with one thread and with many") {
  for (const unsigned threads : {1U, 3U}) {
    int read = 0;
    int finished = 0;
    PipelineSteps<Numbers> steps;
    steps.read = [&](Numbers&) -> Result<bool> {
      return read == 7 ? Result<bool>(usage_error("broken")) : Result<bool>(++read > 0);
    };
    steps.work = [](unsigned, Numbers&) {};
    steps.finish = [&](Numbers&) -> Result<void> {
      ++finished;
      return {};
    };
    CHECK(run_pipeline(threads, steps).error().what == "broken");
    CHECK(finished == 7);
  }
}

// Of a live stream, the next batch may be long in coming.
TEST_CASE("What was read is finished while more is awaited") {
  std::promise<void> first_finished;
  int read = 0;
  PipelineSteps<Numbers> steps;
  steps.read = [&](Numbers&) -> Result<bool> {
    if (++read == 1) {
      return true;
    }
    first_finished.get_future().wait();
    return false;
  };
  steps.work = [](unsigned, Numbers&) {};
  steps.finish = [&](Numbers&) -> Result<void> {
    first_finished.set_value();
    return {};
  };
  CHECK(run_pipeline(2, steps).ok());
}
