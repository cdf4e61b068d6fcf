import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_TAG, Crf, PathFinder } from '../../../server/tagger/crf.ts';
import { allowedTransitions, illegalTags, tagSetOf } from '../../../server/tags/index.ts';

/** All tag sequences of a length. */
function allPaths(time: number, tags: number): number[][] {
  let paths: number[][] = [[]];
  for (let t = 0; t < time; t++)
    paths = paths.flatMap((path) => Array.from({ length: tags }, (_, tag) => [...path, tag]));
  return paths;
}

interface Problem {
  readonly time: number;
  readonly tags: number;
  readonly emissions: Float64Array;
  readonly transitions: Float64Array;
  readonly allowed: Uint8Array;
}

/** Small CRFs; with `wild`, scores that no exponential bears and forbidden transitions. */
function problems(wild: boolean): fc.Arbitrary<Problem> {
  // Sixteenths: sums are exact, so that ties are ties.
  const small = fc.integer({ min: -64, max: 64 }).map((n) => n / 16);
  const large = fc.oneof(small, fc.constantFrom(-900, 900, 2000));
  return fc
    .record({ time: fc.integer({ min: 1, max: 4 }), tags: fc.integer({ min: 1, max: 4 }) })
    .chain(({ time, tags }) =>
      fc
        .record({
          emissions: fc.array(wild ? large : small, { minLength: time * tags, maxLength: time * tags }),
          transitions: fc.array(wild ? fc.oneof(small, fc.constant(-Infinity)) : small, {
            minLength: tags * tags,
            maxLength: tags * tags,
          }),
          allowed: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: time * tags, maxLength: time * tags }),
          certain: fc.array(fc.integer({ min: 0, max: tags - 1 }), { minLength: time, maxLength: time }),
        })
        .map(({ emissions, transitions, allowed, certain }) => {
          certain.forEach((tag, t) => {
            allowed[t * tags + tag] = 1;
          });
          // One tag may always follow itself, so that a path exists.
          for (let tag = 0; tag < tags; tag++)
            if (transitions[tag * tags + tag] === -Infinity) transitions[tag * tags + tag] = 0;
          return {
            time,
            tags,
            emissions: Float64Array.from(emissions),
            transitions: Float64Array.from(transitions),
            allowed: Uint8Array.from(allowed),
          };
        }),
    );
}

