#!/usr/bin/env python3
"""Random mutants of the sources: `python3 Fixtures/reference/mutants.py [--count 200] [--seed 1] [--folder DIR]`

Changes an operator, a comparison or a constant on randomly chosen lines of Plugins, Sources/LossCore and
Sources/LossNumerics, and runs corpus, laws and tests against each; prints the survivors. All mutants are
compiled into one copy of the package, each behind a condition that the environment variable MUTANT
switches on. Takes about an hour; not part of CI.
"""
import argparse, collections, os, pathlib, random, re, shutil, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWITCH = """
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mutant that the environment switches on.
public let activeMutant = getenv("MUTANT").flatMap { Int(String(cString: $0)) } ?? 0
@inlinable public func isMutant(_ index: Int) -> Bool { activeMutant == index }
"""
OPERATORS = {
    " + ": " - ", " - ": " + ", " * ": " / ", " / ": " * ", " < ": " <= ", " <= ": " < ", " > ": " >= ",
    " >= ": " > ", " == ": " != ", " != ": " == ", " && ": " || ", " || ": " && ",
}
WORDS = {r"\bmax\(": "min(", r"\bmin\(": "max(", r"\btrue\b": "false", r"\bfalse\b": "true"}
CONSTANT = re.compile(r"(?<![\w.$])(\d+)(\.\d+)?(?![\w.])")
HEADS = [
    re.compile(r"^(\s*(?:let|var) \w+(?:: [\w<>.\[\]?]+)? = )(.+)$"),
    re.compile(r"^(\s*return )(.+)$"),
    re.compile(r"^(\s*[\w.]+(?:\[[^\]]*\])? (?:=|\+=|-=|\*=) )(.+)$"),
    re.compile(r"^(\s*(?:if|guard) )([^,{]+?)( else \{.*| \{.*)$"),
    re.compile(r"^(.*\) -> [\w.]+ \{ )(.+)( \})$"),
]
CONTINUES = re.compile(r"^\s*([.?:&|+*/<>=-]|\?\?)")
REFUSED = re.compile(r'["#{}]|\blet\b|\bcase\b|\btry\b|->|\bin\b|precondition')


def balanced(text):
    return text.count("(") == text.count(")") and text.count("[") == text.count("]") and not re.search(
        r"[,(\[+*/=<>&|-]\s*$", text)


def changes(expression):
    """The expression with one operator, word or constant changed, for each that it has."""
    for operator, other in OPERATORS.items():
        for match in re.finditer(re.escape(operator), expression):
            yield expression[:match.start()] + other + expression[match.end():]
    for word, other in WORDS.items():
        for match in re.finditer(word, expression):
            yield expression[:match.start()] + other + expression[match.end():]
    for match in CONSTANT.finditer(expression):
        one_more = str(int(match[1]) + 1) + (match[2] or "")
        yield expression[:match.start()] + one_more + expression[match.end():]


def sites(folder):
    """The lines that can be changed: (file, line, head, expression, tail, changed expressions)."""
    files = sorted((folder / "Plugins").rglob("*.swift")) + sorted((folder / "Sources/LossCore").rglob("*.swift"))
    files += sorted((folder / "Sources/LossNumerics").rglob("*.swift"))
    for file in files:
        if file.name == "Generated.swift":
            continue
        lines = file.read_text().split("\n")
        in_text = False
        for number, line in enumerate(lines):
            if line.count('"""') % 2:
                in_text = not in_text
            if in_text or line.lstrip().startswith(("//", ".", "@", "public static", "static let")):
                continue
            following = lines[number + 1] if number + 1 < len(lines) else ""
            for head in HEADS:
                match = head.match(line)
                if not match:
                    continue
                tail = match[3] if match.re.groups == 3 else ""
                expression = match[2]
                if (len(expression) > 76 or REFUSED.search(expression) or not balanced(expression)
                        or CONTINUES.match(following) and not tail):
                    break
                found = list(changes(expression))
                if found:
                    yield file, number, match[1], expression, tail, found
                break


def apply(mutants, folder):
    by_file = collections.defaultdict(list)
    for index, mutant in mutants.items():
        by_file[mutant["file"]].append((index, mutant))
    for file, entries in by_file.items():
        lines = (ROOT / file.relative_to(folder)).read_text().split("\n")
        for index, mutant in entries:
            lines[mutant["line"]] = (f"{mutant['head']}isMutant({index}) ? ({mutant['new']}) : "
                                     f"({mutant['old']}){mutant['tail']}")
        file.write_text("\n".join(lines))


