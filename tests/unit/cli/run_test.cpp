// The grammar: exit codes, options before and after the verb, completion of every verb.
#include "cli/run.hpp"

#include "cli/command_line.hpp"
#include "cli/completion.hpp"
#include "cli/exit_code.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>
#include <vector>

namespace weir::cli {
namespace {

using testing::HasSubstr;

int run_with(std::vector<const char*> arguments, const hooks& higher = {}) {
  arguments.insert(arguments.begin(), "weir");
  return run(static_cast<int>(arguments.size()), arguments.data(), higher);
}

TEST(run, a_mistake_in_the_arguments_is_exit_code_2) {
  EXPECT_EQ(run_with({}), exit_usage);
  EXPECT_EQ(run_with({"fly"}), exit_usage);
  EXPECT_EQ(run_with({"wait", "--timeout", "soon"}), exit_usage);
  EXPECT_EQ(run_with({"members", "-o", "xml"}), exit_usage);
  EXPECT_EQ(run_with({"drain"}), exit_usage);
  EXPECT_EQ(run_with({"members", "--addr", "nowhere"}), exit_usage);
}

TEST(run, help_is_no_mistake) {
  EXPECT_EQ(run_with({"--help"}), exit_ok);
}

TEST(run, the_node_gets_the_file_and_the_name_wherever_they_stand) {
  run_options seen;
  const hooks higher{[&](const run_options& options) {
    seen = options;
    return 7;
  }};
  EXPECT_EQ(run_with({"run", "-c", "a.yaml", "--node", "edge2"}, higher), 7);
  EXPECT_EQ(seen.config_file, "a.yaml");
  EXPECT_EQ(seen.node, "edge2");
  EXPECT_EQ(run_with({"-c", "b.yaml", "run"}, higher), 7);
  EXPECT_EQ(seen.config_file, "b.yaml");
  EXPECT_EQ(run_with({"run"}, higher), 7);
  EXPECT_EQ(seen.config_file, "weir.yaml");
}

TEST(run, the_launcher_gets_its_file_and_how_to_go_on) {
  std::string seen;
  hooks higher;
  higher.cluster_up = [&](const std::string& file, bool detach) {
    seen = file + (detach ? " detached" : "");
    return 0;
  };
  higher.cluster_down = [&](const std::string& file, duration deadline) {
    seen = file + " down " + std::to_string(deadline / 1s);
    return 0;
  };
  EXPECT_EQ(run_with({"cluster", "up", "a.yaml", "--detach"}, higher), 0);
  EXPECT_EQ(seen, "a.yaml detached");
  EXPECT_EQ(run_with({"cluster", "up", "-c", "b.yaml"}, higher), 0);
  EXPECT_EQ(seen, "b.yaml");
  EXPECT_EQ(run_with({"cluster", "down", "--deadline", "5s"}, higher), 0);
  EXPECT_EQ(seen, "weir.yaml down 5");
  EXPECT_EQ(run_with({"cluster"}, higher), exit_usage);
}

TEST(run, a_node_that_is_not_there_is_exit_code_5) {
  EXPECT_EQ(run_with({"members", "--addr", "unix:/no/such/socket"}), exit_unreachable);
}

TEST(completion, every_verb_and_option_is_known_to_every_shell) {
  command_line line{{}};
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(line.app(), shell);
    for (const auto* word : {"members", "drain", "ls", "self-signed"})
      EXPECT_THAT(script, HasSubstr(word)) << shell;
    EXPECT_THAT(script, HasSubstr("deadline"));
  }
  EXPECT_EQ(completion_script(line.app(), "tcsh"), "");
}

TEST(console, yaml_and_json_say_the_same) {
  std::ostringstream out, err;
  console terminal{out, err, false};
  const json_value value{{"a", 1}, {"b", {"x: y", nullptr, true, {{"c", json_value::array()}}}}};
  terminal.print(value, output_format::yaml);
  EXPECT_EQ(out.str(), "\"a\": 1\n\"b\":\n  - \"x: y\"\n  - null\n  - true\n  -\n    \"c\": []\n");
}

TEST(console, states_are_coloured_only_for_a_person) {
  std::ostringstream out, err;
  console plain{out, err, false}, colourful{out, err, true};
  table rows{{"NODE", "STATE"}};
  rows.add({"edge1", "ready"});
  rows.print(plain);
  EXPECT_EQ(out.str(), "NODE   STATE\nedge1  ready\n");
  rows.print(colourful);
  EXPECT_THAT(out.str(), HasSubstr("\x1b[32mready\x1b[0m"));
}

} // namespace
} // namespace weir::cli
