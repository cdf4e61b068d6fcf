#!/usr/bin/env python3
"""PyTorch twin of the encoder's work, fp32, eager, on the CPU or an NVIDIA GPU.

  python torch_encoder.py --work tiny|paper [--threads 2] [--repeats 25] [--device cpu|cuda]
      A training step: embeddings, both directions in one batch of one stack, sampled softmax, backward, fused Adam.
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

import torch
import torch.nn.functional as F
from torch import nn

SIZES = {
    # layers, hidden d, heads, filter, touched rows U, negatives, batch B, length T
    "tiny": (2, 128, 4, 512, 1024, 512, 16, 32),
    "paper": (6, 512, 8, 2048, 2048, 8192, 8, 64),
}


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


class Encoder(nn.Module):
    """Two stacks with their own weights; features = LayerNorm'ed input of each layer and of the last output."""

    def __init__(self, layers=6, d=512, heads=8, ff=2048, vocabulary=20000):
        super().__init__()
        self.d = d
        self.E = nn.Embedding(vocabulary, d)
        self.stacks = nn.ModuleList(nn.ModuleList(Block(d, heads, ff) for _ in range(layers)) for _ in range(2))
        self.last = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))

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


def milliseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=(*SIZES, "encode"), required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    work, device = args.work, args.device
    run = encode_pass(json.load(sys.stdin), device) if work == "encode" else training_step(work, device)
    first = milliseconds(run)
    if work != "encode":
        run(), run()
    times = [milliseconds(run) for _ in range(args.repeats)]
    line = {"peer": "torch " + torch.__version__, "first_ms": first, "min_ms": min(times)}
    print(json.dumps(line | {"median_ms": statistics.median(times)}))


if __name__ == "__main__":
    main()
