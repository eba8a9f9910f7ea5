#include "tape/edit/merging_reader.hpp"

#include <algorithm>

namespace autotape {
namespace {

void keep_if_same(std::string& ours, const std::string& other) {
  if (ours != other) {
    ours.clear();
  }
}

// What both say. The start is the earlier one.
void keep_common(TapeHeader& header, const TapeHeader& other) {
  for (std::string TapeHeader::*member :
       {&TapeHeader::environment, &TapeHeader::level, &TapeHeader::app_id, &TapeHeader::broker,
        &TapeHeader::topic_filter, &TapeHeader::client_id, &TapeHeader::tool,
        &TapeHeader::description, &TapeHeader::key_id}) {
    keep_if_same(header.*member, other.*member);
  }
  // One raw tape makes the whole raw.
  if (header.privacy != other.privacy) {
    header.privacy = header.privacy == "raw" || other.privacy == "raw" ? "raw" : "";
  }
  if (header.started && other.started) {
    header.started = std::min(*header.started, *other.started);
  } else {
    header.started.reset();
  }
  std::erase_if(header.other, [&](const auto& member) {
    return std::find(other.other.begin(), other.other.end(), member) == other.other.end();
  });
}

void add(TapeDamage& all, const TapeDamage& one) {
  all.torn_bytes += one.torn_bytes;
  all.skipped_bytes += one.skipped_bytes;
  all.bad_chunks += one.bad_chunks;
  all.no_end = all.no_end || one.no_end;
  all.index_wrong = all.index_wrong || one.index_wrong;
}

}  // namespace

bool MergingReader::later(const Head* a, const Head* b) {
  return a->time() != b->time() ? a->time() > b->time() : a->number > b->number;
}

Result<std::unique_ptr<MergingReader>> MergingReader::open(
    std::vector<std::unique_ptr<TapeReader>> tapes) {
  auto merging = std::make_unique<MergingReader>();
  for (auto& tape : tapes) {
    if (merging->heads_.empty()) {
      merging->header_ = tape->header();
    } else {
      keep_common(merging->header_, tape->header());
    }
    auto head = std::make_unique<Head>();
    head->tape = std::move(tape);
    head->number = merging->heads_.size();
    AUTOTAPE_TRY(merging->advance(*head));
    merging->heads_.push_back(std::move(head));
  }
  return merging;
}

Result<void> MergingReader::advance(Head& head) {
  AUTOTAPE_TRY_ASSIGN(head.kind, head.tape->next(head.message, head.marker));
  if (head.kind == TapeRecord::end) {
    head.damage = head.tape->damage();
    add(damage_, head.damage);
    head.tape.reset();
    return {};
  }
  heap_.push_back(&head);
  std::push_heap(heap_.begin(), heap_.end(), later);
  return {};
}

Result<TapeRecord> MergingReader::next(RecordedMessage& message, Marker& marker) {
  if (given_ != nullptr) {
    AUTOTAPE_TRY(advance(*std::exchange(given_, nullptr)));
  }
  if (heap_.empty()) {
    return TapeRecord::end;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  given_ = heap_.back();
  heap_.pop_back();
  if (given_->kind == TapeRecord::message) {
    std::swap(message, given_->message);
  } else {
    std::swap(marker, given_->marker);
  }
  return given_->kind;
}

}  // namespace autotape
