#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random chains, compiled and then judged from outside.

    test-random.py COMPILE-DOCUMENTS [FIRST-SEED COUNT]

The judge knows the chain and Tekton's rules (tekton-api.md 9 and 18), not the compiler's code: it works out which nodes
must run by walking every path, runs the compiled Pipeline as Tekton's controller would, and compares. Every object is
checked against Tekton's own schemas where these are at hand (CHD_SHARED_DIR)."""

import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

VALUES = ["a", "b", "c"]
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
RESULT = re.compile(r"\$\(tasks\.([a-z0-9-]+)\.results\.([A-Za-z0-9_-]+)\)")
STATUS = re.compile(r"\$\(tasks\.([a-z0-9-]+)\.status\)")


# ---- random documents -------------------------------------------------------------------------------------------

def make_organisation(rng):
    units = [{"id": "top", "title": "Top", "level": "group", "lead": "p0"}]
    for number in range(1, rng.randint(2, 7)):
        units.append({"id": f"u{number}", "title": f"Unit {number}", "level": f"l{number}", "lead": f"p{number}",
                      "parent": rng.choice(units)["id"], **({"serviceAccount": f"s{number}"} if number % 2 else {})})
    return units


def make_node(rng, number, units):
    names = ["n", "check-work", "a-task", "before", "pay-on-failure", "long-name-of-some-node"]
    node = {"id": f"{rng.choice(names)}{'-' if rng.random() < 0.5 else ''}{number}", "title": f"Node {number}",
            "unit": rng.choice(units)["id"], "pipelines": []}
    kind = rng.choice(["task", "task", "pipeline", "pair", "pair"])
    if kind != "pipeline":
        node["task"] = {"script": "decide", "environment": "shell", "params": {"text": f"t{number}"}}
    if kind != "task":
        node["pipelines"].append(rng.choice([
            {"at": "work", "interface": "data-check", "params": {"value": "1", "threshold": "2"}},
            {"at": "work", "interface": "tidy-up", "params": {"what": f"w{number}"}},
            {"at": "work", "interface": "long-names", "params": {}}]))
    if kind == "pair":
        node["execution"] = rng.choice([{"mode": "parallel"}, {"mode": "dependent", "order": ["task", "pipeline"]},
                                        {"mode": "dependent", "order": ["pipeline", "task"]}])
    for at in ("before", "after"):
        if rng.random() < 0.3:
            node["pipelines"].append({"at": at, **rng.choice([
                {"interface": "wait", "params": {}},
                {"interface": "approval", "params": {"approvers": ["x", "y"]}},
                {"interface": "multi-level-approval", "params": {"upTo": "top"}}])})
    if rng.random() < 0.4:
        node["pipelines"].append({"at": "on-failure", "interface": "notification", "params": {"message": "no"}})
    return node


def results_of(node):
    results = ["decision"] if "task" in node else []
    if any(p["interface"] == "data-check" for p in node["pipelines"]):
        results.append("verdict")
    return results


def make_chain(rng, seed):
    units = make_organisation(rng)
    nodes = [make_node(rng, number, units) for number in range(rng.randint(2, 9))]
    links = []
    for to in range(1, len(nodes)):
        for source in rng.sample(range(to), min(to, rng.choice([0, 1, 1, 1, 2, 3]))):
            link = {"from": nodes[source]["id"], "to": nodes[to]["id"]}
            results = results_of(nodes[source])
            if results and rng.random() < 0.5:
                link["condition"] = {"result": rng.choice(results), "operator": rng.choice(["in", "notin"]),
                                     "values": rng.sample(VALUES, rng.randint(1, 2))}
            links.append(link)
    rng.shuffle(links)
    shuffled = nodes[:]
    rng.shuffle(shuffled)
    return {"format": "chain-designer/1", "name": f"random-{seed}", "title": "Random", "owner": "top", "params": [],
            "organisation": {"title": "Top", "units": units},
            "scripts": [{"id": "decide", "title": "Decide", "text": "true\n", "params": [{"name": "text", "type": "string"}],
                         "results": [{"name": "decision", "type": "string"}]}],
            "nodes": shuffled, "links": links}


# ---- the independent model --------------------------------------------------------------------------------------

def all_paths(chain, node):
    links = [link for link in chain["links"] if link["to"] == node]
    if not links:
        yield []
    for link in links:
        for path in all_paths(chain, link["from"]):
            yield path + [link]


