#!/usr/bin/python3
"""Tests of the tidy checker: each rule catches its bad sample and lets the good one pass."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check import check_file  # noqa: E402
from cpp_text import functions, strip  # noqa: E402

FIRST = "// What it is for.\n"


def complaints(path, body, first=FIRST, exists=lambda path: False):
    """What the checker says about a file with this body, as one string."""
    return "\n".join(sentence for _, sentence in check_file(path, first + body, exists))


class Floors(unittest.TestCase):
    def test_a_sibling_is_not_included(self):
        self.assertIn("must not include storage/store.hpp", complaints("net/x.cpp", '#include "storage/store.hpp"\n'))

    def test_a_higher_floor_is_not_included(self):
        self.assertIn("must not include net/x.hpp", complaints("base/x.cpp", '# include "net/x.hpp"\n'))

    def test_lower_floors_and_the_own_folder_are(self):
        includes = '#include "net/y.hpp"\n#include "config/settings.hpp"\n#include "base/result.hpp"\n'
        self.assertEqual("", complaints("net/x.cpp", includes))

    def test_only_the_composition_root_sees_the_commands(self):
        include = '#include "cli/commands.hpp"\n'
        self.assertIn("must not include cli", complaints("actors/node.cpp", include))
        self.assertEqual("", complaints("actors/main.cpp", include))

    def test_a_library_stays_in_its_home(self):
        for path, header in [
            ("net/x.cpp", "caf/all.hpp"),
            ("actors/x.cpp", "openssl/ssl.h"),
            ("cluster/x.cpp", "boost/asio.hpp"),
            ("cli/x.cpp", "boost/beast/http.hpp"),
            ("actors/x.cpp", "rocksdb/db.h"),
            ("net/x.cpp", "google/protobuf/message_lite.h"),
            ("actors/x.cpp", "pcre2.h"),
            ("net/x.cpp", "yaml-cpp/yaml.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.assertIn("must not include", complaints(path, f"#include <{header}>\n"))
        self.assertEqual("", complaints("storage/x.cpp", "#include <rocksdb/db.h>\n"))

    def test_a_source_includes_its_own_header_first(self):
        late = '#include <vector>\n#include "net/x.hpp"\n'
        self.assertIn("first", complaints("net/x.cpp", late, exists=lambda path: path == "net/x.hpp"))
        self.assertEqual("", complaints("net/x.cpp", late))


class Bans(unittest.TestCase):
    def test_each_banned_call_is_caught(self):
        for code in [
            "self->request(a, caf::infinite, 1);",
            "x.await([] {});",
            "system.registry().put(1, a);",
            "std::this_thread::sleep_for(1s);",
            "std::cout << 1;",
            "auto t = std::chrono::system_clock::now();",
            "self->request<caf::message_priority::high>(a, 1s);",
        ]:
            with self.subTest(code=code):
                self.assertNotEqual("", complaints("actors/x.cpp", f"void f() {{ {code} }}\n"))

    def test_each_has_its_home(self):
        self.assertEqual("", complaints("cli/x.cpp", "void f() { std::cout << 1; }\n"))
        self.assertEqual("", complaints("base/clock.cpp", "auto f() { return system_clock::now(); }\n"))

    def test_comments_and_strings_are_not_code(self):
        self.assertEqual("", complaints("net/x.cpp", 'const char* s = "std::cout"; // not sleep_for\n'))

    def test_unit_tests_do_not_sleep_but_support_may(self):
        code = "void f() { std::this_thread::sleep_for(1s); }\n"
        self.assertNotEqual("", complaints("tests/unit/net/x_test.cpp", code))
        self.assertEqual("", complaints("tests/support/x.cpp", code))

    def test_loose_ends_and_paths_of_one_machine(self):
        self.assertIn("TODO", complaints("net/x.cpp", "// TODO: later\n"))
        self.assertIn("one machine", complaints("docs/a.md", "see /home/anna/weir\n", first=""))
        self.assertEqual("", complaints("docs/a.md", "see tests/work/a and https://example.com/home/x\n", first=""))


class Shape(unittest.TestCase):
    def test_a_file_begins_with_what_it_is_for(self):
        for path in ["net/x.cpp", "net/x.hpp", "tools/x.py", "cmake/x.cmake", "CMakeLists.txt"]:
            with self.subTest(path=path):
                self.assertIn("first line", complaints(path, "#pragma once\nint x;\n", first=""))
        self.assertEqual("", complaints("tools/x.py", '"""What it is for."""\n', first="#!/usr/bin/python3\n"))
        self.assertIn("first line", complaints("packaging/x", "set -e\n", first="#!/bin/bash\n"))

    def test_a_header_has_pragma_once(self):
        self.assertIn("#pragma once", complaints("net/x.hpp", "int f();\n"))

    def test_long_files_long_functions_and_long_lines(self):
        self.assertIn("501 lines", complaints("net/x.cpp", "\n" * 500))
        self.assertNotIn("lines", complaints("net/x.cpp", "\n" * 499))
        self.assertIn("f has 71 lines", complaints("net/x.cpp", "void f() {\n" + "g();\n" * 69 + "}\n"))
        self.assertEqual("", complaints("net/x.cpp", "void f() {\n" + "g();\n" * 68 + "}\n"))
        self.assertIn("101 columns", complaints("net/x.cpp", "// " + "x" * 98 + "\n"))
        self.assertEqual("", complaints("net/x.cpp", 'auto s = R"(\n' + "x" * 101 + '\n)";\n'))


class Functions(unittest.TestCase):
    def names(self, code):
        return [f"{name}:{first}-{last}" for name, first, last in functions(strip(code))]

    def test_namespaces_and_classes_are_looked_into(self):
        code = "namespace a {\nclass b : c<d> {\n  void f() const {\n    if (x) { y(); }\n  }\n};\n}\nint main() {\n}\n"
        self.assertEqual(["f:3-5", "main:8-9"], self.names(code))

    def test_a_constructor_is_measured_with_its_initializers(self):
        self.assertEqual(["b:1-4"], self.names("b::b(int x)\n  : x_{x}, y_(1), z_{} {\n  f();\n}\n"))

    def test_initializers_are_no_functions(self):
        code = "const int table[] = {\n  f(1),\n};\nint x{g()};\nvoid h() {\n}\n"
        self.assertEqual(["h:5-6"], self.names(code))

    def test_lambdas_count_with_the_function_around_them(self):
        self.assertEqual(["f:1-5"], self.names("auto f() -> b {\n  return {\n    [](int) { },\n  };\n}\n"))

    def test_braces_in_literals_and_digit_separators_do_not_count(self):
        code = "void f() {\n  g('{', \"}\", R\"({)\", 1'000'000);\n}\nvoid h() {}\n"
        self.assertEqual(["f:1-3", "h:4-4"], self.names(code))

    def test_a_function_try_block_ends_where_its_handlers_begin(self):
        self.assertEqual(["f:1-2", "g:5-5"], self.names("void f() try {\n} catch (int) {\n  x();\n}\nvoid g() {}\n"))

    def test_templates_attributes_and_extern_c(self):
        code = "template <class T, class = a<b<T>>>\n[[nodiscard]] T f(T x) {\n}\nextern \"C\" int g(int) {\n}\n"
        self.assertEqual(["f:1-3", "g:4-5"], self.names(code))


if __name__ == "__main__":
    unittest.main()
