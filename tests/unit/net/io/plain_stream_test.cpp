// The plain stream over a socket pair: what drained, eof and again mean; files; a peer that left.
#include "net/io/plain_stream.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace weir::net {
namespace {

class plain_stream_test : public testing::Test {
protected:
  static std::array<int, 2> make_pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    return fds;
  }

  void peer_sends(std::string_view text) {
    ASSERT_EQ(::send(peer.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  std::string peer_reads() {
    std::array<char, 64> text{};
    const auto count = ::recv(peer.get(), text.data(), text.size(), 0);
    return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "";
  }

  std::array<int, 2> fds = make_pair();
  plain_stream stream{unique_fd(fds[0])};
  unique_fd peer{fds[1]};
  std::array<char, 8> into{};
};

TEST_F(plain_stream_test, a_short_read_says_that_the_kernel_has_no_more) {
  peer_sends("hello");
  const auto got = stream.read(into);
  EXPECT_EQ(got.status, io_status::ok);
  EXPECT_EQ(got.bytes, 5u);
  EXPECT_TRUE(stream.drained());
}

TEST_F(plain_stream_test, a_full_read_may_have_left_some) {
  peer_sends("0123456789");
  EXPECT_EQ(stream.read(into).bytes, 8u);
  EXPECT_FALSE(stream.drained());
  EXPECT_EQ(stream.read(into).bytes, 2u);
  EXPECT_TRUE(stream.drained());
  EXPECT_EQ(stream.read(into).status, io_status::again);
}

TEST_F(plain_stream_test, tells_the_end_after_the_last_bytes) {
  peer_sends("bye");
  peer.reset();
  EXPECT_EQ(stream.read(into).bytes, 3u);
  EXPECT_EQ(stream.read(into).status, io_status::eof);
}

TEST_F(plain_stream_test, gathers_what_it_writes) {
  std::string head = "head ";
  std::string body = "body";
  const std::array<iovec, 2> parts{{{head.data(), head.size()}, {body.data(), body.size()}}};
  EXPECT_EQ(stream.write(parts).bytes, 9u);
  EXPECT_EQ(peer_reads(), "head body");
}

TEST_F(plain_stream_test, a_full_socket_says_again_and_a_lost_peer_error) {
  std::string big(1 << 20, 'x');
  const std::array<iovec, 1> parts{{{big.data(), big.size()}}};
  io_result last;
  for (int i = 0; i < 64 && last.status == io_status::ok; ++i)
    last = stream.write(parts);
  EXPECT_EQ(last.status, io_status::again);
  peer.reset();
  last = stream.write(parts);
  EXPECT_EQ(last.status, io_status::error);
  EXPECT_EQ(last.error, EPIPE);
}

TEST_F(plain_stream_test, sends_a_file_from_where_it_is_told) {
  const unique_fd file(::memfd_create("weir", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), "0123456789", 10), 10);
  off_t offset = 3;
  EXPECT_EQ(stream.send_file(file.get(), offset, 4).bytes, 4u);
  EXPECT_EQ(offset, 7);
  EXPECT_EQ(peer_reads(), "3456");
  offset = 10;
  const auto cut = stream.send_file(file.get(), offset, 1);
  EXPECT_EQ(cut.status, io_status::error) << "the file is shorter than was said";
}

TEST_F(plain_stream_test, ends_its_own_side_only) {
  stream.shutdown_write();
  EXPECT_EQ(peer_reads(), "");
  peer_sends("x");
  EXPECT_EQ(stream.read(into).bytes, 1u);
}

} // namespace
} // namespace weir::net