def key_of(link):
    condition = link["condition"]
    return (link["from"], condition["result"], condition["operator"], tuple(sorted(set(condition["values"]))))


def guard_of(chain, node):
    """What all paths from a beginning to the node have in common."""
    shared = None
    for path in all_paths(chain, node):
        conditions = {key_of(link) for link in path if "condition" in link}
        shared = conditions if shared is None else shared & conditions
    return shared


def nodes_that_run(chain, outcome):
    """outcome: (node, result) → value. A condition on a node that does not run does not hold."""
    guards = {node["id"]: guard_of(chain, node["id"]) for node in chain["nodes"]}
    runs = {}

    def is_run(node):
        if node not in runs:
            runs[node] = all(is_run(source) and (outcome[source, result] in values) == (operator == "in")
                             for source, result, operator, values in guards[node])
        return runs[node]
    return {node["id"] for node in chain["nodes"] if is_run(node["id"])}


def reachable(edges, start):
    seen, pending = set(), [start]
    while pending:
        for after in edges.get(pending.pop(), ()):
            if after not in seen:
                seen.add(after)
                pending.append(after)
    return seen


# ---- Tekton's controller ----------------------------------------------------------------------------------------

def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)
    elif isinstance(value, dict):
        for element in value.values():
            yield from strings(element)


def references(task):
    looked_at = [task.get("params", []), task.get("when", []), task.get("taskSpec", {}).get("steps", [])]
    return [match for text in strings(looked_at) for match in RESULT.findall(text)]


def parents_of(task):
    return set(task.get("runAfter", [])) | {name for name, _ in references(task)}


def when_holds(expressions):
    return all((e["input"] in e["values"]) == (e["operator"] == "in") for e in expressions)


def substitute(expressions, results):
    def put_in(text):
        for (task, result), value in results.items():
            text = text.replace(f"$(tasks.{task}.results.{result})", value)
            text = text.replace(f"$(tasks.{task}.results['{result}'])", value)
        return text
    return [{**e, "input": put_in(e["input"]), "values": [put_in(v) for v in e["values"]]} for e in expressions]


def run_pipeline(spec, outcome_of, fails, piecewise=False):
    """Returns the state of every task: Succeeded, Failed, or the reason why it was skipped. Tekton replaces all of a
    task's results or none; `piecewise` replaces those that are there, as other engines of this API may."""
    tasks = {task["name"]: task for task in spec["tasks"]}
    state, results = {}, {}

    def judge(name, task, stopping):
        if not all(parent in state for parent in parents_of(task)):
            return None
        if stopping:
            return "stopping"
        resolved = all(reference in results for reference in references(task))
        when = task.get("when", [])
        if not when_holds(substitute(when, results) if resolved or piecewise else when):
            return "when"
        if any(state[parent] not in ("Succeeded", "Failed", "when") for parent in parents_of(task)):
            return "parent"
        return "run" if resolved else "missing"

    while len(state) < len(tasks):
        wave = []
        stopping = "Failed" in state.values()
        for name, task in tasks.items():
            if name in state:
                continue
            verdict = judge(name, task, stopping)
            if verdict == "run":
                wave.append(name)
            elif verdict is not None:
                state[name] = verdict
                break
        else:
            assert wave, f"nothing can go on: {set(tasks) - set(state)}"
            for name in wave:
                state[name] = "Failed" if name in fails else "Succeeded"
                if state[name] == "Succeeded":
                    results.update({(name, result): value for result, value in outcome_of(name).items()})
    status = {name: value if value in ("Succeeded", "Failed") else "None" for name, value in state.items()}
    for task in spec.get("finally", []):
        when = [{**e, "input": STATUS.sub(lambda m: status[m[1]], e["input"])} for e in task.get("when", [])]
        state[task["name"]] = "Succeeded" if when_holds(when) else "when"
    return state


# ---- the judgement ----------------------------------------------------------------------------------------------

class Compiled:
    def __init__(self, chain, data):
        self.chain = chain
        self.objects = data["objects"]
        self.pipeline = next(o for o in reversed(self.objects) if o["kind"] == "Pipeline")
        self.spec = self.pipeline["spec"]
        self.parts = {(p["node"], p["part"]): p["tasks"] for p in data["parts"] if p["tasks"]}
        self.node_of = {task: node for (node, _), tasks in self.parts.items() for task in tasks}
        self.part_of = {task: part for (_, part), tasks in self.parts.items() for task in tasks}
        self.main = [task["name"] for task in self.spec["tasks"]]
        self.finals = [task["name"] for task in self.spec.get("finally", [])]