def build(folder, mutants):
    """Builds the tests; drops mutants that do not compile."""
    for _ in range(20):
        apply(mutants, folder)
        done = subprocess.run(["swift", "build", "--build-tests"], cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            return
        wrong = {(pathlib.Path(match[1]), int(match[2]) - 1) for match in re.finditer(
            r"^(/\S+\.swift):(\d+):\d+: error:", done.stdout + done.stderr, re.M)}
        dropped = [index for index, mutant in mutants.items() if (mutant["file"], mutant["line"]) in wrong]
        if not dropped:
            # An error on another line: every mutant of the file.
            files = {file for file, _ in wrong}
            dropped = [index for index, mutant in mutants.items() if mutant["file"] in files]
        if not dropped:
            sys.exit((done.stdout + done.stderr)[-3000:])
        for index in dropped:
            file = mutants.pop(index)["file"]
            file.write_text((ROOT / file.relative_to(folder)).read_text())
        print(f"{len(dropped)} mutants do not compile", flush=True)
    sys.exit("the mutants do not compile")


def fails(folder, command, index, seconds, **environment):
    """Whether a command fails with the mutant, for one that ends without it."""
    try:
        done = subprocess.run(command, cwd=folder, env={**os.environ, "MUTANT": str(index), **environment},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def killer(folder, mutant, index):
    """What detects a mutant; None if nothing does."""
    binary = str(folder / ".build/debug/losses")
    test = ["swift", "test", "--skip-build", "--filter"]
    text = mutant["file"].read_text()
    names = re.findall(r'LossMetadata\(\s*"(\w+)"', text)
    for name in names[:1]:
        if fails(folder, [binary, "verify", "--filter", f"/{name}#", "Fixtures/corpus"], index, 120):
            return "corpus"
    if fails(folder, [binary, "verify", "Fixtures/corpus"], index, 300):
        return "corpus"
    for name in names[:1]:
        if fails(folder, test + ["LawTests/holds"], index, 600, LOSS_LAWS=f": {name}"):
            return "laws"
    if fails(folder, test + ["LossNumericsTests|LossCoreTests|LossRecordingTests|LossTensorsTests"], index, 600):
        return "tests"
    # One law for all losses, where the file belongs to several.
    if not names and fails(folder, test + ["LawTests/holds"], index, 600, LOSS_LAWS="gradient-is-derivative:"):
        return "laws"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/losses-mutants"))
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if not folder.exists():
        shutil.copytree(ROOT, folder, symlinks=True, ignore=shutil.ignore_patterns(".build*", ".git"))
    for part in ("Plugins", "Sources"):
        shutil.rmtree(folder / part)
        shutil.copytree(ROOT / part, folder / part, symlinks=True)
    (folder / "Sources/LossNumerics/Mutants.swift").write_text(SWITCH)
    generator = random.Random(arguments.seed)
    everything = list(sites(folder))
    chosen = generator.sample(everything, min(arguments.count, len(everything)))
    mutants = {}
    for index, (file, line, head, old, tail, found) in enumerate(chosen, 1):
        mutants[index] = dict(file=file, line=line, head=head, old=old, new=generator.choice(found), tail=tail)
    print(f"{len(everything)} lines; {len(mutants)} mutants, seed {arguments.seed}", flush=True)
    build(folder, mutants)
    if fails(folder, [str(folder / ".build/debug/losses"), "verify", "Fixtures/corpus"], 0, 300):
        sys.exit("the corpus fails without a mutant")
    start, counts = time.time(), collections.Counter()
    for index, mutant in mutants.items():
        by = killer(folder, mutant, index)
        counts[by or "survived"] += 1
        print(index, by or "survived", mutant["file"].name, flush=True)
        if by is None:
            print(f"survivor {index}: {mutant['file'].relative_to(folder)}:{mutant['line'] + 1}\n"
                  f"  - {mutant['old']}\n  + {mutant['new']}", flush=True)
    total = sum(counts.values())
    print(", ".join(f"{name} {count}" for name, count in counts.most_common()),
          f"of {total} in {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
