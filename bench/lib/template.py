"""Configuration templates: @NAME@ is replaced; `%if NAME`, `%if not NAME`, `%else`, `%endif` choose lines."""
import re


def substitute(text, values):
    return re.sub(r"@([A-Z0-9]+)@", lambda match: str(values[match[1]]), text)


def render(text, values):
    lines, taken = [], []
    for line in text.splitlines():
        word = line.split()
        if line.startswith("%if"):
            wanted = word[1] != "not"
            taken.append(bool(values[word[-1]]) == wanted)
        elif line.startswith("%else"):
            taken[-1] = not taken[-1]
        elif line.startswith("%endif"):
            taken.pop()
        elif all(taken):
            lines.append(line)
    return substitute("\n".join(lines) + "\n", values)
