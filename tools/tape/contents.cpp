#include "tape/contents.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace autotape {

void ContentsCounter::NameTally::add(std::string_view first, std::string_view second) {
  const std::uint64_t hash = combine_hashes(hash_of(first), hash_of(second));
  if (const std::uint32_t* const row = row_by_hash_.find(hash)) {
    ++rows_[*row].count;
    return;
  }
  if (rows_.size() >= NameCounts::most_names ||
      first.size() + second.size() > NameCounts::longest_name) {
    ++others_;
    return;
  }
  *row_by_hash_.find_or_add(hash).first = static_cast<std::uint32_t>(rows_.size());
  std::string name(first);
  if (!second.empty()) {
    name.append(".").append(second);
  }
  rows_.push_back({std::move(name), 1});
}

NameCounts ContentsCounter::NameTally::counts() const {
  NameCounts counts;
  counts.others = others_;
  for (const Row& row : rows_) {
    counts.by_name[row.name] += row.count;
  }
  return counts;
}

const Envelope* ContentsCounter::add(const RecordedMessage& recorded) {
  const ReceivedTime received = recorded.received;
  ++contents_.messages;
  contents_.payload_bytes += recorded.message.payload.size();
  contents_.first_received = std::min(contents_.first_received.value_or(received), received);
  contents_.last_received = std::max(contents_.last_received.value_or(received), received);

  const auto read = reader_.read(recorded.message.payload);
  if (!read) {
    ++contents_.without_envelope;
    return nullptr;
  }
  const Envelope& envelope = **read;
  contents_.readings += envelope.readings.size();
  for (const Reading& reading : envelope.readings) {
    cars_.add(envelope.vin);
    properties_.add(reading.capability, reading.property);
  }
  return &envelope;
}

void ContentsCounter::add(const Marker& marker) {
  ++contents_.marker_count;
  if (contents_.markers.size() < TapeContents::most_markers) {
    contents_.markers.push_back(marker);
  }
}

TapeContents ContentsCounter::contents() const {
  TapeContents contents = contents_;
  contents.readings_by_car = cars_.counts();
  contents.readings_by_property = properties_.counts();
  return contents;
}

std::vector<Gap> gaps_in(const std::vector<Marker>& markers) {
  std::vector<Gap> gaps;
  bool open = false;
  const auto begin_gap = [&](std::optional<ReceivedTime> from, const Marker& marker) {
    if (!std::exchange(open, true)) {
      gaps.push_back({from, std::nullopt, true, marker.detail});
      if (marker.detail.empty()) {
        gaps.back().reason = name_of(marker.kind);
      }
    }
  };
  for (const Marker& marker : markers) {
    switch (marker.kind) {
      case MarkerKind::disconnected:
      case MarkerKind::recording_stopped:
        begin_gap(marker.at, marker);
        break;
      case MarkerKind::recording_resumed:
      case MarkerKind::torn_tail_repaired:
        begin_gap(std::nullopt, marker);
        break;
      case MarkerKind::session_lost:
        begin_gap(std::nullopt, marker);
        gaps.back().session_kept = false;
        gaps.back().to = marker.at;
        break;
      case MarkerKind::connected:
        if (std::exchange(open, false)) {
          gaps.back().to = marker.at;
        }
        break;
      case MarkerKind::recording_started:
      case MarkerKind::clock_jumped:
        break;
    }
  }
  // The end of the recording is no gap.
  if (open && markers.back().kind == MarkerKind::recording_stopped) {
    gaps.pop_back();
  }
  return gaps;
}

}  // namespace autotape
