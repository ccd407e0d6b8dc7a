// No path leads out of its root, asked in both ways.
#include "net/files/beneath.hpp"

#include "tests/support/file_tree.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

namespace weir::net {
namespace {

class beneath_test : public testing::TestWithParam<beneath_mode> {
protected:
  beneath_test() {
    tree.write("secret", "secret");
    tree.write("www/a/b.txt", "b");
    tree.write("www/c.txt", "c");
  }
  lookup_status status(const std::string& path) {
    return open_beneath(tree.path("www"), path, GetParam()).status;
  }
  test::file_tree tree;
};

TEST_P(beneath_test, files_and_folders_are_told_apart) {
  EXPECT_EQ(status("c.txt"), lookup_status::file);
  EXPECT_EQ(status("a/b.txt"), lookup_status::file);
  EXPECT_EQ(status("a"), lookup_status::directory);
  EXPECT_EQ(status("a/"), lookup_status::directory);
  EXPECT_EQ(status(""), lookup_status::directory);
  EXPECT_EQ(status("d"), lookup_status::not_found);
  EXPECT_EQ(status("c.txt/x"), lookup_status::not_found);
  EXPECT_EQ(status(std::string(5000, 'x')), lookup_status::not_found);
}

TEST_P(beneath_test, dots_and_absolute_paths_do_not_lead_out) {
  EXPECT_EQ(status("../secret"), lookup_status::outside);
  EXPECT_EQ(status("a/../../secret"), lookup_status::outside);
  EXPECT_NE(status("/etc/passwd"), lookup_status::file);
}

TEST_P(beneath_test, links_do_not_lead_out) {
  tree.link("www/up", "../secret");
  tree.link("www/far", "/etc/passwd");
  tree.link("www/folder", "..");
  tree.link("www/loop", "loop");
  EXPECT_EQ(status("up"), lookup_status::outside);
  EXPECT_EQ(status("far"), lookup_status::outside);
  EXPECT_NE(status("folder/secret"), lookup_status::file);
  EXPECT_EQ(status("loop"), lookup_status::outside);
}

TEST_P(beneath_test, links_inside_are_followed_where_the_kernel_can_watch_them) {
  tree.link("www/in", "a/b.txt");
  EXPECT_EQ(status("in"),
            GetParam() == beneath_mode::links ? lookup_status::file : lookup_status::outside);
}

TEST_P(beneath_test, only_regular_files_are_files) {
  ASSERT_EQ(::mkfifo(tree.path("www/fifo").c_str(), 0600), 0);
  EXPECT_EQ(status("fifo"), lookup_status::not_found);
  const unique_fd server(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = tree.path("www/socket");
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(status("socket"), lookup_status::not_found);
}

TEST_P(beneath_test, the_root_itself_may_be_a_link) {
  tree.link("current", "www");
  EXPECT_EQ(open_beneath(tree.path("current"), "c.txt", GetParam()).status, lookup_status::file);
  EXPECT_EQ(open_beneath(tree.path("nowhere"), "c.txt", GetParam()).status,
            lookup_status::not_found);
}

INSTANTIATE_TEST_SUITE_P(both, beneath_test,
                         testing::Values(beneath_mode::links, beneath_mode::plain),
                         [](const auto& run) {
                           return run.param == beneath_mode::links ? "links" : "plain";
                         });

} // namespace
} // namespace weir::net
