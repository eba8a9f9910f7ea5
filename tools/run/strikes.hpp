// Does to the broker and to the consumers what a fault of a scenario says.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "json/document.hpp"
#include "run/broker_watch.hpp"
#include "run/change_signal.hpp"
#include "run/fault_driver.hpp"
#include "run/held_connections.hpp"
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

  // `what` is as in TimedFault, `number` as FaultDriver gives it. Consumers that are started by
  // somebody else are left alone.
  Result<FaultFate> strike(std::size_t number, const Json& what);

  // What holds bytes back just now.
  const HeldConnections& held() const { return held_; }

  // Ends all of it. Gives the faults' numbers.
  Result<std::vector<std::size_t>> lift();

 private:
  bool all_came_to_the_broker() const;
  Result<FaultFate> strike_consumers(const Json& what);
  Result<void> strike_consumer(TestedConsumer& tested, const Json& what);
  Result<void> take_over(TestedConsumer& tested, const Json& what);
  Result<FaultFate> strike_broker(std::size_t number, Json what);
  Result<FaultFate> strike_connection(const Fault& fault, const std::string& client) const;

  const TestBroker& broker_;
  TestedConsumers& consumers_;
  const BrokerWatch& watch_;
  const FaultDriver& driver_;
  ChangeSignal& changed_;
  std::function<bool()> interrupted_;
  Duration stop_timeout_;
  HeldConnections held_;
};

}  // namespace autotape
