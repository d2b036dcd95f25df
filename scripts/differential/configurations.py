#!/usr/bin/env python3
"""Makes up configurations in steps, puts them to the real terraform and to glaz, and prints in which facets the answers differ.

    scripts/differential/configurations.py --glaz target/debug/glaz --seed 7 --count 50     always the same for a seed
    scripts/differential/configurations.py --glaz ... --seed 7 --count 50 --keep FILE       writes those that differ

Made of: variables with types, defaults, marks and validations, given in all the ways; locals; resources with count, for_each,
conditions, lifecycle rules, provisioners and triggers; modules with count and for_each, two deep; outputs and checks; dynamic blocks
and templates; data sources; resources in JSON; and, from step to step, changed values, counts and keys, renamed, moved, removed and imported objects.
Now and then something odd: ephemeral values, data sources in checks, references of a block to itself, loops over nothing, moves
that modules state. Some have mistakes. `--keep` writes the form that `cases.py` reads and records.
"""
import argparse
import copy
import json
import os
import random
import shlex
import sys

from cases import Played, differences

TYPES = {
    "string": ['"x"', '"é"', "null", "12", "true", '"${1 + 1}"', "[1]"],
    "number": ["1", '"2"', "2.50", "null", '"x"', "true"],
    "bool": ["true", '"false"', "1", "null"],
    "list(string)": ["[]", '["a", "b"]', "[1, true]", "null", '"a"', '{ a = "b" }', '["a", null]'],
    "set(string)": ['["b", "a", "b"]', "[]", "[2, 1]", '{ a = "b" }', '["x", null]'],
    "map(number)": ["{ a = 1 }", '{ a = "2", b = 3 }', "{}", '{ a = "x" }', "null", "[1]", "{ a = null }"],
    "object({ a = string, b = optional(number, 3) })": ['{ a = "q" }', "{ a = 1, b = null, c = 2 }", "{}", "null", "[]"],
    "list(object({ n = optional(string), m = optional(map(string), { k = \"v\" }) }))": ["[{}]", '[{ n = 1 }, { m = { z = true } }]', "[]", "[1]"],
    "tuple([string, number])": ['["a", 1]', '["a", "1"]', '["a"]', '["a", "b"]'],
    "any": ['"s"', "1", "[1, \"a\"]", "{ a = [true] }", "null", "[[1], [\"a\"]]"],
    "map(any)": ['{ a = 1, b = "x" }', "{ a = [1], b = [2] }", "{}", "{ a = 1, b = [1] }"],
    "list(any)": ['[1, "a"]', "[]", "[{ a = 1 }, { a = \"b\" }]", "[[1], 2]"],
    None: ['"s"', "3", "[1]", "{ a = 1 }", "null"],
}
GOOD = {"string": 3, "number": 3, "bool": 2, "list(string)": 4, "set(string)": 3, "map(number)": 3, "tuple([string, number])": 2, "any": 6,
        "object({ a = string, b = optional(number, 3) })": 2, "map(any)": 3, None: 5}  # so many of the first values of a type fit
PLAIN = ['"k"', "1", "true", "null", "[1, 2]", '{ a = "x" }', '["a", "b"]', '"t-${1 + 2}"', 'upper("x")', "[]", "{}", 'tolist(["a", "b"])',
         'toset(["p", "q"])', "tomap({ a = 1 })", "1.50", '"é"', "terraform.workspace", "path.module", "[for x in [1, 2] : x * 2 if x > 1]",
         '"%{ for x in [1, 2] ~} v${x} %{~ endfor }"', "<<-EOT\n    line\n      more ${1 + 1}\n    EOT\n", "jsonencode({ b = [1], a = null })",
         '{ for x in ["a", "b"] : x => upper(x) }', 'merge({ a = 1 }, { b = "2" })', '1 == 1 ? "yes" : null', "0.1 + 0.2", "1 / 3", "-2", "1e30"]
OTHER = json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": [], "check_results": None,
                    "outputs": {"x": {"value": "ex", "type": "string"}, "y": {"value": [1, "b"], "type": ["tuple", ["number", "string"]], "sensitive": True}}}) + "\n"
KEYS = ["a", "b", "c", "d e", "é", "x/y"]


