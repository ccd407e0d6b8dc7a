// A file's body in turns, as long as its client takes it.
#include "net/proxy/file_sender.hpp"

#include "tests/support/scripted_stream.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>

#include <memory>
#include <string>

namespace weir::net {
namespace {

constexpr std::uint64_t turn = file_sender::turn_bytes_max;

class file_sender_test : public testing::Test {
protected:
  void plan(std::uint64_t size) {
    auto file = std::make_shared<open_file>();
    file->fd = unique_fd(::memfd_create("file_sender_test", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(file->fd.get(), static_cast<off_t>(size)), 0);
    made.file = file;
    made.length = size;
    sender.start(made);
  }

  std::shared_ptr<test::wire_script> wire = test::make_wire();
  channel client{std::make_unique<test::scripted_stream>(wire)};
  file_plan made;
  file_sender sender;
};

TEST_F(file_sender_test, a_turn_moves_its_share_however_much_the_client_takes) {
  plan(2 * turn + 1);
  for (int turns = 1; turns <= 2; ++turns) {
    EXPECT_EQ(sender.advance(client).status, io_status::ok);
    EXPECT_TRUE(sender.yielded());
    EXPECT_EQ(wire->written.size(), static_cast<std::uint64_t>(turns) * turn);
  }
  EXPECT_EQ(sender.advance(client).bytes, 1u);
  EXPECT_FALSE(sender.yielded());
}

TEST_F(file_sender_test, a_client_that_takes_no_more_is_waited_for) {
  wire->room = 10;
  plan(100);
  const auto sent = sender.advance(client);
  EXPECT_EQ(sent.status, io_status::again);
  EXPECT_EQ(sent.bytes, 10u);
  EXPECT_FALSE(sender.yielded());
}

TEST_F(file_sender_test, a_file_that_became_shorter_is_an_error) {
  plan(100);
  ASSERT_EQ(::ftruncate(made.file->fd.get(), 50), 0);
  EXPECT_EQ(sender.advance(client).status, io_status::error);
}

} // namespace
} // namespace weir::net
