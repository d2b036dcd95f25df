"""Made-up expressions: every function with arguments of every kind, operators, conditionals, for, splats, templates."""
import random

SCALARS = ["null", "true", "false", "0", "1", "-1", "2.5", "-0.5", "1e20", "1e-7", "3", "100", '""', '"a"', '"abc"', '"1"', '"-3.50"',
           '"true"', '"é😀x"', '"a,b,c"', '" x "', '"A-b_C"', '"10.0.0.0/8"', '"2020-01-02T03:04:05Z"', '"a\\nb"', '"%s"',
           '"0x1F"', '"1e3"', '"[a-z]+"', '"%d %v"', '"YWJj"', '"{}"', "var.ns", "var.nn", "var.nb", "local.s", "local.n",
           "var.num", "1/3", '"1h"', '"sha256"', '"utf-8"']
LISTS = ["[]", "[1]", "[1, 2, 3]", '["a", "b"]', '[1, "a"]', "[null]", "[[1], [2, 3]]", '[["a"], []]', "tolist([])", "tolist([1, 2])",
         'tolist(["b", "a", "b"])', 'toset([])', 'toset(["a", "b"])', "toset([3, 1])", "var.nl", "local.lo", "[true, null]",
         'tolist([null, "a"])', "[{}]", "[{ a = 1 }, { a = 2 }]", "range(5)", "var.tup", "var.setv", 'tolist(["a", null])']
MAPS = ["{}", "{ a = 1 }", '{ a = 1, b = "x" }', "{ a = null }", "{ a = [1], b = [2] }", "tomap({})", "tomap({ a = 1, b = 2 })",
        'tomap({ a = "x" })', "var.no", "var.mp", "var.obj", "local.o", "local.mm", '{ "a b" = 1, "1" = 2 }', "{ a = {b = 1} }",
        "tomap({ a = null, b = 1 })", "{ a = { b = 1 }, c = { b = 2 } }", "var.objopt"]
SENSITIVE = ["sensitive(1)", 'sensitive("a")', "[sensitive(1), 2]", "{ a = sensitive(1) }", "sensitive([1, 2])", "var.sens"]
UNKNOWN = ["local.ud", "local.uid", "local.us", "local.un", "local.ub", "local.ul", "local.um", "local.uo", "local.ut", "local.umap",
           "local.uset", '"x-${local.uid}"', "tolist(local.ut)", "[local.un]", "{ a = local.un }", "local.ub ? 1 : 2",
           "local.ub ? [1] : [1, 2]", 'local.ub ? "ab" : "ac"', "tolist(null)", "local.ub ? null : 1", "length(local.ul)",
           "coalesce(local.us, \"x\")", "local.ul[0]", "terraform_data.u", "terraform_data.known.output"]

FUNCTIONS = {
    "abs": 1, "abspath": 0, "alltrue": 1, "anytrue": 1, "base64decode": 1, "base64encode": 1, "base64sha256": 1, "base64sha512": 1,
    "basename": 1, "can": 1, "ceil": 1, "chomp": 1, "chunklist": 2, "cidrhost": 2, "cidrnetmask": 1, "cidrsubnet": 3, "cidrsubnets": 3,
    "coalesce": 3, "coalescelist": 2, "compact": 1, "concat": 2, "contains": 2, "csvdecode": 1, "dirname": 1, "distinct": 1,
    "element": 2, "endswith": 2, "fileexists": 1, "flatten": 1, "floor": 1, "format": 3, "formatdate": 2, "formatlist": 3,
    "indent": 2, "index": 2, "issensitive": 1, "join": 2, "jsondecode": 1, "jsonencode": 1, "keys": 1, "length": 1, "log": 2,
    "lookup": 3, "lower": 1, "matchkeys": 3, "max": 2, "md5": 1, "merge": 2, "min": 2, "nonsensitive": 1, "one": 1, "parseint": 2,
    "pow": 2, "range": 2, "regex": 2, "regexall": 2, "replace": 3, "reverse": 1, "sensitive": 1, "setintersection": 2, "setproduct": 2,
    "setsubtract": 2, "setunion": 2, "sha1": 1, "sha256": 1, "signum": 1, "slice": 3, "sort": 1, "split": 2, "startswith": 2,
    "strcontains": 2, "strrev": 1, "substr": 3, "sum": 1, "textdecodebase64": 2, "textencodebase64": 2, "timeadd": 2, "timecmp": 2,
    "title": 1, "tobool": 1, "tolist": 1, "tomap": 1, "tonumber": 1, "toset": 1, "tostring": 1, "transpose": 1, "trim": 2,
    "trimprefix": 2, "trimspace": 1, "trimsuffix": 2, "try": 2, "type": 0, "upper": 1, "urlencode": 1, "values": 1, "yamldecode": 1,
    "yamlencode": 1, "zipmap": 2, "base64gzip": 0, "templatestring": 0, "ephemeralasnull": 1, "uuidv5": 2, "join": 3, "merge": 3,
    "coalesce": 2, "contains": 2, "provider::terraform::encode_expr": 1, "provider::terraform::encode_tfvars": 1,
    "provider::terraform::decode_tfvars": 1,
}
FUNCTIONS = {name: count for name, count in FUNCTIONS.items() if count}
BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]