class Stack:
    """A made-up configuration that can be changed and written."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.wrong = self.r.random() < 0.35
        self.variables, self.locals, self.resources, self.calls, self.outputs, self.checks = {}, {}, {}, {}, {}, {}
        self.extra, self.env, self.args, self.given, self.override = [], {}, [], {}, {}
        self.serial = 0
        self.data = {}
        for _ in range(self.r.randint(1, 3)):
            self.add_variable()
        if self.chance(0.2):
            self.add_data()
        for _ in range(self.r.randint(0, 2)):
            self.locals[self.name("l")] = self.value()
        for _ in range(self.r.randint(1, 4)):
            self.add_resource()
        for _ in range(self.r.choice([0, 0, 1, 1, 2])):
            self.add_call()
        for _ in range(self.r.randint(1, 3)):
            self.add_output()
        if self.r.random() < 0.3:
            self.add_check()
        if self.r.random() < 0.12:
            self.add_override()
        self.in_json = {name for name in self.resources if self.chance(0.15)}
        # Drawn last, so that what older seeds made up stays as it was but for these.
        self.odd = random.Random(f"odd {seed}")
        self.inner_moves, self.provided = [], self.odd.random() < 0.15
        if self.odd.random() < 0.3:
            self.add_odd()

    def name(self, kind):
        self.serial += 1
        return f"{kind}{self.serial}"

    def chance(self, part):
        return self.r.random() < part

    # --- expressions ---

    def known(self):
        r = self.r
        if not self.wrong and self.chance(0.97):
            return r.choice(PLAIN)
        return r.choice(['"k"', "1", "true", "null", "[1, 2]", '{ a = "x" }', '["a", "b"]', '"t-${1 + 2}"', 'upper("x")', "[]", "{}",
                         'tolist(["a", "b"])', 'toset(["p", "q"])', 'tomap({ a = 1 })', "1.50", '"é"', "sensitive(\"s\")", "terraform.workspace",
                         "path.module", '"%{ for x in [1, 2] ~}\n  v${x}\n  %{~ endfor }"'.replace("\n", "\\n"),
                         "<<-EOT\n    line\n      more ${1 + 1}\n    EOT\n", 'jsonencode({ b = [1], a = null })', "[for x in [1, 2] : x * 2 if x > 1]",
                         '{ for x in ["a", "b"] : x => upper(x) }', 'merge({ a = 1 }, { b = "2" })', "1 == 1 ? \"yes\" : null"])

    def reference(self):
        r, made = self.r, []
        made += [f"var.{name}" for name in self.variables]
        made += [f"local.{name}" for name in self.locals]
        for name, one in self.resources.items():
            made += [self.of(f"terraform_data.{name}", one) for _ in range(2)]
        for name, one in self.calls.items():
            made += [self.of(f"module.{name}", one) for _ in range(2)]
        for name, one in self.data.items():
            made += [self.of(f"data.terraform_remote_state.{name}", one)]
        return r.choice(made) if made else self.known()

    def of(self, base, one):
        r = self.r
        ends = [".outputs", ".outputs.x", ".outputs[\"y\"]", ".outputs.z", ".backend"] if base.startswith("data.") else [".o", ".p", ".o", ".missing"] if base.startswith("module.") else [".output", ".id", ".input", ".output", ".triggers_replace", ".nothing", ".output.a"]
        end = r.choice(ends[:3] if not self.wrong or self.chance(0.8) else ends)
        if self.wrong and self.chance(0.1):
            return base + end
        if one["mode"] == "count":
            return r.choice([f"{base}[0]{end}", f"{base}[*]{end}", f"[for x in {base} : x{end}]", f"try({base}[1]{end}, null)", f"one({base}[*]{end})",
                             f"length({base})"])
        if one["mode"] == "for_each":
            return r.choice([f'{base}["a"]{end}', f"values({base})[*]{end}", f"{{ for k, v in {base} : k => v{end} }}", f"keys({base})",
                             f'try({base}["b"]{end}, "none")', f"[for k, v in {base} : k]"])
        return r.choice([base + end, base + end, f"{base}[*]{end}", f'"<${{{base}{end if self.wrong or "module" in base else ".id"}}}>"' if self.wrong or "module" not in base else base + end, f"can({base}{end})"])

    def value(self, depth=2):
        r = self.r
        if depth == 0 or self.chance(0.45):
            return self.reference() if self.chance(0.55) else self.known()
        inner = lambda: self.value(depth - 1)
        if not self.wrong:
            return r.choice([lambda: f"[{inner()}, {inner()}]", lambda: f"{{ a = {inner()}, b = {inner()} }}", lambda: f"try({inner()}, {inner()})",
                             lambda: f"[for x in [{inner()}] : x]", lambda: f"length([{inner()}])", lambda: f"{inner()} == {inner()}", lambda: f"[{inner()}][*]",
                             lambda: f"try(tostring({inner()}), \"?\")", lambda: f"try(coalesce({inner()}, \"z\"), 0)", lambda: f"try(merge({inner()}, {{ m = 1 }}), null)",
                             lambda: f"try([for k, v in {inner()} : v], [])", lambda: f"try(jsonencode({inner()}), 1)", lambda: f"can(tolist({inner()}))"])()
        return r.choice([lambda: f"[{inner()}, {inner()}]", lambda: f"{{ a = {inner()}, b = {inner()} }}", lambda: f"try({inner()}, {inner()})",
                         lambda: f"jsonencode({inner()})", lambda: f"[for x in [{inner()}] : x]", lambda: f"length([{inner()}])",
                         lambda: f"{inner()} == {inner()}", lambda: f"coalesce({inner()}, \"z\")", lambda: f"tostring({inner()})",
                         lambda: f"nonsensitive({inner()})" if self.wrong else inner(), lambda: f"{inner()} != null ? {inner()} : null",
                         lambda: f"[{inner()}][*]", lambda: f"issensitive({inner()})"])()

    def condition(self):
        r = self.r
        if not self.wrong:
            return f"can({self.whole()})" if self.chance(0.5) else f"{self.whole()} != \"never\""
        return r.choice(["true", "1 < 2", f"{self.reference()} != null", f"can({self.reference()})", "length([1]) == 1",
                         f"{self.reference()} == {self.known()}"] + (["false", '"x"', "null", "1"] if self.wrong else []))

    def whole(self):
        """A reference to a whole object."""
        return self.r.choice([f"var.{name}" for name in self.variables] + [f"terraform_data.{name}" for name in self.resources] + [f"module.{name}" for name in self.calls])

    # --- blocks ---

    def add_variable(self):
        r = self.r
        kind = r.choice(list(TYPES))
        good = TYPES[kind][:GOOD.get(kind, 3)] if not self.wrong or self.chance(0.7) else TYPES[kind]
        name = self.name("v")
        self.variables[name] = {"type": kind, "default": r.choice(good) if self.chance(0.85) else None,
                                "nullable": r.choice([None, None, None, "true", "false"]), "sensitive": self.chance(0.1), "ephemeral": self.wrong and self.chance(0.06),
                                "validation": r.choice([None, None, None, f"var.{name} == var.{name}", f"can(jsonencode(var.{name}))", f"var.{name} != null"])}
        if self.chance(0.5) or not self.variables[name]["default"]:
            for way in r.sample(["tfvars", "auto.a", "auto.b", "json", "env", "var", "file"], r.choice([1, 1, 2, 3])):
                value = r.choice(good)
                self.given.setdefault(way, {})[name] = value

    def add_resource(self, template=None):
        r = self.r
        one = {"mode": r.choice([None, None, None, "count", "for_each"]), "input": self.value() if self.chance(0.9) else None,
               "triggers": self.value(1) if self.chance(0.25) else None, "count": r.randint(0, 3), "keys": r.sample(KEYS, r.randint(0, 3)),
               "as_map": self.chance(0.4), "lifecycle": {}, "conditions": [], "provisioners": [], "depends": [], "unknown_keys": False}
        if one["mode"] and self.chance(0.4):
            one["input"] = r.choice(["count.index", '"n${count.index}"']) if one["mode"] == "count" else r.choice(["each.key", "each.value", '"${each.key}!"'])
        if self.wrong and self.chance(0.05):
            one["unknown_keys"] = True
        if self.chance(0.15):
            one["lifecycle"]["create_before_destroy"] = r.choice(["true", "true", "false"])
        if self.chance(0.1):
            one["lifecycle"]["ignore_changes"] = r.choice(["[input]", "all", "[triggers_replace]", "[input, triggers_replace]", "[input.a]", "[input[0]]"])
        if self.resources and self.chance(0.12):
            other = r.choice(list(self.resources))
            one["lifecycle"]["replace_triggered_by"] = f"[terraform_data.{other}{r.choice(['', '.output', '.id', '[0]', '[count.index]', '[each.key]'] if self.wrong else ['', '', '.id'] if not self.resources[other]['mode'] else [''])}]"
        if self.chance(0.04):
            one["lifecycle"]["prevent_destroy"] = "true"
        if self.chance(0.15):
            one["conditions"].append((r.choice(["precondition", "postcondition"]), self.condition() if self.chance(0.6) else "self.input == self.output"))
        if self.chance(0.12):
            one["provisioners"].append((r.choice(["", "when = destroy\n", "on_failure = continue\n"]), r.choice(["true", "echo hi", "exit 3"] if self.wrong else ["true", "echo x"])))
        if (self.resources or self.calls) and self.chance(0.2):
            whole = [f"terraform_data.{name}" for name in self.resources] + [f"module.{name}" for name in self.calls]
            one["depends"] = [r.choice(whole)]
        self.resources[self.name("r")] = one

    def add_data(self):
        r = self.r
        self.data[self.name("d")] = {"mode": r.choice([None, None, "count", "for_each"]), "count": r.randint(0, 2), "keys": r.sample(KEYS[:3], r.randint(0, 2)), "as_map": False,
                                     "path": r.choice(['"other.tfstate"', '"other.tfstate"', '"./${"other"}.tfstate"', '"missing.tfstate"' if self.wrong else '"other.tfstate"']),
                                     "defaults": r.choice([None, None, "{ z = 1 }"]), "depends": [], "post": self.chance(0.2)}

    def add_call(self):
        r = self.r
        deep = self.chance(0.3)
        self.calls[self.name("m")] = {"mode": r.choice([None, None, "count", "for_each"]), "count": r.randint(0, 2), "keys": r.sample(KEYS[:3], r.randint(0, 2)),
                                      "as_map": False, "deep": deep, "i": self.value(), "t": self.value(1),
                                      "depends": [f"terraform_data.{r.choice(list(self.resources))}"] if self.chance(0.15) else [],
                                      "inner": r.choice([None, "count", "for_each"]), "resources": {"x": "var.i", **({"y": "terraform_data.x"} if self.chance(0.3) else {})},
                                      "precondition": self.chance(0.2), "sensitive": self.chance(0.2)}

    def add_output(self):
        self.outputs[self.name("o")] = {"value": self.value(), "sensitive": self.chance(0.2) if self.wrong else self.hides(), "precondition": self.condition() if self.chance(0.2) else None,
                                        "ephemeral": False, "depends": []}

    def hides(self):
        return any(one["sensitive"] for one in [*self.variables.values(), *self.calls.values()]) or self.chance(0.1)

    def add_check(self):
        self.checks[self.name("c")] = {"assert": [self.condition() if self.chance(0.7) else f"{self.whole()} == \"never\"" for _ in range(self.r.randint(1, 2))], "message": self.r.choice(['"no"', '"is ${1 + 1}"'])}

    def add_override(self):
        r = self.r
        name = r.choice(list(self.resources))
        self.override["x_override.tf"] = r.choice([
            f'resource "terraform_data" "{name}" {{\n  input = "overridden"\n}}\n', f'resource "terraform_data" "{name}" {{\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n',
            "locals {\n  " + (r.choice(list(self.locals)) if self.locals else "none") + ' = "overridden"\n}\n',
            f'output "{r.choice(list(self.outputs))}" {{\n  value = "overridden"\n}}\n', f'resource "terraform_data" "{name}" {{\n  triggers_replace = 1\n  depends_on = []\n}}\n',
            f'variable "{r.choice(list(self.variables))}" {{\n  default = "overridden"\n}}\n'])

    def add_odd(self):
        """What the rest does not make up: ephemeral values, data sources in checks, chains that are create-first, outputs of all
        instances of a module, references of a block to itself."""
        r, name = self.odd, self.name("q")
        first = next(iter(self.resources))
        kinds = [
            f'variable "{name}" {{\n  ephemeral = true\n  default = "e"\n}}\nresource "terraform_data" "{name}" {{\n  input = 1\n  provisioner "local-exec" {{\n    command = "test ${{var.{name}}} = e"\n  }}\n}}\n'
            f'output "{name}" {{\n  value = ephemeralasnull(var.{name})\n}}\n',
            f'check "{name}" {{\n  data "terraform_remote_state" "{name}" {{\n    backend = "local"\n    config = {{ path = "other.tfstate" }}\n  }}\n'
            f'  assert {{\n    condition = data.terraform_remote_state.{name}.outputs.x == "{r.choice(["ex", "no"])}"\n    error_message = "x"\n  }}\n}}\n',
            f'resource "terraform_data" "{name}" {{\n  count = {r.randint(1, 3)}\n  input = count.index\n  triggers_replace = {r.choice(["null", "1", "[]"])}\n}}\n'
            f'locals {{\n  {name} = terraform_data.{name}{r.choice(["", "[0]", "[0].id", "[*].id"])}\n}}\n'
            f'resource "terraform_data" "{name}b" {{\n  input = local.{name}\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n',
            f'resource "terraform_data" "{name}" {{\n  count = {r.choice([0, 0, 1])}\n  input = terraform_data.{name}[{r.choice(["0", "1"])}].id\n}}\n',
            f'resource "terraform_data" "{name}" {{\n  for_each = {{ a = 1, b = null, c = [] }}\n  input = each.value\n  triggers_replace = {r.choice(["each.value", "[]", "{}", "null"])}\n'
            f'  lifecycle {{\n    replace_triggered_by = [terraform_data.{first}]\n    postcondition {{\n      condition = self.input == null || self.output != {r.choice(["1", "7"])}\n      error_message = "is ${{jsonencode(self.output)}}"\n    }}\n  }}\n}}\n',
            f'output "{name}" {{\n  value = [for x in {r.choice(["[]", "{}", "[1]"])} : terraform_data.{first}{r.choice(["", ".id", ".nothing", "[0].id"])}]\n  sensitive = true\n}}\n',
        ]
        if self.calls:
            call = next(iter(self.calls))
            kinds.append(f'output "{name}" {{\n  value = try(module.{call}.{r.choice(["o", "p", "a"])}, "none")\n  sensitive = true\n}}\n')
        self.extra.append(r.choice(kinds))

    # --- from step to step ---

    def change(self):
        """The next step: a few changes."""
        r = self.r
        if self.odd.random() < 0.2:
            self.add_odd()
        if self.calls and self.odd.random() < 0.15:
            self.inner_moves.append(self.odd.choice(["x", "w", "y"]))
        for _ in range(r.randint(1, 3)):
            r.choice([self.change_value, self.change_value, self.resize, self.resize, self.repeat_otherwise, self.rename, self.rename, self.remove, self.forget,
                      self.move_into_module, self.add_resource, self.add_output, self.import_one, self.change_trigger, self.rename_call])()

    def change_value(self):
        one = self.r.choice(list(self.resources.values()))
        one["input"] = self.value()
        if self.chance(0.3) and self.calls:
            self.r.choice(list(self.calls.values()))["i"] = self.value()

    def change_trigger(self):
        self.r.choice(list(self.resources.values()))["triggers"] = self.known()

    def repeated(self):
        return [one for one in [*self.resources.values(), *self.calls.values()] if one["mode"]]

    def resize(self):
        r = self.r
        for one in self.repeated():
            one["count"] = r.randint(0, 3)
            one["keys"] = r.sample(KEYS, r.randint(0, 3))

    def repeat_otherwise(self):
        one = self.r.choice(list(self.resources.values()))
        one["mode"] = self.r.choice([None, "count", "for_each"])
        if one["input"] and ("count." in one["input"] or "each." in one["input"]):
            one["input"] = self.known()
        if self.chance(0.4):
            name = next(name for name, which in self.resources.items() if which is one)
            self.extra.append(f'moved {{\n  from = terraform_data.{name}{self.r.choice(["", "[0]", chr(91) + chr(34) + "a" + chr(34) + chr(93)])}\n  to = terraform_data.{name}{self.r.choice(["", "[0]", "[1]", chr(91) + chr(34) + "a" + chr(34) + chr(93)])}\n}}\n')

    def rename(self):
        old = self.r.choice(list(self.resources))
        new = self.name("r")
        self.resources = {new if name == old else name: one for name, one in self.resources.items()}
        self.references(f"terraform_data.{old}", f"terraform_data.{new}")
        if self.chance(0.85):
            self.extra.append(f"moved {{\n  from = terraform_data.{old}\n  to   = terraform_data.{new}\n}}\n")

    def rename_call(self):
        if not self.calls:
            return
        old = self.r.choice(list(self.calls))
        new = self.name("m")
        self.calls = {new if name == old else name: one for name, one in self.calls.items()}
        self.references(f"module.{old}", f"module.{new}")
        if self.chance(0.85):
            self.extra.append(f"moved {{\n  from = module.{old}\n  to   = module.{new}\n}}\n")

    def references(self, old, new):
        """Renames in every expression."""
        def swap(value):
            if isinstance(value, str):
                return value.replace(f"{old}.", f"{new}.").replace(f"{old}[", f"{new}[").replace(f"{old})", f"{new})").replace(f"{old} ", f"{new} ") if value != old else new
            if isinstance(value, dict):
                return {name: swap(one) for name, one in value.items()}
            if isinstance(value, (list, tuple)):
                return type(value)(swap(one) for one in value)
            return value
        for part in ("data", "locals", "resources", "calls", "outputs", "checks"):
            setattr(self, part, swap(getattr(self, part)))

    def remove(self):
        if len(self.resources) > 1:
            name = self.r.choice(list(self.resources))
            del self.resources[name]
            self.references(f"terraform_data.{name}", f"terraform_data.{next(iter(self.resources))}")

    def forget(self):
        if len(self.resources) > 1:
            name = self.r.choice(list(self.resources))
            if not self.wrong or self.chance(0.8):
                del self.resources[name]
                self.references(f"terraform_data.{name}", f"terraform_data.{next(iter(self.resources))}")
            destroy = self.r.choice(["false", "false", "true"])
            self.extra.append(f"removed {{\n  from = terraform_data.{name}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n")

    def move_into_module(self):
        if not self.calls or len(self.resources) < 2:
            return
        r = self.r
        name, call = r.choice(list(self.resources)), r.choice(list(self.calls))
        del self.resources[name]
        self.references(f"terraform_data.{name}", f"terraform_data.{next(iter(self.resources))}")
        to = f"module.{call}" + r.choice(["", "", "[0]", '["a"]']) + ".terraform_data.x" + r.choice(["", "", "[0]", '["p"]'])
        self.extra.append(f"moved {{\n  from = terraform_data.{name}{r.choice(['', '', '[0]'])}\n  to   = {to}\n}}\n")

    def import_one(self):
        name = self.r.choice(list(self.resources))
        if self.chance(0.6):
            name = self.name("r")
            self.resources[name] = {"mode": None, "input": None, "triggers": None, "count": 1, "keys": [], "as_map": False, "lifecycle": {}, "conditions": [],
                                    "provisioners": [], "depends": [], "unknown_keys": False}
        each = self.r.choice(["", "", "  for_each = toset([\"a\"])\n"])
        key = "[each.key]" if each and self.chance(0.8) else ""
        self.extra.append(f'import {{\n{each}  to = terraform_data.{name}{key}\n  id = {self.r.choice([chr(34) + "imported" + chr(34), "each.key" if each else chr(34) + "i" + chr(34), "local.nope" if self.wrong else chr(34) + "j" + chr(34)])}\n}}\n')

    # --- text ---

    def repetition(self, one):
        if one["mode"] == "count":
            return f"  count = {one['count']}\n"
        if one["mode"] == "for_each":
            if one.get("unknown_keys"):
                return f"  for_each = toset([{self.reference()}])\n"
            if one["as_map"]:
                return "  for_each = {" + ", ".join(f'"{key}" = "v{at}"' for at, key in enumerate(one["keys"])) + "}\n"
            return "  for_each = toset([" + ", ".join(f'"{key}"' for key in one["keys"]) + "])\n"
        return ""

    def depends(self, one):
        return f"  depends_on = [{', '.join(one['depends'])}]\n" if one["depends"] else ""

    def json_of_resource(self, one):
        body = {}
        if one["mode"] == "count":
            body["count"] = one["count"]
        elif one["mode"]:
            body["for_each"] = {key: f"v{at}" for at, key in enumerate(one["keys"])} if one["as_map"] else f"${{toset({json.dumps(one['keys'], ensure_ascii=False)})}}"
        for name, key in (("input", "input"), ("triggers", "triggers_replace")):
            if one[name]:
                plain = one[name] in ("1", "true", "null", "[]", "{}", '["a", "b"]', "[1, 2]", '"k"')
                body[key] = json.loads(one[name]) if plain else "${" + one[name].strip() + "}"
        if one["depends"]:
            body["depends_on"] = one["depends"]
        life = {key: value == "true" if value in ("true", "false") else value.strip("[]").split(", ") if value != "all" else "all" for key, value in one["lifecycle"].items()
                if key != "replace_triggered_by"}
        if "replace_triggered_by" in one["lifecycle"]:
            life["replace_triggered_by"] = [one["lifecycle"]["replace_triggered_by"][1:-1]]
        for kind, test in one["conditions"]:
            life[kind] = [{"condition": "${" + test.strip() + "}", "error_message": "failed"}]
        if life:
            body["lifecycle"] = life
        if one["provisioners"]:
            body["provisioner"] = [{"local-exec": {"command": command, **({"when": "destroy"} if "when" in how else {}), **({"on_failure": "continue"} if "on_failure" in how else {})}}
                                   for how, command in one["provisioners"]]
        return body

    def text_of_data(self, name, one):
        more = f"  defaults = {one['defaults']}\n" if one["defaults"] else ""
        post = '  lifecycle {\n    postcondition {\n      condition = self.outputs != null\n      error_message = "none"\n    }\n  }\n' if one["post"] else ""
        return f'data "terraform_remote_state" "{name}" {{\n{self.repetition(one)}  backend = "local"\n  config = {{ path = {one["path"]} }}\n{more}{self.depends(one)}{post}}}\n'

    def text_of_resource(self, name, one):
        out = f'resource "terraform_data" "{name}" {{\n' + self.repetition(one)
        if one["input"]:
            out += f"  input = {one['input'].strip()}\n"
        if one["triggers"]:
            out += f"  triggers_replace = {one['triggers'].strip()}\n"
        out += self.depends(one)
        inner = "".join(f"    {key} = {value}\n" for key, value in one["lifecycle"].items())
        inner += "".join(f'    {kind} {{\n      condition = {test.strip()}\n      error_message = "failed"\n    }}\n' for kind, test in one["conditions"])
        if inner:
            out += f"  lifecycle {{\n{inner}  }}\n"
        for how, command in one["provisioners"]:
            out += f'  provisioner "local-exec" {{\n    command = "{command}"\n    {how}  }}\n'
        return out + "}\n"

    def files(self):
        main = []
        for name, one in self.variables.items():
            body = "".join([f"  type = {one['type']}\n" if one["type"] else "", f"  default = {one['default']}\n" if one["default"] else "",
                            f"  nullable = {one['nullable']}\n" if one["nullable"] else "", "  sensitive = true\n" if one["sensitive"] else "",
                            "  ephemeral = true\n" if one["ephemeral"] else "",
                            f'  validation {{\n    condition = {one["validation"]}\n    error_message = "bad {name}"\n  }}\n' if one["validation"] else ""])
            main.append(f'variable "{name}" {{\n{body}}}\n')
        main += [f"locals {{\n  {name} = {value.strip()}\n}}\n" for name, value in self.locals.items()]
        written = {name: one for name, one in self.resources.items() if name in self.in_json and "EOT" not in f"{one['input']}{one['triggers']}"}
        main += [self.text_of_resource(name, one) for name, one in self.resources.items() if name not in written]
        main += [self.text_of_data(name, one) for name, one in self.data.items()]
        for name, one in self.calls.items():
            main.append(f'module "{name}" {{\n  source = "./{"deep" if one["deep"] else name[0] + "od"}"\n{self.repetition(one)}{"  providers = { terraform = terraform }" + chr(10) if self.provided and not one["deep"] else ""}  i = {one["i"].strip()}\n  t = {one["t"].strip()}\n{self.depends(one)}}}\n')
        for name, one in self.outputs.items():
            body = f"  value = {one['value'].strip()}\n" + ("  sensitive = true\n" if one["sensitive"] else "")
            if one["precondition"]:
                body += f'  precondition {{\n    condition = {one["precondition"].strip()}\n    error_message = "not {name}"\n  }}\n'
            main.append(f'output "{name}" {{\n{body}}}\n')
        for name, one in self.checks.items():
            main.append(f'check "{name}" {{\n' + "".join(f"  assert {{\n    condition = {test.strip()}\n    error_message = {one['message']}\n  }}\n" for test in one["assert"]) + "}\n")
        files = {"main.tf": "".join(main + self.extra), **self.override}
        if written:
            files["more.tf.json"] = json.dumps({"resource": {"terraform_data": {name: self.json_of_resource(one) for name, one in written.items()}}}, ensure_ascii=False, indent=1) + "\n"
        if self.data or "other.tfstate" in files["main.tf"]:
            files["other.tfstate"] = OTHER
        if self.calls:
            files["mod/main.tf"] = self.module()
            files["deep/main.tf"] = ('variable "i" {}\nvariable "t" {}\nmodule "in" {\n  source = "../mod"\n  count = 2\n  i = [var.i, count.index]\n  t = var.t\n}\n'
                                     'output "o" { value = module.in[*].o }\noutput "p" {\n  value = try(module.in[0].p, null)\n  sensitive = true\n}\n')
        self.values(files)
        return files

    def module(self):
        shape = next(iter(self.calls.values()))
        repeat = {None: "", "count": "  count = 2\n", "for_each": '  for_each = toset(["p", "q"])\n'}[shape["inner"]]
        whole = {None: "terraform_data.x.output", "count": "terraform_data.x[*].output", "for_each": "{ for k, x in terraform_data.x : k => x.output }"}[shape["inner"]]
        condition = '  precondition {\n    condition = var.i != "k"\n    error_message = "i is k"\n  }\n' if shape["precondition"] else ""
        more = 'resource "terraform_data" "y" {\n  input = terraform_data.x\n}\n' if "y" in shape["resources"] else ""
        hidden = "  sensitive = true\n" if shape["sensitive"] else ""
        more += "".join(f'moved {{\n  from = terraform_data.{name}\n  to = terraform_data.{name}{at}\n}}\n' for at, name in enumerate(self.inner_moves))
        if self.provided:
            more += 'terraform {\n  required_providers {\n    terraform = { source = "terraform.io/builtin/terraform" }\n  }\n}\n'
        return (f'variable "i" {{}}\nvariable "t" {{\n  default = null\n}}\nresource "terraform_data" "x" {{\n{repeat}  input = var.i\n  triggers_replace = var.t\n}}\n{more}'
                f'output "o" {{\n  value = {whole}\n{condition}}}\noutput "p" {{\n  value = var.t\n{hidden}}}\n')

    def values(self, files):
        """The values given from outside."""
        self.env, self.args = {}, []
        names = {"tfvars": "terraform.tfvars", "auto.a": "a.auto.tfvars", "auto.b": "b.auto.tfvars", "file": "given.vars"}
        for way, given in self.given.items():
            if way in names:
                files[names[way]] = "".join(f"{name} = {value}\n" for name, value in given.items() if "${" not in value)
            elif way == "json":
                files["j.auto.tfvars.json"] = json.dumps({name: value.strip('"') for name, value in given.items()})
            elif way == "env":
                self.env = {f"TF_VAR_{name}": value.strip('"') for name, value in given.items()}
            else:
                self.args += [f"-var={name}={value.strip(chr(34))}" for name, value in given.items()]
        if "file" in self.given:
            self.args.insert(0, "-var-file=given.vars")


def made(seed):
    """A case of one to three steps."""
    stack = Stack(seed)
    steps = []
    for number in range(stack.r.choice([1, 2, 2, 3])):
        if number:
            stack.change()
        files = stack.files()
        mode = stack.r.choice(["apply"] * 8 + ["plan", "destroy", "refresh-only"]) if number else "apply"
        more = []
        if stack.chance(0.12):
            more.append("-target=" + stack.r.choice([f"terraform_data.{name}" for name in stack.resources] + [f"module.{name}" for name in stack.calls]))
        if number and mode != "destroy" and mode != "refresh-only" and stack.chance(0.1):
            name, one = stack.r.choice(list(stack.resources.items()))
            more.append(f"-replace=terraform_data.{name}" + {None: "", "count": "[0]", "for_each": '["a"]'}[one["mode"]])
        if number and stack.chance(0.06) and mode != "refresh-only":
            more.append("-refresh=false")
        steps.append({"mode": mode, "pre": [], "post": [], "args": [*stack.args, *more], "env": dict(stack.env), "note": None, "keep": False, "apply_args": [], "files": files})
        stack.override = {} if stack.chance(0.3) else stack.override
    return {"name": f"made up {seed}", "steps": copy.deepcopy(steps)}


def written(case, name):
    """In the form of cases.txt."""
    out = [f"=== {name}\n"]
    for number, one in enumerate(case["steps"]):
        words = [one["mode"], *one["args"], *(f"env:{key}={value}" for key, value in one["env"].items())]
        out.append("--- " + " ".join(shlex.quote(word) for word in words) + "\n")
        for file, text in one["files"].items():
            out.append(f"@@ {file}\n{text}")
    return "".join(out)


def comparable(errors):
    """Without what is told in other words on purpose: the members of a cycle, and the second error about a wrong `self`."""
    errors = ["Cycle" if one.startswith("Cycle:") else one for one in errors]
    return [one for one in errors if one != "Unknown variable" or 'Invalid "self" reference' not in errors]


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--glaz", required=True)
    parse.add_argument("--terraform", default="terraform")
    parse.add_argument("--seed", type=int, default=0)
    parse.add_argument("--count", type=int, default=20)
    parse.add_argument("--keep", help="write the cases that differ to this file, in the form that cases.py reads")
    args = parse.parse_args()
    differ = refused = 0
    for at in range(args.count):
        seed = f"{args.seed}-{at}"
        case = made(seed)
        want = Played(args.terraform, case).steps
        got = Played(os.path.abspath(args.glaz), case).steps
        refused += bool(want[0].get("validate", {}).get("rc"))
        for answer in (one for tool in (want, got) for step in tool for one in step.values() if isinstance(one, dict) and "errors" in one):
            answer["errors"] = comparable(answer["errors"])
        told = [f"    {number + 1}{text}" for number in range(len(want)) for text in differences(want[number], got[number])]
        if told:
            differ += 1
            print("\n".join([f"{seed}:", *(line[:300] for line in told[:8])]), flush=True)
            if args.keep:
                with open(args.keep, "a", encoding="utf-8") as file:
                    file.write(written(case, f"made up {seed}"))
    print(f"{args.count} configurations, {refused} refused by validate, {differ} differ")


if __name__ == "__main__":
    sys.exit(main())
