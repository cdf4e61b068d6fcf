#!/usr/bin/env python3
"""CRFsuite with the usual hand-made features: trains on sentences from stdin, tags others, says how long it took.

  echo '{"train": [[words, tags], ...], "test": [words, ...], "passes": 3}' | python crfsuite.py

One JSON object: train_cpu_s, tag_cpu_s (fastest pass, from words to tags), tags of the test sentences. One thread.
L-BFGS, c1 0.1, c2 0.01, 100 iterations; words, affixes to 4, shape, window +-2, two bigrams.
"""
import json
import os
import re
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import pycrfsuite  # noqa: E402


def shape(word):
    return re.sub(r"(.)\1+", r"\1\1", "".join("X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word))


def features(words):
    """One list of attributes a token."""
    n, low, shapes, out = len(words), [w.lower() for w in words], [shape(w) for w in words], []
    for i, w in enumerate(words):
        f = ["bias", "shape=" + shapes[i], "len=" + str(min(len(w), 8)), "w=" + low[i]]
        if w.istitle():
            f.append("title")
        if w.isupper():
            f.append("upper")
        if any(c.isdigit() for c in w):
            f.append("digit")
        if not any(c.isalnum() for c in w):
            f.append("punct=" + w)
        for k in (1, 2, 3, 4):
            if len(w) > k:
                f += [f"p{k}={low[i][:k]}", f"s{k}={low[i][-k:]}"]
        for d in (-2, -1, 1, 2):
            j = i + d
            f += [f"shape{d}={shapes[j]}", f"w{d}={low[j]}"] if 0 <= j < n else [f"none{d}"]
        if i:
            f.append(f"w-1|0={low[i - 1]}|{low[i]}")
        if i + 1 < n:
            f.append(f"w0|1={low[i]}|{low[i + 1]}")
        out.append(f)
    return out


def main():
    task = json.load(sys.stdin)
    with tempfile.NamedTemporaryFile(suffix=".crfsuite") as file:
        start = time.process_time()
        trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params({"c1": 0.1, "c2": 0.01, "max_iterations": 100, "feature.possible_transitions": True})
        for words, tags in task["train"]:
            trainer.append(features(words), tags)
        trainer.train(file.name)
        train_cpu_s = time.process_time() - start
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        passes = []
        for _ in range(task["passes"]):
            start = time.process_time()
            tags = [tagger.tag(features(words)) for words in task["test"]]
            passes.append(time.process_time() - start)
    print(json.dumps({"peer": "python-crfsuite 0.9.12", "train_cpu_s": train_cpu_s, "tag_cpu_s": min(passes), "tags": tags}))


if __name__ == "__main__":
    main()
