// Which address a command talks to.
#include "cli/locate.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr auto cluster_file = R"(version: 1
cluster:
  nodes: {edge1: 127.0.1.1, edge2: 127.0.1.2, far: 192.0.2.9}
  store: {path: STORE}
admin: {listen: [9900, "unix:weir.sock"]}
sites: [{hosts: ["*"], respond: {status: 200}}]
)";

class locating : public testing::Test {
protected:
  locating() {
    std::string name = (fs::temp_directory_path() / "weir-loc-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    old_ = fs::current_path();
    fs::current_path(folder_);
    environment_["HOME"] = folder_.string();
  }
  ~locating() override {
    fs::current_path(old_);
    fs::remove_all(folder_);
  }
  void write_cluster_file() {
    std::string text = cluster_file;
    text.replace(text.find("STORE"), 5, (folder_ / "data").string());
    std::ofstream{folder_ / "weir.yaml"} << text;
  }
  void make_socket(const std::string& node) {
    const auto folder = folder_ / ".local/state/weir" / node;
    fs::create_directories(folder);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (folder / "weir.sock").c_str());
    const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(made);
  }
  located find() {
    return locate(options_, {[this](const std::string& name) -> std::optional<std::string> {
                               auto at = environment_.find(name);
                               return at == environment_.end() ? std::nullopt
                                                               : std::optional{at->second};
                             },
                             {},
                             false});
  }
  std::string first() {
    auto found = find();
    return found.targets.empty() ? found.problem : found.targets.front().address.text();
  }

  fs::path folder_, old_;
  std::map<std::string, std::string> environment_;
  target_options options_;
};

TEST_F(locating, the_flag_beats_the_environment_beats_the_file) {
  write_cluster_file();
  EXPECT_EQ(first(), "unix:" + (folder_ / "data/edge1/weir.sock").string());
  environment_["WEIR_ADDR"] = "10.0.0.1:9900";
  EXPECT_EQ(first(), "10.0.0.1:9900");
  options_.address = "unix:/x";
  EXPECT_EQ(first(), "unix:/x");
}

TEST_F(locating, every_node_of_this_machine_is_a_target_its_socket_first) {
  write_cluster_file();
  auto found = find();
  ASSERT_EQ(found.targets.size(), 4u);
  EXPECT_EQ(found.targets[1].address.text(), "127.0.1.1:9900");
  EXPECT_EQ(found.targets[2].node, "edge2");
}

TEST_F(locating, a_node_named_is_the_only_one) {
  write_cluster_file();
  options_.node = "edge2";
  for (const auto& one : find().targets)
    EXPECT_EQ(one.node, "edge2");
  options_.node = "nobody";
  EXPECT_TRUE(find().usage);
  EXPECT_THAT(first(), HasSubstr("no node named nobody"));
}

TEST_F(locating, without_a_file_the_only_socket_of_the_run_folder_is_taken) {
  EXPECT_THAT(first(), HasSubstr("no node found"));
  make_socket("edge1");
  EXPECT_THAT(first(), HasSubstr("/edge1/weir.sock"));
  make_socket("edge2");
  EXPECT_THAT(first(), HasSubstr("several nodes"));
  options_.node = "edge2";
  EXPECT_THAT(first(), HasSubstr("/edge2/weir.sock"));
}

TEST(parse_target, takes_sockets_and_addresses_and_nothing_else) {
  EXPECT_EQ(parse_target("unix:/a/b")->unix_path, "/a/b");
  EXPECT_EQ(parse_target("/a/b")->unix_path, "/a/b");
  EXPECT_EQ(parse_target("http://127.0.0.1:9900/")->text(), "127.0.0.1:9900");
  EXPECT_EQ(parse_target("[::1]:9900")->text(), "[::1]:9900");
  for (const auto* bad : {"", "unix:", "host", "host:", ":80", "host:0", "host:70000", "host:x"})
    EXPECT_FALSE(parse_target(bad)) << bad;
}

} // namespace
} // namespace weir::cli
