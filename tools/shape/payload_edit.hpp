// Changes to what a message says, for duplicates and ties. The JSON stays sound.
#pragma once

#include "core/random.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// 64 upper-case hexadecimal digits, as the provider makes them.
std::string make_message_id(Random& random);

// Another message_id, the rest byte for byte. A payload without one keeps its bytes.
void give_new_id(Delivery& delivery, Random& random);

// Another value of the same kind for the first reading that has one: numbers change a little,
// truths turn round, open becomes closed. False, and nothing changed, where there is none.
bool give_other_value(Delivery& delivery, Random& random);

// As give_other_value(); where no value has another one, the timestamp moves by a millisecond.
// False only where there is neither.
bool give_changed_content(Delivery& delivery, Random& random);

}  // namespace autotape
