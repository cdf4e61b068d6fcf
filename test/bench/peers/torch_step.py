#!/usr/bin/env python3
"""PyTorch twin of the deep tagger's training step, fp32, eager, on the CPU or an NVIDIA GPU: forward, CRF, backward, fused Adam.

  python torch_step.py [--batch 16] [--time 30] [--input 256] [--hidden 128] [--tags 9] [--threads 2] [--repeats 25] [--device cpu|cuda]

One JSON object: min_ms and median_ms of a step after three steps of warm-up.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


class BiLSTMCRF(nn.Module):
    """Random features in, no masks; linear-chain CRF without start and end scores."""

    def __init__(self, batch, length, inputs, hidden, tags):
        super().__init__()
        self.register_buffer("features", torch.randn(length, batch, inputs))
        self.lstm = nn.LSTM(inputs, hidden, bidirectional=True)
        self.linear = nn.Linear(2 * hidden, tags)
        self.transitions = nn.Parameter(torch.randn(tags, tags) / tags)  # [from, to]
        gold = torch.arange(length * batch).view(length, batch) % tags
        self.register_buffer("gold", gold)
        self.register_buffer("gold_one_hot", F.one_hot(gold, tags).float())

    def forward(self):
        emissions = self.linear(self.lstm(self.features)[0])  # (time, batch, tags)
        alpha = emissions[0]
        for e in emissions[1:]:
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.transitions + e.unsqueeze(1), 1)
        score = (emissions * self.gold_one_hot).sum() + self.transitions[self.gold[:-1], self.gold[1:]].sum()
        return (torch.logsumexp(alpha, 1).sum() - score) / alpha.shape[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("batch", 16), ("time", 30), ("input", 256), ("hidden", 128), ("tags", 9), ("threads", 2), ("repeats", 25)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = BiLSTMCRF(args.batch, args.time, args.input, args.hidden, args.tags).to(args.device)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = model()
        loss.backward()
        adam.step()
        return loss.item()

    first = [step() for _ in range(3)][0]
    times = []
    for _ in range(args.repeats):
        start = time.perf_counter()
        last = step()
        times.append((time.perf_counter() - start) * 1e3)
    line = {"peer": "torch " + torch.__version__, "min_ms": min(times), "median_ms": statistics.median(times)}
    print(json.dumps(line | {"first_loss": first, "last_loss": last}))


if __name__ == "__main__":
    main()
