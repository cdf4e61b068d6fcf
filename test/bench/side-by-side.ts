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

export interface SideBySide {
  readonly ours: ReadonlyMap<EngineName, readonly Round[]>;
  readonly torch: ReadonlyMap<TorchDevice, readonly Round[]>;
}

/** Runs them alternately, round after round. */
export async function alternate(
  { python, rounds, engines }: BenchOptions,
  ours: (engine: Engine) => Promise<Round>,
  torch?: (python: string, device: TorchDevice) => Promise<Round>,
): Promise<SideBySide> {
  const found = { ours: new Map<EngineName, Round[]>(), torch: new Map<TorchDevice, Round[]>() };
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) add(found.ours, engine.name, await ours(engine));
    if (python === undefined || !torch) continue;
    for (const device of torchDevices(engines)) add(found.torch, device, await torch(python, device));
  }
  return found;
}

export const STEP_HEADER = ['', 'fastest ms', 'median ms', 'to PyTorch, fastest / median'];

/** Rows of a table with `STEP_HEADER`; a ratio below 1 means that ours is faster. */
export function stepRows({ ours, torch }: SideBySide, engines: readonly Engine[], title = 'ours'): string[][] {
  const rows = engines.map((engine) => {
    const mine = ours.get(engine.name)!;
    const peer = torch.get(torchDevice(engine));
    const ratio = peer && [best, middle].map((of) => number(of(mine) / of(peer), 2)).join(' / ');
    return [`${title}, ${engine.name}`, number(best(mine)), number(middle(mine)), ratio ?? ''];
  });
  const peers = [...torch].map(([device, found]) => [
    `PyTorch eager, ${device}`,
    number(best(found)),
    number(middle(found)),
  ]);
  return [...rows, ...peers];
}

const best = (found: readonly Round[]) => minimum(found.map((round) => round.minimum));
const middle = (found: readonly Round[]) => median(found.map((round) => round.median));

function add<Key>(map: Map<Key, Round[]>, key: Key, round: Round): void {
  map.set(key, [...(map.get(key) ?? []), round]);
}