def check_presence(compiled):
    chain = compiled.chain
    names = compiled.main + compiled.finals
    assert len(names) == len(set(names)), "a name twice"
    assert set(names) == set(compiled.node_of), "tasks of nobody, or parts without tasks"
    for name in names + [o["metadata"]["name"] for o in compiled.objects]:
        assert len(name) <= 63 and NAME.fullmatch(name), name
    keys = [(o["kind"], o["metadata"]["name"]) for o in compiled.objects]
    assert len(keys) == len(set(keys)), "an object twice"
    for node in chain["nodes"]:
        own = [o for o in compiled.objects if o["metadata"]["labels"].get("chain-designer.example.org/node") == node["id"]]
        assert sum(o["kind"] == "Task" for o in own) == ("task" in node)
        assert sum(o["kind"] == "Pipeline" for o in own) == len(node["pipelines"])
        assert len(compiled.parts.get((node["id"], "task"), [])) == ("task" in node)
        for binding in node["pipelines"]:
            assert compiled.parts[node["id"], binding["at"]]
    specs = compiled.objects[-1]["spec"]["taskRunSpecs"]
    assert sorted(s["pipelineTaskName"] for s in specs) == sorted(names)
    accounts = {u["id"]: u.get("serviceAccount") for u in chain["organisation"]["units"]}
    units = {n["id"]: n["unit"] for n in chain["nodes"]}
    for entry in specs:
        assert entry.get("serviceAccountName") == accounts[units[compiled.node_of[entry["pipelineTaskName"]]]]


def expected_before(node, first, second):
    """Whether, within a node, the part `first` ends before `second` begins."""
    rank = {"before": 0, "task": 1, "work": 1, "after": 2}
    if rank[first] != rank[second]:
        return rank[first] < rank[second]
    execution = node.get("execution", {})
    if first == second or execution.get("mode") == "parallel":
        return False
    order = execution.get("order", ["pipeline", "task"])
    return order.index("task" if first == "task" else "pipeline") < order.index("task" if second == "task" else "pipeline")


def check_order(compiled):
    chain = compiled.chain
    followers = {}
    for task in compiled.spec["tasks"]:
        for parent in parents_of(task):
            followers.setdefault(parent, set()).add(task["name"])
    after = {name: reachable(followers, name) for name in compiled.main}
    links = {}
    for link in chain["links"]:
        links.setdefault(link["from"], set()).add(link["to"])
    nodes = {node["id"]: node for node in chain["nodes"]}
    reached = {node: reachable(links, node) for node in nodes}
    place = {name: index for index, name in enumerate(compiled.main)}
    for a, b in itertools.permutations(compiled.main, 2):
        node_a, node_b = compiled.node_of[a], compiled.node_of[b]
        if node_a != node_b:
            assert (b in after[a]) == (node_b in reached[node_a]), f"{a} → {b}"
        elif compiled.part_of[a] != compiled.part_of[b]:
            assert (b in after[a]) == expected_before(nodes[node_a], compiled.part_of[a], compiled.part_of[b]), f"{a} → {b}"
        if b in after[a]:
            assert place[a] < place[b], f"{a} stands behind {b} in the list"
    for name in compiled.main:
        assert name not in after[name]


def outcome_function(compiled, outcome):
    def outcome_of(name):
        node, part = compiled.node_of[name], compiled.part_of[name]
        if part == "task":
            return {"decision": outcome[node, "decision"]}
        return {"verdict": outcome.get((node, "verdict"), "a"), "found": "1"}
    return outcome_of


def check_guards(compiled, rng):
    nodes = [node["id"] for node in compiled.chain["nodes"]]
    for attempt in range(16):
        outcome = {(node, result): rng.choice(VALUES) for node in nodes for result in ("decision", "verdict")}
        expected = nodes_that_run(compiled.chain, outcome)
        state = run_pipeline(compiled.spec, outcome_function(compiled, outcome), set(), attempt % 2 == 1)
        for name in compiled.main:
            runs = compiled.node_of[name] in expected
            assert state[name] == ("Succeeded" if runs else "when"), f"{name}: {state[name]}, expected {runs}"
        for name in compiled.finals:
            if compiled.part_of[name] == "on-failure":
                assert state[name] == "when", name