/** The same numbers by enumerating every path. */
function enumerate({ time, tags, emissions, transitions, allowed }: Problem, restricted: boolean) {
  const paths = allPaths(time, tags)
    .filter((path) => !restricted || path.every((tag, t) => allowed[t * tags + tag] === 1))
    .map((path) => {
      let score = 0;
      path.forEach((tag, t) => {
        score += emissions[t * tags + tag] as number;
        if (t > 0) score += transitions[(path[t - 1] as number) * tags + tag] as number;
      });
      return { path, score };
    });
  const high = Math.max(...paths.map(({ score }) => score));
  const logNorm =
    high === -Infinity ? high : high + Math.log(paths.reduce((sum, { score }) => sum + Math.exp(score - high), 0));
  const marginals = new Float64Array(time * tags);
  const pairs = new Float64Array(tags * tags);
  for (const { path, score } of paths) {
    path.forEach((tag, t) => {
      (marginals[t * tags + tag] as number) += Math.exp(score - logNorm);
      if (t > 0) (pairs[(path[t - 1] as number) * tags + tag] as number) += Math.exp(score - logNorm);
    });
  }
  return { paths, logNorm, marginals, pairs };
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-9): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i] as number;
    const difference = Object.is(actual[i], want) ? 0 : Math.abs((actual[i] as number) - want);
    expect(difference, `[${i}] ${actual[i]} instead of ${want}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(want)),
    );
  }
}

function crfOf(problem: Problem): Crf {
  const crf = new Crf(problem.tags);
  crf.setTransitions(problem.transitions);
  return crf;
}

describe.each([
  ['ordinary scores', false],
  ['scores beyond exp and forbidden transitions', true],
])('the CRF with %s agrees with enumeration', (_, wild) => {
  it('in log Z, marginals and gradients, full and partial', () => {
    fc.assert(
      fc.property(problems(wild), (problem) => {
        const { time, tags, emissions, allowed } = problem;
        const crf = crfOf(problem);
        const all = enumerate(problem, false);
        const inside = enumerate(problem, true);
        close([crf.logNorm(emissions, time), crf.logNorm(emissions, time, allowed)], [all.logNorm, inside.logNorm]);
        const out = new Float64Array(time * tags);
        crf.marginals(emissions, time, out);
        close(out, all.marginals);
        const gradients = { emissions: new Float64Array(time * tags), transitions: new Float64Array(tags * tags) };
        const likelihood = crf.partialLogLikelihood(emissions, time, allowed, gradients, 2);
        if (inside.logNorm === -Infinity) {
          expect(likelihood).toBe(-Infinity);
          return;
        }
        expect(Math.abs(likelihood - (inside.logNorm - all.logNorm))).toBeLessThan(
          1e-9 * Math.max(1, Math.abs(likelihood)),
        );
        close(
          gradients.emissions,
          all.marginals.map((value, i) => 2 * ((inside.marginals[i] as number) - value)),
        );
        close(
          gradients.transitions,
          all.pairs.map((value, i) => 2 * ((inside.pairs[i] as number) - value)),
        );
      }),
    );
  });

  it('in Viterbi (ties to the lower id), n best and span probabilities', () => {
    fc.assert(
      fc.property(problems(wild), fc.nat(), fc.nat(), (problem, a, b) => {
        const { time, tags, emissions, transitions } = problem;
        const { paths, logNorm } = enumerate(problem, false);
        const possible = paths.filter(({ score }) => score > -Infinity).sort((x, y) => y.score - x.score);
        const finder = new PathFinder(transitions, tags);
        const five = finder.nBest(emissions, time, 5);
        close(
          five.map(({ score }) => score),
          possible.slice(0, 5).map(({ score }) => score),
        );
        expect(new Set(five.map(({ path }) => path.join())).size).toBe(five.length);
        const best = finder.viterbi(emissions, time);
        close(
          [best.score, crfOf(problem).score(emissions, time, best.path)],
          [five[0]?.score ?? 0, five[0]?.score ?? 0],
        );
        expect([...best.path]).toEqual([...(five[0]?.path ?? [])]);
        const start = a % time;
        const end = start + 1 + (b % (time - start));
        const crf = crfOf(problem);
        crf.marginals(emissions, time, new Float64Array(time * tags));
        const same = paths.filter(({ path }) => path.slice(start, end).join() === best.path.slice(start, end).join());
        close(
          [crf.spanProbability(best.path, start, end)],
          [same.reduce((sum, { score }) => sum + Math.exp(score - logNorm), 0)],
        );
      }),
    );
  });
});

describe('paths', () => {
  it('gives the lowest ids when all scores are equal', () => {
    expect([...new PathFinder(new Float64Array(9), 3).viterbi(new Float32Array(12), 4).path]).toEqual([0, 0, 0, 0]);
  });

  it('are legal in the scheme, and the best of the legal ones', () => {
    const names = tagSetOf(['PER', 'LOC'], 'bioes').slice(0, 7);
    const legal = allowedTransitions(names, 'bioes');
    const random = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 28, maxLength: 28 });
    fc.assert(
      fc.property(
        random,
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 49, maxLength: 49 }),
        (e, w) => {
          const best = new PathFinder(w, 7, legal).viterbi(Float64Array.from(e), 4);
          expect(
            illegalTags(
              [...best.path].map((id) => names[id]),
              'bioes',
            ),
          ).toEqual([]);
          const crf = new Crf(7);
          crf.setTransitions(w);
          for (const path of allPaths(4, 7)) {
            if (crf.score(Float64Array.from(e), 4, path) <= best.score + 1e-9) continue;
            expect(
              illegalTags(
                path.map((id) => names[id]),
                'bioes',
              ),
            ).not.toEqual([]);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keep what a person decided even where it is not legal', () => {
    const legal = allowedTransitions(['O', 'B-A', 'I-A'], 'bio');
    const decided = Uint8Array.from([1, 0, 0, 0, 0, 1]);
    expect([...new PathFinder(new Float64Array(9), 3, legal).viterbi(new Float32Array(6), 2, decided).path]).toEqual([
      0, 2,
    ]);
    expect(new PathFinder(new Float64Array(9), 3, legal).nBest(new Float32Array(6), 2, 3, decided)).toHaveLength(1);
    expect(() => new PathFinder(new Float64Array(9), 3).viterbi(new Float32Array(6), 2, new Uint8Array(6))).toThrow(
      RangeError,
    );
  });
});

const golden = join(import.meta.dirname, '../../../../shared/golden');

interface Golden {
  readonly tolerance: number;
  readonly lengths: number[];
  readonly emissions: number[][][];
  readonly transitions: number[][];
  readonly gradient_emissions: number[][][];
  readonly gradient_transitions: number[][];
  readonly log_likelihood: number[];
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(golden, name), 'utf8')) as T;
}

describe.skipIf(!existsSync(golden))('the golden numbers of the original', () => {
  interface Full extends Golden {
    readonly tags: number[][];
    readonly log_norm: number[];
    readonly sequence_score: number[];
    readonly viterbi: { path: number[]; score: number }[];
    readonly marginals: number[][][];
    readonly three_best: { path: number[]; score: number; probability: number }[][];
  }
  interface Partial extends Golden {
    readonly allowed: number[][][];
    readonly log_norm_allowed: number[];
    readonly allowed_marginals: number[][][];
    readonly constrained_viterbi: { path: number[]; score: number }[];
  }

  it('crf.json', () => {
    const file = read<Full>('crf.json');
    const count = file.lengths.length;
    const tags = file.transitions.length;
    const crf = new Crf(tags);
    crf.setTransitions(file.transitions.flat());
    const finder = new PathFinder(crf.transitions, tags);
    const transitions = new Float32Array(tags * tags);
    file.lengths.forEach((time, s) => {
      const emissions = Float32Array.from(file.emissions[s]!.flat());
      const gradients = { emissions: new Float32Array(emissions.length), transitions };
      const path = file.tags[s]!;
      const likelihood = crf.logLikelihood(emissions, time, path, gradients, -1 / count);
      close([likelihood], [file.log_likelihood[s]!], file.tolerance);
      close([crf.score(emissions, time, path)], [file.sequence_score[s]!], file.tolerance);
      close([crf.logNorm(emissions, time)], [file.log_norm[s]!], file.tolerance);
      close(gradients.emissions, file.gradient_emissions[s]!.flat(), file.tolerance);
      const best = finder.viterbi(emissions, time);
      expect([...best.path]).toEqual(file.viterbi[s]!.path);
      close([best.score], [file.viterbi[s]!.score], file.tolerance);
      const marginals = new Float32Array(emissions.length);
      crf.marginals(emissions, time, marginals);
      close(marginals, file.marginals[s]!.flat(), file.tolerance);
      const three = finder.nBest(emissions, time, 3);
      expect(three.map((each) => [...each.path])).toEqual(file.three_best[s]!.map((each) => each.path));
      const logNorm = crf.logNorm(emissions, time);
      const probabilities = three.map(({ score }) => Math.exp(score - logNorm));
      close(
        probabilities,
        file.three_best[s]!.map(({ probability }) => probability),
        file.tolerance,
      );
    });
    close(transitions, file.gradient_transitions.flat(), file.tolerance);
  });

  it('partial-crf.json', () => {
    const file = read<Partial>('partial-crf.json');
    const count = file.lengths.length;
    const tags = file.transitions.length;
    const crf = new Crf(tags);
    crf.setTransitions(file.transitions.flat());
    const finder = new PathFinder(crf.transitions, tags);
    const transitions = new Float32Array(tags * tags);
    file.lengths.forEach((time, s) => {
      const emissions = Float32Array.from(file.emissions[s]!.flat());
      const allowed = new Uint8Array(emissions.length);
      file.allowed[s]!.forEach((ids, t) => {
        for (const id of ids) allowed[t * tags + id] = 1;
      });
      const gradients = { emissions: new Float32Array(emissions.length), transitions };
      const likelihood = crf.partialLogLikelihood(emissions, time, allowed, gradients, -1 / count);
      close([likelihood], [file.log_likelihood[s]!], file.tolerance);
      close([crf.logNorm(emissions, time, allowed)], [file.log_norm_allowed[s]!], file.tolerance);
      close(gradients.emissions, file.gradient_emissions[s]!.flat(), file.tolerance);
      const marginals = new Float32Array(emissions.length);
      crf.marginals(emissions, time, marginals, allowed);
      close(marginals, file.allowed_marginals[s]!.flat(), file.tolerance);
      const best = finder.viterbi(emissions, time, allowed);
      expect([...best.path]).toEqual(file.constrained_viterbi[s]!.path);
      const anyOrOne = file.allowed[s]!.map((ids) => (ids.length === 1 ? ids[0]! : ANY_TAG));
      if (file.allowed[s]!.every((ids) => ids.length === 1 || ids.length === tags)) {
        close([crf.logLikelihood(emissions, time, anyOrOne)], [file.log_likelihood[s]!], file.tolerance);
      }
    });
    close(transitions, file.gradient_transitions.flat(), file.tolerance);
  });
});