class Maker:
    def __init__(self, seed, unknown):
        self.r = random.Random(seed)
        self.pools = [SCALARS, SCALARS, LISTS, MAPS, SENSITIVE[:2]] + ([UNKNOWN, UNKNOWN, UNKNOWN] if unknown else [])
        self.names = []

    def value(self, depth):
        r = self.r
        if depth <= 0 or r.random() < 0.35:
            if self.names and r.random() < 0.6:
                return r.choice(self.names)
            return r.choice(r.choice(self.pools))
        return r.choice([self.call, self.call, self.binary, self.conditional, self.for_, self.splat, self.template, self.tuple,
                         self.object, self.index, self.unary])(depth - 1)

    def call(self, depth):
        name = self.r.choice(list(FUNCTIONS))
        count = FUNCTIONS[name]
        if self.r.random() < 0.05:
            count += self.r.choice([-1, 1])
        args = [self.value(depth) for _ in range(count)]
        more = "..." if args and self.r.random() < 0.05 else ""
        return f"{name}({', '.join(args)}{more})"

    def binary(self, depth):
        return f"({self.value(depth)} {self.r.choice(BINARY)} {self.value(depth)})"

    def unary(self, depth):
        return f"{self.r.choice(['-', '!'])}({self.value(depth)})"

    def conditional(self, depth):
        test = self.r.choice(["true", "false", "local.b", self.value(depth), "var.nb == null"])
        return f"({test} ? {self.value(depth)} : {self.value(depth)})"

    def for_(self, depth):
        over = self.value(depth)
        names = self.r.choice([["x"], ["k", "v"]])
        kept, self.names = self.names, self.names + names
        value, key = self.value(depth), self.value(depth)
        test = f" if {self.value(depth)}" if self.r.random() < 0.25 else ""
        self.names = kept
        if self.r.random() < 0.5:
            return f"[for {', '.join(names)} in {over} : {value}{test}]"
        return f"{{for {', '.join(names)} in {over} : {key} => {value}{self.r.choice(['', '...'])}{test}}}"

    def splat(self, depth):
        return f"{self.value(depth)}{self.r.choice(['[*]', '.*', '[*].a', '.*.a', '[*].a.b', '[*][0]', '.*.a[0]', '[*].id'])}"

    def index(self, depth):
        return f"{self.value(depth)}{self.r.choice(['[0]', '[1]', '.a', '.b', chr(91) + self.value(0) + ']', '[-1]', '.0', '[0].a'])}"

    def tuple(self, depth):
        return "[" + ", ".join(self.value(depth) for _ in range(self.r.randint(0, 3))) + "]"

    def object(self, depth):
        parts = []
        for _ in range(self.r.randint(0, 3)):
            key = self.r.choice(["a", "b", "c", f"({self.value(0)})", '"q${1}"', "1"])
            parts.append(f"{key} = {self.value(depth)}")
        return "{ " + ", ".join(parts) + " }"

    def template(self, depth):
        v, r = self.value, self.r
        forms = [lambda: f'"x${{{v(depth)}}}y"', lambda: f'"${{{v(depth)}}}"', lambda: f'"%{{ if {v(0)} }}a%{{ else }}b%{{ endif }}"',
                 lambda: f'"%{{ for x in {v(depth)} ~}} ${{x}} %{{ endfor }}"', lambda: f'"${{{v(depth)}}}${{{v(0)}}}"',
                 lambda: f'"%{{ if {v(0)} }}${{{v(depth)}}}%{{ endif }}"', lambda: f'"$${{a}} ${{~ {v(0)} ~}} z"']
        return r.choice(forms)()


def expressions(seed, count, unknown, only):
    made = []
    maker = Maker(f"{seed}", unknown)
    while len(made) < count:
        depth = maker.r.choice([1, 1, 2, 2, 3])
        kind = getattr(maker, only) if only else maker.value
        text = kind(depth)
        if text.count("sensitive(") - text.count("nonsensitive(") - text.count("issensitive(") > 0 or "var.sens" in text:
            text = maker.r.choice(["issensitive({})", "nonsensitive({})", "[for z in [{}] : issensitive(z)]"]).format(text)
        made.append(text)
    return made
