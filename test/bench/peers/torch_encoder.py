#!/usr/bin/env python3
"""PyTorch twin of the encoder's work, fp32, eager, on the CPU or an NVIDIA GPU.

  python torch_encoder.py --work tiny|paper [--threads 2] [--repeats 25] [--device cpu|cuda]
      A training step: embeddings, both directions in one batch of one stack, sampled softmax, backward, fused Adam.
  python torch_encoder.py --work tiny-whole|paper-whole [the same]
      The step that a pre-training takes: a stack a direction, negatives drawn for each, table rows tied and updated by
      row-sparse Adam, clipping by the global norm.
  python torch_encoder.py --work encode [--threads 2] [--repeats 2] [--device cpu|cuda] < lengths.json
      Features of sentences of these lengths: two stacks, states of all layers.

One JSON object: first_ms (the first step or pass), min_ms and median_ms of the later ones.
"""
import argparse
import json
import math
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SIZES = {
    # layers, hidden d, heads, filter, touched rows U, negatives, batch B, length T
    "tiny": (2, 128, 4, 512, 1024, 512, 16, 32),
    "paper": (6, 512, 8, 2048, 2048, 8192, 8, 64),
}

# Words of the table from which a whole step takes its rows
WORDS = {"tiny": 30_000, "paper": 50_000}


def gauss(*shape, std=None):
    return torch.randn(*shape) * (math.sqrt(2 / (shape[0] + shape[-1])) if std is None else std)