def check_failures(compiled, rng):
    nodes = {node["id"]: node for node in compiled.chain["nodes"]}
    for _ in range(12):
        outcome = {(node, result): rng.choice(VALUES) for node in nodes for result in ("decision", "verdict")}
        fails = set(rng.sample(compiled.main, min(len(compiled.main), rng.randint(1, 4))))
        state = run_pipeline(compiled.spec, outcome_function(compiled, outcome), fails)
        for node in nodes:
            own = [name for name in compiled.main if compiled.node_of[name] == node]
            watchers = compiled.parts.get((node, "on-failure"), [])
            failed = any(state[name] == "Failed" for name in own)
            ran = sum(state[name] == "Succeeded" for name in watchers)
            assert ran == (1 if failed and watchers else 0), f"{node}: {ran} of {watchers}"
            work = compiled.parts.get((node, "work"), [])
            tidied = [name for name in work if name in compiled.finals]
            begun = any(state[name] in ("Succeeded", "Failed") for name in work if name in compiled.main)
            assert sum(state[name] == "Succeeded" for name in tidied) == (1 if begun and tidied else 0), node


def load_schemas():
    """kind → validator of Tekton's own schema, with unknown fields refused as strict validation does."""
    folder = pathlib.Path(os.environ.get("CHD_SHARED_DIR", "")) / "data/tekton/crds"
    try:
        import jsonschema
        import yaml
    except ImportError:
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def close(schema):
        if isinstance(schema, list):
            return [close(element) for element in schema]
        if not isinstance(schema, dict):
            return schema
        closed = {key: close(value) for key, value in schema.items()}
        if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
            if not closed.get("x-kubernetes-preserve-unknown-fields") and "additionalProperties" not in closed:
                closed["additionalProperties"] = False
        return closed

    validators = {}
    for kind, version in (("task", "v1"), ("pipeline", "v1"), ("pipelinerun", "v1")):
        path = folder / f"{kind}.yaml"
        if path.exists():
            crd = yaml.load(path.read_text(), loader)
            schema = next(v for v in crd["spec"]["versions"] if v["name"] == version)["schema"]["openAPIV3Schema"]
            schema = close(schema)
            schema["properties"]["metadata"] = {"type": "object"}
            validators[crd["spec"]["names"]["kind"]] = jsonschema.Draft7Validator(schema)
    return validators


def check_schemas(objects, validators):
    for thing in objects:
        validator = validators.get(thing["kind"])
        errors = list(validator.iter_errors(thing)) if validator else []
        assert not errors, f"{thing['kind']} {thing['metadata']['name']}: {list(errors[0].absolute_path)}: {errors[0].message[:300]}"


def check(chain, data, seed, validators):
    assert "error" not in data, data.get("error")
    compiled = Compiled(chain, data)
    rng = random.Random(seed)
    check_presence(compiled)
    check_order(compiled)
    check_guards(compiled, rng)
    check_failures(compiled, rng)
    check_schemas(compiled.objects, validators)


def main():
    program = sys.argv[1]
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    validators = load_schemas()
    source = pathlib.Path(os.environ["G_TEST_SRCDIR"])
    shipped = sorted((source.parent / "data/samples").glob("*.chain.json")) + \
        sorted((source / "compiler/fixtures").glob("*.chain.json"))
    print(f"1..{count + len(shipped)}")
    if not validators:
        print("# no schemas at hand: objects are not checked against Tekton's")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        chains = {}
        for seed in range(first, first + count):
            path = pathlib.Path(folder, f"random-{seed}.chain.json")
            chains[seed] = make_chain(random.Random(seed), seed)
            path.write_text(json.dumps(chains[seed]))
        out = pathlib.Path(folder, "out")
        out.mkdir()
        documents = sorted(pathlib.Path(folder).glob("*.chain.json")) + shipped
        subprocess.run([program, str(out), *map(str, documents)], check=True)
        tests = [(f"random chain {seed}", lambda seed=seed: check(
            chains[seed], json.loads((out / f"random-{seed}.json").read_text()), seed, validators)) for seed in chains]
        tests += [(path.name, lambda path=path: check_schemas(
            json.loads((out / (path.name[:-len(".chain.json")] + ".json")).read_text())["objects"], validators))
            for path in shipped]
        for number, (name, test) in enumerate(tests, 1):
            try:
                test()
                print(f"ok {number} {name}")
            except AssertionError as error:
                failed += 1
                print(f"not ok {number} {name}\n# {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
