// Times of one piece of work on several engines, each beside PyTorch on the same kind of device.
import type { Engine, EngineName } from '../../server/tensor/index.ts';
import type { BenchOptions } from './main.ts';
import { type TorchDevice, torchDevice, torchDevices } from './peers.ts';
import { median, minimum, number } from './report.ts';

/** Milliseconds of the steps of a round. */
export interface Round {
  readonly minimum: number;
  readonly median: number;
}

/** A program in PyTorch, by what it is called in the table. */
export type Peers = Readonly<Record<string, (python: string, device: TorchDevice) => Promise<Round>>>;

export interface SideBySide {
  readonly ours: ReadonlyMap<EngineName, readonly Round[]>;
  readonly peers: Readonly<Record<string, ReadonlyMap<TorchDevice, readonly Round[]>>>;
}

/** Runs them alternately, round after round. */
export async function alternate(
  { python, rounds, engines }: BenchOptions,
  ours: (engine: Engine) => Promise<Round>,
  peers: Peers = {},
): Promise<SideBySide> {
  const mine = new Map<EngineName, Round[]>();
  const theirs = Object.fromEntries(Object.keys(peers).map((name) => [name, new Map<TorchDevice, Round[]>()]));
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) add(mine, engine.name, await ours(engine));
    if (python === undefined) continue;
    for (const [name, run] of Object.entries(peers)) {
      for (const device of torchDevices(engines)) add(theirs[name]!, device, await run(python, device));
    }
  }
  return { ours: mine, peers: theirs };
}

/** The header of `stepRows`. */
export function stepHeader(peers: Peers): string[] {
  return ['', 'fastest ms', 'median ms', ...Object.keys(peers).map((name) => `to ${name}, fastest / median`)];
}

/** Rows of a table with `stepHeader`; a ratio below 1 means that ours is faster. */
export function stepRows({ ours, peers }: SideBySide, engines: readonly Engine[], title = 'ours'): string[][] {
  const times = (found: readonly Round[]) => [number(best(found)), number(middle(found))];
  const rows = engines.map((engine) => {
    const mine = ours.get(engine.name)!;
    const ratios = Object.values(peers).map((found) => {
      const peer = found.get(torchDevice(engine));
      return peer ? [best, middle].map((of) => number(of(mine) / of(peer), 2)).join(' / ') : '';
    });
    return [`${title}, ${engine.name}`, ...times(mine), ...ratios];
  });
  const theirs = Object.entries(peers).flatMap(([name, found]) =>
    [...found].map(([device, own]) => [`${name}, ${device}`, ...times(own)]),
  );
  return [...rows, ...theirs];
}

const best = (found: readonly Round[]) => minimum(found.map((round) => round.minimum));
const middle = (found: readonly Round[]) => median(found.map((round) => round.median));

function add<Key>(map: Map<Key, Round[]>, key: Key, round: Round): void {
  map.set(key, [...(map.get(key) ?? []), round]);
}