class Block(nn.Module):
    """Pre-norm Transformer block."""

    def __init__(self, d, heads, ff):
        super().__init__()
        self.d, self.heads = d, heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, ff), nn.Linear(ff, d)
        for linear in (self.qkv, self.out, self.up, self.down):
            linear.weight.data = gauss(*linear.weight.shape)
            linear.bias.data.zero_()

    def forward(self, x, mask):  # x (N, T, d), mask (N, 1, T, T) added to the scores
        return self.rest(x, self.ln1(x), mask)

    def rest(self, x, n, mask):  # n = ln1(x)
        N, T, d = x.shape
        q, k, v = self.qkv(n).view(N, T, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        o = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(o.transpose(1, 2).reshape(N, T, d))
        return x + self.down(F.relu(self.up(self.ln2(x))))


def two_stacks(layers, d, heads, ff):
    """The blocks of each direction, and the LayerNorm behind them."""
    stacks = nn.ModuleList(nn.ModuleList(Block(d, heads, ff) for _ in range(layers)) for _ in range(2))
    return stacks, nn.ModuleList(nn.LayerNorm(d) for _ in range(2))


class BiLM(nn.Module):
    """One embedding row block gathered by the host, both directions in one batch, sampled softmax."""

    def __init__(self, layers, d, heads, ff, U, negatives, B, T):
        super().__init__()
        self.E, self.W = nn.Parameter(gauss(U, d, std=0.05)), nn.Parameter(gauss(U, d, std=0.05))
        self.negatives, self.pos = nn.Parameter(gauss(negatives, d, std=0.05)), nn.Parameter(gauss(T, d, std=0.05))
        self.blocks = nn.ModuleList(Block(d, heads, ff) for _ in range(layers))
        self.register_buffer("ids", (torch.arange(B * T) * 7 % U).view(B, T))
        self.register_buffer("targets", torch.arange(2 * B * T) * 3 % U)
        future = torch.triu(torch.full((T, T), -1e9), 1)
        mask = torch.cat([future.expand(B, 1, T, T), future.T.expand(B, 1, T, T)]).contiguous()
        self.register_buffer("mask", mask)
        self.register_buffer("first", torch.zeros(2 * B * T, dtype=torch.long))

    def forward(self):
        x = F.embedding(self.ids, self.E) + self.pos
        x = torch.cat([x, x])
        for block in self.blocks:
            x = block(x, self.mask)
        x = x.reshape(-1, x.shape[-1])
        true = (x * F.embedding(self.targets, self.W)).sum(1, keepdim=True)
        return F.cross_entropy(torch.cat([true, x @ self.negatives.T], 1), self.first)


class WholeStep:
    """A step of the specification, for one language: spec sections 3 to 6."""

    BETA1, BETA2, EPSILON, RATE, CLIP = 0.9, 0.997, 1e-9, 1e-3, 5

    def __init__(self, words, layers, d, heads, ff, U, negatives, B, T, device):
        self.d, self.count, self.words, self.device = d, negatives, words, device
        self.stacks, self.last = (part.to(device) for part in two_stacks(layers, d, heads, ff))
        self.weights = [*self.stacks.parameters(), *self.last.parameters()]
        self.adam = torch.optim.Adam(
            self.weights, lr=self.RATE, betas=(self.BETA1, self.BETA2), eps=self.EPSILON, fused=True
        )
        self.table = gauss(words, d, std=0.05).to(device)
        self.first, self.second = torch.zeros_like(self.table), torch.zeros_like(self.table)
        self.random = np.random.default_rng(1)
        self.ids = self.random.integers(2, words, (B, T))
        end = np.zeros((B, 1), dtype=np.int64)
        self.targets = [np.concatenate([self.ids[:, 1:], end], 1), np.concatenate([end, self.ids[:, :-1]], 1)]
        self.timing = timing_signal(T, d).to(device)
        future = torch.triu(torch.full((T, T), -1e9), 1)
        self.masks = [mask.expand(B, 1, T, T).contiguous().to(device) for mask in (future, future.T)]
        self.steps = 0

    def draw(self):
        """Different ids, log-uniform, and how many tries they took."""
        found, tries = np.zeros(0, dtype=np.int64), 0
        while True:
            more = np.exp(self.random.random(self.count) * math.log(self.words + 1)).astype(np.int64) - 1
            both = np.concatenate([found, np.minimum(more, self.words - 1)])
            order = np.sort(np.unique(both, return_index=True)[1])
            if len(order) >= self.count:
                return both[order[: self.count]], tries + int(order[self.count - 1]) - len(found) + 1
            found, tries = both[order], tries + self.count

    def expected(self, ids, tries):
        p = np.log1p(1 / (ids + 1)) / math.log(self.words + 1)
        return torch.from_numpy(-np.log(-np.expm1(tries * np.log1p(-p))).astype(np.float32)).to(self.device)

    def __call__(self):
        self.steps += 1
        drawn = [self.draw() for _ in range(2)]
        touched = np.unique(np.concatenate([self.ids.ravel(), *(ids for ids, _ in drawn), np.zeros(1, dtype=np.int64)]))
        at = np.zeros(self.words, dtype=np.int64)
        at[touched] = np.arange(len(touched))
        on_device = lambda ids: torch.from_numpy(at[ids]).to(self.device)
        where = torch.from_numpy(touched).to(self.device)
        rows = self.table[where].requires_grad_()
        start = F.embedding(on_device(self.ids), rows) * math.sqrt(self.d) + self.timing
        loss = 0
        for stack, last, mask, targets, (ids, tries) in zip(self.stacks, self.last, self.masks, self.targets, drawn):
            x = start
            for block in stack:
                x = block(x, mask)
            x = last(x).reshape(-1, self.d)
            goal = targets.ravel()
            own = self.expected(goal, tries)
            target = (x * F.embedding(on_device(goal), rows)).sum(1) + own
            others = x @ F.embedding(on_device(ids), rows).T + self.expected(ids, tries)
            hits = torch.from_numpy(np.where(np.isin(goal, ids), -1e9, 0).astype(np.float32)).to(self.device)
            total = torch.logsumexp(torch.cat([(target + hits).unsqueeze(1), others], 1), 1)
            loss = loss + (total - target).sum() / (goal.size + 0.01)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*self.weights, rows], self.CLIP)
        self.adam.step()
        self.update(where, rows.grad)
        return loss.item()

    def update(self, where, gradient):
        """Adam of the rows that the step touched."""
        first, second = self.first[where], self.second[where]
        first.mul_(self.BETA1).add_(gradient, alpha=1 - self.BETA1)
        second.mul_(self.BETA2).addcmul_(gradient, gradient, value=1 - self.BETA2)
        correction = math.sqrt(1 - self.BETA2**self.steps)
        change = first / second.sqrt().add_(self.EPSILON * correction)
        self.table.index_add_(0, where, change, alpha=-self.RATE * correction / (1 - self.BETA1**self.steps))
        self.first.index_copy_(0, where, first)
        self.second.index_copy_(0, where, second)


