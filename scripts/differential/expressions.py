#!/usr/bin/env python3
"""Puts expressions to the real terraform and to glaz, and prints where the answers differ.

    scripts/differential/expressions.py --glaz target/debug/glaz FILE      one expression a line
    scripts/differential/expressions.py --glaz ... --seed 7 --count 500    made up, always the same for a seed

Each expression stands as `output "v" { value = EXPR }` in a file of its own beside the corpus' prelude.tf. All of a batch are
asked at once: what `validate` refuses is noted and taken out, then what `plan` refuses, and the rest is planned. Compared
are the verdict, the summaries and places of the problems, the value, its type, what is unknown and what is sensitive.
`--record FILE --first z00001` appends all of them with Terraform's answers, in the form of
tests/language/corpus/expr/exprs.jsonl, numbered from there on; a null, whose type the plan does not tell, is left out.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import generate


class Number(str):
    """A number as it is written."""

    def __eq__(self, other):
        return isinstance(other, Number) and str(self) == str(other)

    __hash__ = str.__hash__


def read(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def write(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + write(v) for k, v in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "language", "corpus", "expr")


def run(tool, folder, *args):
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TF_IN_AUTOMATION": "1",
           "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.environ.get("TF_CLI_CONFIG_FILE", "/dev/null")}
    done = subprocess.run([tool, *args], cwd=folder, env=env, capture_output=True, timeout=600)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def problems(text, streamed):
    """The diagnostics of `validate -json`, or of the lines of `plan -json`."""
    if not streamed:
        return json.loads(text)["diagnostics"]
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line["diagnostic"] for line in lines if line.get("type") == "diagnostic"]


def place(one):
    at = one.get("range")
    if not at:
        return None
    return [at["start"]["line"], at["start"]["column"]]


def told(one):
    return {"summary": one["summary"], "at": place(one), "detail": one.get("detail", "")}


def answers(tool, expressions, unknown, warnings):
    """The answer to every expression."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        shutil.copy(os.path.join(CORPUS, "prelude.tf"), folder)
        os.symlink(os.path.abspath(os.path.join(CORPUS, "fixtures")), os.path.join(folder, "fixtures"))
        if unknown:
            shutil.copy(os.path.join(CORPUS, "unknown-base.tf"), folder)
        with open(os.path.join(folder, "provider.tf"), "w", encoding="utf-8") as file:
            file.write('terraform {\n  required_providers {\n    terraform = { source = "terraform.io/builtin/terraform" }\n  }\n}\n')
        run(tool, folder, "init", "-no-color")
        left = {}
        for at, expr in enumerate(expressions):
            name = f"e{at:05}.tf"
            left[name] = expr
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(f'output "v{at:05}" {{\n  value = {expr}\n}}\n')
        for stage, args in (("validate", ["validate", "-json"]), ("plan", ["plan", "-json", "-input=false"])):
            while left:
                code, out, err = run(tool, folder, *args)
                try:
                    all_told = problems(out, stage == "plan")
                except ValueError:
                    sys.exit(f"{tool} {stage}: {code}\n{out[-2000:]}\n{err[-3000:]}")
                bad = set()
                for one in all_told:
                    name = (one.get("range") or {}).get("filename")
                    if one["severity"] != "error":
                        continue
                    if name not in left:
                        hit = [n for n in left if f"v{n[1:6]}" in one.get("detail", "") + one["summary"]]
                        if not hit:
                            sys.exit(f"{tool} {stage}: a problem without a place: {one}")
                        name = hit[0]
                    bad.add(name)
                    found.setdefault(name, {"ok": False, "stage": stage, "told": []})["told"].append(told(one))
                for name in bad:
                    os.remove(os.path.join(folder, name))
                    del left[name]
                if code == 0:
                    break
                if not bad:
                    sys.exit(f"{tool} {stage}: {code} without a problem\n{out[-2000:]}\n{err[-3000:]}")
        code, out, err = run(tool, folder, "plan", "-out=p", "-input=false", "-no-color")
        if code:
            sys.exit(f"{tool} plan: {out[-2000:]}\n{err[-2000:]}")
        code, out, err = run(tool, folder, "show", "-json", "p")
        shown = read(out)
        values = shown["planned_values"].get("outputs", {})
        changes = shown.get("output_changes", {})
        for name in left:
            key = "v" + name[1:6]
            change = changes.get(key, {})
            found[name] = {"ok": True, "value": change.get("after"), "type": values.get(key, {}).get("type"),
                           "unknown": change.get("after_unknown"), "sensitive": change.get("after_sensitive")}
    return [found[f"e{at:05}.tf"] for at in range(len(expressions))]


def same(left, right, places):
    if left["ok"] != right["ok"]:
        return False
    if left["ok"]:
        return left == right
    if left["stage"] != right["stage"]:
        return True  # glaz knows the types of terraform_data before terraform does
    key = (lambda one: (one["summary"], str(one["at"]))) if places else (lambda one: one["summary"])
    return {key(one) for one in left["told"]} == {key(one) for one in right["told"]}


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("file", nargs="?")
    parse.add_argument("--glaz", required=True)
    parse.add_argument("--terraform", default="terraform")
    parse.add_argument("--seed", type=int)
    parse.add_argument("--count", type=int, default=500)
    parse.add_argument("--only", help="only the kinds of made-up expressions that begin so")
    parse.add_argument("--unknown", action="store_true", help="with values that are known after apply only")
    parse.add_argument("--places", action="store_true", help="compare the places of problems too")
    parse.add_argument("--record")
    parse.add_argument("--first", default="z00001")
    args = parse.parse_args()
    if args.file:
        with open(args.file, encoding="utf-8") as file:
            expressions = [line.rstrip("\n") for line in file if line.strip()]
    else:
        expressions = generate.expressions(args.seed or 0, args.count, args.unknown, args.only or "")
    want = answers(args.terraform, expressions, args.unknown, False)
    got = answers(os.path.abspath(args.glaz), expressions, args.unknown, False)
    differ = 0
    for expr, left, right in zip(expressions, want, got):
        if same(left, right, args.places):
            continue
        differ += 1
        print(f"{expr}\n   terraform {show(left)}\n   glaz      {show(right)}")
    if args.record:
        with open(args.record, "a", encoding="utf-8") as file:
            for at, (expr, answer) in enumerate(zip(expressions, want)):
                made = record(f"{args.first[0]}{int(args.first[1:]) + at:05}", expr, answer, args.unknown)
                if made:
                    file.write(write(made) + "\n")
    good = sum(one["ok"] for one in want)
    print(f"{len(expressions)} asked, {good} accepted by terraform, {differ} differ")


def record(name, expr, answer, unknown):
    one = {"cat": "differential", "expr": expr, "id": name, "ok": answer["ok"]}
    if not answer["ok"] and unknown:
        return None  # the corpus refuses expressions without what is not known
    if not answer["ok"]:
        return {**one, "stage": answer["stage"], "summaries": sorted({told["summary"] for told in answer["told"]})}
    if unknown:
        return {**one, "kind": "unknown", "planned": {"after": answer["value"], "after_unknown": answer["unknown"]}}
    return None if answer["value"] is None else {**one, "json": answer["value"], "type": answer["type"]}


def show(answer):
    if answer["ok"]:
        return write([answer["value"], answer["type"], answer["unknown"], answer["sensitive"]])
    return answer["stage"] + " " + " | ".join(f"{t['summary']} @{t['at']}: {t['detail']}" for t in answer["told"])


if __name__ == "__main__":
    main()
