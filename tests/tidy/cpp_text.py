"""Just enough of C++'s surface: code without comments and literals, and where its functions begin and end."""

import re

TOKENS = re.compile(
    r"""//[^\n]*                                     # line comment
      | /\*.*?\*/                                    # block comment
      | R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"   # raw string
      | "(?:\\.|[^"\\\n])*"                          # string
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'          # character; not a digit separator""",
    re.VERBOSE | re.DOTALL,
)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b")
CALL = re.compile(r"(operator\s*[^\s(]+|~?\w+)\s*\(")
MEMBER_INITIALIZERS = re.compile(r"\)[^()=]*(?<!:):(?!:)")
NOT_A_NAME = {"catch", "alignas", "requires", "decltype"}


def blank(match):
    """The matched text as spaces, so that positions and line numbers stay."""
    return re.sub(r"[^\n]", " ", match.group())


def strip(text):
    """The text with comments and literals blanked."""
    return TOKENS.sub(blank, text)


def without_raw_strings(text):
    """The text with raw strings emptied: what another program reads has a layout of its own."""
    return TOKENS.sub(lambda m: "\n" * m.group().count("\n") if m.group().startswith("R") else m.group(), text)


def functions(code):
    """(name, first line, last line) of each outermost function of stripped code; lambdas count with theirs."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", blank, code, flags=re.MULTILINE)
    stack = []  # what each open brace is: "scope", "block", "initializer", "inside", or a function's (name, line)
    head_start = 0
    for match in re.finditer(r"[{};]", code):
        at, char = match.start(), match.group()
        closed = None
        if char == "{":
            stack.append(kind_of(code, head_start, at, stack))
        elif char == "}" and stack:
            closed = stack.pop()
        if isinstance(closed, tuple):
            yield closed[0], closed[1], code.count("\n", 0, at) + 1
        if (not stack or stack[-1] == "scope") and closed != "initializer":
            head_start = at + 1


def kind_of(code, head_start, at, stack):
    """What the brace at `at` opens, judged by the statement before it."""
    if stack and stack[-1] != "scope":
        return "inside"
    head = re.sub(r"\[\[.*?\]\]", blank, code[head_start:at], flags=re.DOTALL)
    plain, count = head, 1
    while count:
        plain, count = re.subn(r"<[^<>()]*>", "", plain)
    before = plain.split("(")[0]
    if SCOPE.search(before) or before.strip() == "extern":
        return "scope"
    name = CALL.search(head)
    if name is None or ("=" in before and "operator" not in before):
        return "initializer"
    if MEMBER_INITIALIZERS.search(head) and re.search(r"[\w>]\s*$", head):
        return "initializer"
    first = code.count("\n", 0, head_start + len(head) - len(head.lstrip())) + 1
    return "block" if name.group(1) in NOT_A_NAME else (name.group(1), first)
