#!/usr/bin/env python3
"""Puts configurations in steps to the real terraform and to glaz, and prints in which facets the answers differ.

    scripts/differential/cases.py --glaz target/debug/glaz scripts/differential/cases.txt [--only TEXT]
    scripts/differential/cases.py --glaz ... --places --details FILE    compares where the problems are, and prints what is said of them
    scripts/differential/cases.py --record case-838 FILE      writes them to the corpus, with Terraform's answers

A file holds cases: a line `=== NAME`, then the files of the first step. `@@ PATH` begins another file than main.tf, and
`--- [plan|destroy|refresh-only|validate|none] [keep] [noinit] [ARGUMENT...] [env:NAME=VALUE] [post:WORD|WORD]` another step.
Ids that the tools make up are compared by the address at which they were seen first.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from expressions import read, write

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MODES = ("apply", "plan", "destroy", "refresh-only", "validate", "none")
KEPT = re.compile(r"^(\.terraform|\.glaz.*|\.terraform\.lock\.hcl|terraform\.tfstate.*|log\.txt)$")
ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
PROBLEM = re.compile(r"(?m)^[ \t]*(?:[│╷╵|] ?)?(Error|Warning): (.*?)\s*$")


def step(words):
    one = {"mode": "apply", "pre": [], "post": [], "args": [], "env": {}, "note": None, "keep": False, "apply_args": [], "files": {}}
    for word in words:
        if word in MODES:
            one["mode"] = word
        elif word == "keep":
            one["keep"] = True
        elif word == "noinit":
            one["note"] = "noinit"
        elif word.startswith("env:"):
            name, value = word[4:].split("=", 1)
            one["env"][name] = value
        elif word.startswith("post:"):
            one["post"].append(word[5:].split("|"))
        else:
            one["args"].append(word)
    return one


def parse(path):
    cases, name = [], "main.tf"
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("=== "):
                cases.append({"name": line[4:].strip(), "steps": [step([])]})
                name = "main.tf"
            elif line.startswith("---"):
                cases[-1]["steps"].append(step(line[3:].split()))
                name = "main.tf"
            elif line.startswith("@@ "):
                name = line[3:].strip()
                cases[-1]["steps"][-1]["files"][name] = ""
            elif cases:
                files = cases[-1]["steps"][-1]["files"]
                if line.strip() or name in files:
                    files[name] = files.get(name, "") + line
    for case in cases:  # a first step without files: the case began with ---
        if not case["steps"][0]["files"] and len(case["steps"]) > 1:
            case["steps"].pop(0)
    return cases


def lay(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


class Ids:
    def __init__(self):
        self.labels, self.counts = {}, {}

    def learn(self, found, address):
        if isinstance(found, str) and ID.fullmatch(found) and found not in self.labels:
            self.counts[address] = self.counts.get(address, 0) + 1
            self.labels[found] = f"<id {self.counts[address]} of {address}>"

    def labelled(self, value):
        if type(value) is str:
            return ID.sub(lambda found: self.labels.get(found[0], found[0]), value)
        if isinstance(value, list):
            return [self.labelled(one) for one in value]
        if isinstance(value, dict):
            return {self.labelled(name): self.labelled(one) for name, one in value.items()}
        return value


class Played:
    """A case, played with one tool."""

    def __init__(self, tool, case, places=False):
        self.tool, self.ids, self.places = tool, Ids(), places
        with tempfile.TemporaryDirectory(prefix="differential-") as top:
            self.folder = os.path.join(top, "w")
            os.makedirs(self.folder)
            self.details = []
            self.steps = [self.step(one) for one in case["steps"]]

    def run(self, words, env):
        base = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.environ.get("TF_CLI_CONFIG_FILE", "/dev/null")}
        done = subprocess.run([self.tool, *words], cwd=self.folder, env={**base, **env}, input=b"", capture_output=True, timeout=120)
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        told = PROBLEM.findall(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", out + "\n" + err))
        told = [one for one in told if not one[1].startswith("Terraform encountered problems during init")]
        kinds = {kind: sorted({text for which, text in told if which == kind}) for kind in ("Error", "Warning")}
        return done.returncode, out, kinds["Error"], kinds["Warning"]

    def stage(self, words, env):
        if self.places and words[0] != "init":
            return self.placed([words[0], "-json", *words[1:]], env)
        code, _, errors, warnings = self.run(words, env)
        return {"rc": code, "errors": errors, "warnings": warnings}

    def placed(self, words, env):
        """The same with the place of each problem."""
        code, out, errors, _ = self.run(words, env)
        try:
            lines = [json.loads(out)] if words[0] == "validate" else [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        except ValueError:
            return {"rc": code, "errors": ["no JSON", *errors], "warnings": []}
        told = [one for line in lines for one in line.get("diagnostics") or [line.get("diagnostic")] if one]
        kinds = {kind: sorted({where(one) for one in told if one["severity"] == kind}) for kind in ("error", "warning")}
        self.details += [one["summary"] + ": " + one.get("detail", "") for one in told]
        return {"rc": code, "errors": kinds["error"], "warnings": kinds["warning"]}

    def step(self, one):
        if not one["keep"]:
            for name in os.listdir(self.folder):
                if not KEPT.match(name):
                    path = os.path.join(self.folder, name)
                    shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
            lay(self.folder, one["files"])
        env, mode, seen = one["env"], one["mode"], {"pre": []}
        if one["note"] != "noinit":
            seen["init"] = self.stage(["init", "-no-color", "-input=false"], env)
        if mode != "none":
            seen["validate"] = self.stage(["validate", "-no-color"], env)
        if mode not in ("validate", "none"):
            flags = {"destroy": ["-destroy"], "refresh-only": ["-refresh-only"]}.get(mode, [])
            plan = self.stage(["plan", "-no-color", "-input=false", "-out=tfplan", *flags, *one["args"]], env)
            if plan["rc"] == 0:
                told = self.run(["show", "-json", "tfplan"], env)[1]
                plan.update(shown(read(told)) if told.startswith("{") else {"changes": "not shown"})
                if mode != "plan":
                    seen["apply"] = self.stage(["apply", "-no-color", "-input=false", "tfplan"], env)
            seen["plan"] = plan
        seen["post"] = [self.command(words, env) for words in one["post"]]
        code, out, _, _ = self.run(["state", "pull"], env)
        seen["state"] = self.state(read(out)) if code == 0 and out.strip() else None
        if os.path.exists(os.path.join(self.folder, "tfplan")):
            os.unlink(os.path.join(self.folder, "tfplan"))
        return self.ids.labelled(seen)

    def command(self, words, env):
        if words[0] == "@cat":
            path = os.path.join(self.folder, words[1])
            found = os.path.exists(path)
            return {"cmd": words, "rc": 0 if found else 1, "stdout": open(path, encoding="utf-8").read() if found else ""}
        if words[0] == "@ls":
            return {"cmd": words, "rc": 0, "stdout": "\n".join(sorted(os.listdir(os.path.join(self.folder, words[1]))))}
        code, out, errors, warnings = self.run(words, env)
        return {"cmd": words, "rc": code, "stdout": out, "errors": errors, "warnings": warnings}

    def state(self, whole):
        objects = [(block, one) for block in whole["resources"] for one in block["instances"]]
        for deposed in (False, True):
            for block, one in objects:
                if bool(one.get("deposed")) == deposed:
                    self.ids.learn((one.get("attributes") or {}).get("id"), address(block, one))
        resources = []
        for block, one in objects:
            made = {"address": address(block, one), "attributes": self.ids.labelled(one.get("attributes")),
                    "dependencies": sorted(one.get("dependencies") or []), "deposed": bool(one.get("deposed")),
                    "create_before_destroy": bool(one.get("create_before_destroy")), "tainted": one.get("status") == "tainted"}
            if one.get("sensitive_attributes"):
                made["sensitive"] = sorted(write(path) for path in one["sensitive_attributes"])
            resources.append(made)
        resources.sort(key=lambda one: (one["address"], one["deposed"], write(one["attributes"])))
        outputs = {name: {"value": self.ids.labelled(one.get("value")), "type": one.get("type"), "sensitive": bool(one.get("sensitive"))}
                   for name, one in whole["outputs"].items()}
        return {"resources": resources, "outputs": outputs}


def where(told):
    """What a problem is and in which line."""
    at = told.get("range")
    return told["summary"] + (f' @ {at["filename"]}:{at["start"]["line"]}' if at else " @ -")


def address(block, one):
    text = (block["module"] + "." if block.get("module") else "") + ("data." if block["mode"] == "data" else "")
    text += f'{block["type"]}.{block["name"]}'
    key = one.get("index_key")
    if key is None:
        return text
    quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"{text}[{key if type(key) is not str else quoted}]"


def shown(plan):
    changes = []
    for one in plan.get("resource_changes") or []:
        change = one["change"]
        names = ("actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive")
        made = {"address": one["address"], **{name: change.get(name) for name in names}}
        made.update({name: one[name] for name in ("previous_address", "action_reason") if one.get(name)})
        if change.get("replace_paths"):
            made["replace_paths"] = sorted(write(path) for path in change["replace_paths"])
        if change.get("importing") is not None:
            made["importing"] = change["importing"].get("id")
        if one.get("deposed"):
            made["deposed"] = True
        changes.append(made)
    changes.sort(key=lambda one: (one["address"], bool(one.get("deposed"))))
    outputs = {name: {key: one.get(key) for key in ("actions", "before", "after", "after_unknown", "after_sensitive")}
               for name, one in (plan.get("output_changes") or {}).items()}
    drift = sorted(one["address"] + " " + "/".join(one["change"]["actions"]) for one in plan.get("resource_drift") or [])
    checks = {}
    for one in plan.get("checks") or []:
        instances = {each["address"]["to_display"]: [each["status"]] + [told["message"] for told in each.get("problems") or []]
                     for each in one.get("instances") or []}
        checks[one["address"]["to_display"]] = {"status": one["status"], "instances": instances}
    return {"changes": changes, "outputs": outputs, "drift": drift, "checks": checks}


def differences(want, got, path=""):
    if isinstance(want, dict) and isinstance(got, dict):
        for name in sorted(set(want) | set(got)):
            yield from differences(want.get(name), got.get(name), f"{path}.{name}")
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for at, (left, right) in enumerate(zip(want, got)):
            yield from differences(left, right, f"{path}[{at}]")
    elif want != got and not (path.endswith(".stdout") or path.endswith(".rc") and bool(int(want or 0)) == bool(int(got or 0))):
        yield f"{path}: want {write(want)[:200]} got {write(got)[:200]}"


def main():
    parse_args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse_args.add_argument("file")
    parse_args.add_argument("--glaz")
    parse_args.add_argument("--terraform", default="terraform")
    parse_args.add_argument("--only", default="")
    parse_args.add_argument("--record", help="name of the first case to write to the corpus")
    parse_args.add_argument("--places", action="store_true", help="compare the places of problems too")
    parse_args.add_argument("--details", action="store_true", help="with --places: print what both say of the problems, also where nothing differs")
    args = parse_args.parse_args()
    cases = [case for case in parse(args.file) if args.only in case["name"]]
    differ = 0
    for at, case in enumerate(cases):
        theirs = Played(args.terraform, case, args.places)
        want = theirs.steps
        if args.record:
            corpus(f"case-{int(args.record.split('-')[1]) + at}", case, want)
        if args.glaz:
            ours = Played(os.path.abspath(args.glaz), case, args.places)
            got = ours.steps
            told = [f"    {number + 1}{text}" for number in range(len(want)) for text in differences(want[number], got[number])]
            differ += bool(told)
            if args.details:
                told += ["    terraform: " + one for one in dict.fromkeys(theirs.details)] + ["    glaz: " + one for one in dict.fromkeys(ours.details)]
            print("\n".join([f"{case['name']}:", *told]) if told else f"{case['name']}: same")
    print(f"{len(cases)} cases" + (f", {differ} differ" if args.glaz else ""))


def corpus(name, case, want):
    folder = os.path.join(ROOT, "tests", "language", "corpus", "cases", name)
    steps = [{key: value for key, value in one.items() if key != "files"} for one in case["steps"]]
    lay(folder, {"case.json": json.dumps({"name": case["name"], "tags": ["differential"], "steps": steps}, indent=1)})
    for number, (one, answer) in enumerate(zip(case["steps"], want), 1):
        lay(os.path.join(folder, f"step-{number}"), {**one["files"], "expected.json": write(answer)})


if __name__ == "__main__":
    sys.exit(main())