class Encoder(nn.Module):
    """Two stacks with their own weights; features = LayerNorm'ed input of each layer and of the last output."""

    def __init__(self, layers=6, d=512, heads=8, ff=2048, vocabulary=20000):
        super().__init__()
        self.d = d
        self.E = nn.Embedding(vocabulary, d)
        self.stacks, self.last = two_stacks(layers, d, heads, ff)

    def forward(self, ids, timing, masks, keep):  # ids (B, T), masks one (B, 1, T, T) a direction, keep (B, T, 1)
        start = (self.E(ids) * math.sqrt(self.d) + timing) * keep
        features = []
        for stack, last, mask in zip(self.stacks, self.last, masks):
            x = start
            for block in stack:
                n = block.ln1(x)
                features.append(n)
                x = block.rest(x, n, mask) * keep
            features.append(last(x))
        return torch.cat(features, 2)


def timing_signal(T, d):
    inverse = torch.exp(-torch.arange(d // 2) * (math.log(10000) / (d // 2 - 1)))
    angle = torch.arange(T).unsqueeze(1) * inverse
    return torch.cat([angle.sin(), angle.cos()], 1)


def encoder_batches(lengths, words=1024):
    """Sentences sorted by length, in batches of at most `words` padded tokens."""
    batches, batch = [], []
    for n in sorted(lengths):
        if batch and n * (len(batch) + 1) > words:
            batches.append(batch)
            batch = []
        batch.append(n)
    return batches + [batch]


def encode_pass(lengths, device):
    model, work, g = Encoder().eval().to(device), [], torch.Generator().manual_seed(1)
    for batch in encoder_batches(lengths):
        T = max(batch)
        real = torch.arange(T) < torch.tensor(batch).unsqueeze(1)  # (B, T)
        ids = torch.randint(2, 20000, (len(batch), T), generator=g) * real
        order = torch.arange(T)
        past = (order <= order.unsqueeze(1)) & real.unsqueeze(1)  # query, key
        future = (order >= order.unsqueeze(1)) & real.unsqueeze(1)
        # a padded query sees itself, so that no row is empty
        masks = [((m | torch.eye(T, dtype=torch.bool)).logical_not() * -1e9).unsqueeze(1) for m in (past, future)]
        masks = [mask.to(device) for mask in masks]
        work.append((ids.to(device), timing_signal(T, 512).to(device), masks, real.unsqueeze(2).float().to(device)))

    def run():
        with torch.inference_mode():
            for args in work:
                model(*args).cpu()  # the tagger gets features on the host

    return run


def training_step(size, device):
    model = BiLM(*SIZES[size]).to(device)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = model()
        loss.backward()
        adam.step()
        return loss.item()

    return step


def whole_step(size, device):
    return WholeStep(WORDS[size], *SIZES[size], device)


def milliseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=(*SIZES, *(f"{size}-whole" for size in SIZES), "encode"), required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    work, device = args.work, args.device
    if work == "encode":
        run = encode_pass(json.load(sys.stdin), device)
    else:
        size, _, whole = work.partition("-")
        run = (whole_step if whole else training_step)(size, device)
    first = milliseconds(run)
    if work != "encode":
        run(), run()
    times = [milliseconds(run) for _ in range(args.repeats)]
    line = {"peer": "torch " + torch.__version__, "first_ms": first, "min_ms": min(times)}
    print(json.dumps(line | {"median_ms": statistics.median(times)}))


if __name__ == "__main__":
    main()
