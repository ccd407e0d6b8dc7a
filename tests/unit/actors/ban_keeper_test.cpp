// The ban keeper's state without its actor: what is kept, published and answered.
#include "actors/ban_keeper.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace weir::actors {
namespace {

const ip_address customer = ip_address::v4(192, 0, 2, 1);

class ban_keeper_test : public testing::Test {
protected:
  ban_keeper_options options() {
    ban_keeper_options out;
    out.clock = &clock_;
    out.board = board_;
    out.load = [this]() -> result<std::vector<cluster::ban>> { return disk_; };
    out.save = [this](const cluster::ban& ban) {
      if (!disk_failed_) disk_.push_back(ban);
      return disk_failed_;
    };
    out.erase = [this](const cluster::ban& ban) {
      std::erase_if(disk_, [&](const auto& each) { return each.network == ban.network; });
      return error_code{};
    };
    out.publish = [this](std::shared_ptr<const net::ban_set> bans) {
      bans_ = std::move(bans);
      ++published_;
    };
    return out;
  }
  bool banned(const ip_address& who = customer) {
    return bans_ && bans_->has(who, clock_.steady());
  }
  error_code order(ban_order::verb what, duration time = 1h) {
    ban_order wanted{what, {customer.bytes(), 128}, time, "why", {}};
    error_code seen = make_error_code(boost::system::errc::timed_out);
    wanted.then = [&](error_code failed) { seen = failed; };
    keeper_.order(wanted);
    return seen;
  }

  test::manual_clock clock_;
  std::shared_ptr<ban_board> board_ = std::make_shared<ban_board>();
  std::vector<cluster::ban> disk_;
  error_code disk_failed_;
  std::shared_ptr<const net::ban_set> bans_;
  int published_ = 0;
  ban_keeper_state keeper_;
};

TEST_F(ban_keeper_test, an_order_is_in_force_and_on_disk_when_it_is_answered) {
  keeper_.begin(options());
  EXPECT_FALSE(order(ban_order::verb::add));
  EXPECT_TRUE(banned());
  EXPECT_EQ(disk_.size(), 1u);
  EXPECT_EQ(board_->bans()->size(), 1u);
  EXPECT_FALSE(order(ban_order::verb::remove));
  EXPECT_FALSE(banned());
  EXPECT_TRUE(disk_.empty());
  EXPECT_EQ(order(ban_order::verb::remove), boost::system::errc::no_such_process);
}

TEST_F(ban_keeper_test, a_wave_of_notices_is_published_once) {
  keeper_.begin(options());
  const int before = published_;
  for (std::uint8_t i = 1; i < 100; ++i)
    keeper_.notice({ip_address::v4(192, 0, 2, i), 1h, "refused"});
  EXPECT_EQ(published_, before);
  keeper_.look();
  EXPECT_EQ(published_, before + 1);
  EXPECT_TRUE(banned());
  keeper_.look();
  EXPECT_EQ(published_, before + 1);
  EXPECT_EQ(board_->added_automatic, 99u);
}

TEST_F(ban_keeper_test, a_ban_ends_on_disk_too) {
  keeper_.begin(options());
  keeper_.notice({customer, 10s, "refused"});
  keeper_.look();
  clock_.advance(10s);
  EXPECT_FALSE(banned()); // before anybody has looked
  keeper_.look();
  EXPECT_TRUE(disk_.empty());
  EXPECT_TRUE(board_->bans()->empty());
}

TEST_F(ban_keeper_test, what_was_banned_before_a_restart_still_is) {
  keeper_.begin(options());
  order(ban_order::verb::add);
  ban_keeper_state again;
  bans_ = nullptr;
  again.begin(options());
  EXPECT_TRUE(banned());
}

TEST_F(ban_keeper_test, a_disk_that_fails_does_not_keep_a_ban_from_being_in_force) {
  keeper_.begin(options());
  disk_failed_ = make_error_code(boost::system::errc::no_space_on_device);
  EXPECT_EQ(order(ban_order::verb::add), disk_failed_);
  EXPECT_TRUE(banned());
  EXPECT_EQ(board_->unsaved, 1u);
}

} // namespace
} // namespace weir::actors
