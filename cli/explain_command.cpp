// An explanation as rows: site, routes, rules, limits, cache, target, verdict.
#include "cli/explain_command.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cli {
namespace {

std::string path_of(const net::explain_wish& wish) {
  auto path =
      "/api/v1/explain?method=" + query_value(wish.method) + "&url=" + query_value(wish.url);
  if (!wish.from.empty()) path += "&from=" + query_value(wish.from);
  for (const auto& field : wish.fields)
    path += "&field=" + query_value(field);
  return path;
}

std::string text_of(const json_value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Words of the API are names of enums: a person reads blanks.
std::string words_of(const json_value& value) {
  auto out = text_of(value);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string joined(std::initializer_list<std::string> parts, std::string_view between = ", ") {
  std::string out;
  for (const auto& part : parts)
    if (!part.empty()) out.append(out.empty() ? "" : between).append(part);
  return out;
}

class explanation_table {
public:
  explicit explanation_table(const json_value& why) : why_(why) {}

  void print(console& to) {
    add_site();
    add_routes();
    add_checks();
    for (const auto& limit : why_["limits"])
      add_limit(limit);
    if (!why_["cache"].is_null()) add_cache(why_["cache"]);
    if (!why_["target"].is_null()) add_target(why_["target"]);
    add_fields("request", why_["request_fields"]);
    add_fields("response", why_["response_fields"]);
    for (const auto& each : why_["assumed"])
      rows_.add({"assumed", "", "", text_of(each)});
    rows_.add(
        {"verdict", text_of(why_["verdict"]["text"]), "", words_of(why_["verdict"]["detail"])});
    rows_.print(to);
  }

private:
  std::string place(const json_value& line) const {
    const auto file = text_of(why_["config"]["file"]);
    return line.is_null() || file.empty() ? std::string{} : file + ":" + line.dump();
  }

  void add_site() {
    const auto& site = why_["site"];
    if (site.is_null()) return;
    rows_.add({"site", text_of(site["name"]), place(site["line"]),
               "host rule " + text_of(site["host_rule"])});
  }

  /// The chosen one, then the others that had a chance.
  void add_routes() {
    std::size_t elsewhere = 0;
    bool chosen = false;
    for (const auto& route : why_["routes"])
      if (route["fate"] == "chosen") {
        chosen = true;
        rows_.add({"route", text_of(route["path"]), place(route["line"]), text_of(route["kind"])});
      }
    if (!chosen && !why_["site"].is_null())
      rows_.add({"route", "-", "", "none matches: the site's own answer"});
    for (const auto& route : why_["routes"]) {
      if (route["fate"] == "chosen") continue;
      if (route["fate"] == "other_path") {
        ++elsewhere;
        continue;
      }
      rows_.add({"  not", text_of(route["path"]), place(route["line"]),
                 joined({words_of(route["fate"]), text_of(route["differs"])}, " ")});
    }
    if (elsewhere > 0) rows_.add({"  not", fmt::format("{} more", elsewhere), "", "other path"});
  }

  void add_checks() {
    std::string passed;
    for (const auto& check : why_["checks"])
      if (check["outcome"] == "passed")
        passed.append(passed.empty() ? "" : ", ").append(text_of(check["check"]));
    if (!passed.empty()) rows_.add({"checks", passed, "", "passed"});
    for (const auto& check : why_["checks"])
      if (check["outcome"] != "passed" && check["outcome"] != "not_asked")
        rows_.add({"check", text_of(check["check"]), "",
                   joined({text_of(check["outcome"]), text_of(check["detail"])}, ": ")});
  }

  void add_limit(const json_value& limit) {
    const auto left = limit["remaining"].is_null()
                          ? std::string{}
                          : limit["remaining"].dump() + " of " + limit["burst"].dump() + " left";
    const auto& wait = limit["retry_after_seconds"];
    rows_.add({"limit", joined({text_of(limit["name"]), text_of(limit["key"])}, " "), "",
               joined({words_of(limit["outcome"]), left,
                       wait.is_null() ? "" : "again in " + short_duration(wait.get<double>())})});
  }

  void add_cache(const json_value& cache) {
    const auto seconds = [](const char* what, const json_value& value) {
      return value.is_null() ? std::string{} : what + value.dump() + "s";
    };
    const auto found = text_of(cache["found"]);
    const auto fetch = text_of(cache["fetch"]);
    rows_.add(
        {"cache", text_of(cache["key"]), "",
         joined({joined({words_of(cache["outcome"]), words_of(cache["reason"])}, " "),
                 found.empty() ? "" : "found: " + found, seconds("age ", cache["age_seconds"]),
                 seconds("fresh for ", cache["fresh_seconds"]),
                 fetch.empty() ? "" : "fetch: " + fetch})});
  }

  void add_target(const json_value& target) {
    const auto& upstream = target["upstream"];
    rows_.add(
        {"target",
         joined({upstream.is_null() ? "" : text_of(upstream["name"]), text_of(target["target"]),
                 text_of(target["location"]),
                 target["file"].is_null() ? text_of(target["root"]) : text_of(target["file"])},
                " "),
         "", joined({text_of(target["kind"]), words_of(target["reason"])})});
    if (upstream.is_null()) return;
    const auto chosen = text_of(upstream["server"]);
    for (const auto& server : upstream["servers"])
      rows_.add({"  server", text_of(server["address"]), "", server_words(upstream, server)});
    if (!chosen.empty())
      rows_.add({"  chosen", chosen, "", "by its " + text_of(upstream["chosen_by"])});
  }

  static std::string server_words(const json_value& upstream, const json_value& server) {
    const auto flag = [&](const char* name) {
      return server[name].get<bool>() ? std::string(name) : std::string{};
    };
    const auto candidate = server["candidate"].get<bool>()
                               ? "candidate of " + text_of(upstream["balance"])
                               : std::string{};
    return joined({text_of(server["health"]), flag("ejected"), flag("warming"), flag("backup"),
                   flag("full"), candidate});
  }

  void add_fields(const char* message, const json_value& fields) {
    std::string set, removed;
    for (const auto& field : fields["set"])
      set.append(set.empty() ? "sets " : ", ").append(text_of(field["name"]));
    for (const auto& name : fields["removed"])
      removed.append(removed.empty() ? "removes " : ", ").append(text_of(name));
    const auto both = joined({set, removed}, "; ");
    if (!both.empty()) rows_.add({"fields", message, "", both});
  }

  const json_value& why_;
  table rows_{{"STEP", "WHAT", "WHERE", "WHY"}};
};

} // namespace

int explain(const command_context& context, const net::explain_wish& wish) {
  net::explain_request checked;
  if (const auto wrong = net::make_explain_request(wish, checked); !wrong.empty()) {
    context.terminal.error(wrong);
    return exit_usage;
  }
  auto [client, code] = connect(context);
  if (!client) return code;
  const auto answer = client->get(path_of(wish));
  if (!answer.ok()) {
    const auto failed = report_failure(context, *client, answer);
    return answer.status == 400 ? exit_usage : failed;
  }
  if (context.options.output == output_format::table)
    explanation_table(answer.body).print(context.terminal);
  else
    context.terminal.print(answer.body, context.options.output);
  return exit_ok;
}

} // namespace weir::cli
