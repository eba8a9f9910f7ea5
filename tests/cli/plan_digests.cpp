// What `autotape plan` plans, as digests: a program small enough to be built by another compiler.
//
//     plan_digests THREADS SCENARIO…      "NAME DIGEST" for each, of the lines behind the header
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "scenario/scenario_file.hpp"
#include "scenario/scenario_plan.hpp"
#include "x509/digest.hpp"

using namespace autotape;

namespace {

Result<std::string> digest_of_plan(const std::string& path, unsigned threads) {
  AUTOTAPE_TRY_ASSIGN(const Scenario scenario, open_scenario(path, {}));
  AUTOTAPE_TRY_ASSIGN(const auto plan, plan_scenario(scenario, threads));
  const PlanLines lines(plan->stage_names());
  Sha256 digest;
  std::string line;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
      return digest.hex();
    }
    line.clear();
    lines.append(line, *item);
    digest.add(line);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print(stderr, "usage: plan_digests THREADS SCENARIO…\n");
    return 2;
  }
  const auto threads = static_cast<unsigned>(std::atoi(arguments[1]));
  for (int i = 2; i < count; ++i) {
    const std::string path = arguments[i];
    const auto digest = digest_of_plan(path, threads);
    if (!digest) {
      fmt::print(stderr, "{}\n", digest.error().line());
      return 1;
    }
    fmt::print("{} {}\n", std::filesystem::path(path).stem().string(), *digest);
  }
}
