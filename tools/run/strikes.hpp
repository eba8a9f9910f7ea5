// Does to the broker and to the consumers what a fault of a scenario says.
#pragma once

#include <functional>
#include <utility>

#include "core/result.hpp"
#include "json/document.hpp"
#include "run/broker_watch.hpp"
#include "run/change_signal.hpp"
#include "run/fault_driver.hpp"
#include "run/test_broker.hpp"
#include "run/tested_consumers.hpp"

namespace autotape {

// All of it must outlive this.
class Strikes {
 public:
  Strikes(const TestBroker& broker, TestedConsumers& consumers, const BrokerWatch& watch,
          const FaultDriver& driver, ChangeSignal& changed, std::function<bool()> interrupted,
          Duration stop_timeout)
      : broker_(broker),
        consumers_(consumers),
        watch_(watch),
        driver_(driver),
        changed_(changed),
        interrupted_(std::move(interrupted)),
        stop_timeout_(stop_timeout) {}

  // `what` is as in TimedFault. Consumers that are started by somebody else are left alone.
  Result<FaultFate> strike(const Json& what);

 private:
  bool all_came_to_the_broker() const;
  Result<FaultFate> strike_consumers(const Json& what);
  Result<void> strike_consumer(TestedConsumer& tested, const Json& what);
  Result<void> take_over(TestedConsumer& tested, const Json& what);
  Result<FaultFate> strike_broker(Json what);
  Result<FaultFate> strike_connection(const Fault& fault, const std::string& client) const;

  const TestBroker& broker_;
  TestedConsumers& consumers_;
  const BrokerWatch& watch_;
  const FaultDriver& driver_;
  ChangeSignal& changed_;
  std::function<bool()> interrupted_;
  Duration stop_timeout_;
};

}  // namespace autotape
