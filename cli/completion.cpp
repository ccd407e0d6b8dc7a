// One table of words per verb, wrapped in each shell's own way of asking for them.
#include "cli/completion.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <vector>

namespace weir::cli {
namespace {

/// A verb's full name ("cluster up"; empty at the top) and what may follow it.
struct verb_words {
  std::string path;
  std::vector<std::string> verbs;
  std::vector<std::string> options;
};

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      out.push_back("--" + name);
    for (const auto& name : option->get_snames())
      out.push_back("-" + name);
  }
  return out;
}

void collect(const CLI::App& app, const std::string& path, std::vector<verb_words>& out) {
  verb_words words{path, {}, options_of(app)};
  for (const auto* verb : app.get_subcommands({}))
    words.verbs.push_back(verb->get_name());
  out.push_back(std::move(words));
  for (const auto* verb : app.get_subcommands({}))
    collect(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name(), out);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& one : words)
    out += (out.empty() ? "" : " ") + one;
  return out;
}

/// Walks the words typed so far along the verbs; at a verb without verbs, files are offered too.
std::string bash_script(const std::vector<verb_words>& table) {
  std::string cases;
  for (const auto& [path, verbs, options] : table)
    cases += "    \"" + path + "\") verbs=\"" + joined(verbs) + "\" options=\"" + joined(options) +
             "\" ;;\n";
  return "# weir completion for bash: source <(weir completion bash)\n"
         "_weir_words() {\n"
         "  case \"$1\" in\n" +
         cases +
         "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         "_weir() {\n"
         "  local path=\"\" word verbs options global current=\"${COMP_WORDS[COMP_CWORD]}\" i\n"
         "  _weir_words \"\"; global=\"$options\"\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=\"${COMP_WORDS[i]}\"\n"
         "    [[ \" $verbs \" == *\" $word \"* ]] || continue\n"
         "    path=\"${path:+$path }$word\"\n"
         "    _weir_words \"$path\"\n"
         "  done\n"
         "  if [[ \"$current\" == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options $global\" -- \"$current\")\n"
         "  elif [[ -n \"$verbs\" ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$verbs\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _weir weir\n";
}

std::string zsh_script(const std::vector<verb_words>& table) {
  return "# weir completion for zsh: source <(weir completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(table);
}

std::string fish_script(const std::vector<verb_words>& table) {
  std::string out = "# weir completion for fish: weir completion fish | source\n";
  for (const auto& [path, verbs, options] : table) {
    const auto last = path.substr(path.rfind(' ') == std::string::npos ? 0 : path.rfind(' ') + 1);
    auto condition =
        path.empty() ? std::string{"__fish_use_subcommand"} : "__fish_seen_subcommand_from " + last;
    for (const auto& verb : verbs) {
      const auto other =
          path.empty() ? "" : "; and not __fish_seen_subcommand_from " + joined(verbs);
      out += "complete -c weir -f -n '" + condition + other + "' -a " + verb + "\n";
    }
    for (const auto& option : options) {
      if (!option.starts_with("--")) continue;
      const auto when = path.empty() ? std::string{} : " -n '" + condition + "'";
      out += "complete -c weir" + when + " -l " + option.substr(2) + "\n";
    }
  }
  return out;
}

} // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
  std::vector<verb_words> table;
  collect(app, "", table);
  if (shell == "bash") return bash_script(table);
  if (shell == "zsh") return zsh_script(table);
  if (shell == "fish") return fish_script(table);
  return {};
}

} // namespace weir::cli
