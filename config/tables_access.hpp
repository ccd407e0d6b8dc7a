// The keys about access that sites and routes share.
#pragma once

#include "config/table_builder.hpp"
#include "config/tables.hpp"

namespace weir::config {

const block& cors_block();
const block& basic_auth_block();
const block& forward_auth_block();

/// A block, or the word `off`, for which T stays as it is made: a required key is empty then.
template <class T>
auto block_or_off(const block& (*table)()) {
  return custom_value{
      value_doc{
          .shape = value_shape::block, .type = "map or off", .nested = &table(), .or_scalar = true},
      [table](reader& r, const yaml_node& node, T& out) {
        bool off = true;
        if (node.kind == node_kind::scalar)
          return choice_value<bool>{{{"off", true}}}.read(r, node, off);
        return r.read_block(table(), node, &out);
      }};
}

/// `Owner` has `policy`.
template <class Owner>
block_of<Owner>& add_access(block_of<Owner>& table) {
  return table
      .key(
          "security_headers", [](Owner & o) -> auto& { return o.policy.access.security_headers; },
          choice_value<security_preset>{{{"off", security_preset::off},
                                         {"default", security_preset::standard},
                                         {"strict", security_preset::strict}}},
          "response fields that make browsers careful, unless the answer has its own")
      .otherwise("off")
      .key(
          "cors", [](Owner & o) -> auto& { return o.policy.access.cors; },
          block_or_off<cors_settings>(cors_block), "what scripts of other origins may do")
      .otherwise("off")
      .key(
          "basic_auth", [](Owner & o) -> auto& { return o.policy.access.basic_auth; },
          block_or_off<basic_auth_settings>(basic_auth_block), "users and passwords")
      .otherwise("off")
      .key(
          "forward_auth", [](Owner & o) -> auto& { return o.policy.access.forward_auth; },
          block_or_off<forward_auth_settings>(forward_auth_block),
          "another server is asked whether a request may pass")
      .otherwise("off");
}

} // namespace weir::config
