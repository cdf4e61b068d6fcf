// Means and standard deviations of the languages' states pulled together (spec section 5, "mv").
import type { Graph, Node } from '../../tensor/index.ts';
import { type Alignment, type Cloud, languagePairs } from './linkage.ts';

const TINY = 1e-6;
const [LEAST, MOST] = [1e-6, 1e6];

/** The sum over pairs of languages of mean * |relative distance of means| + deviation * |that of standard deviations|. */
export function meansAndDeviations(
  g: Graph,
  clouds: readonly Cloud[],
  weights: { readonly mean: number; readonly deviation: number },
): Alignment {
  const moments = clouds.map(({ states, mask }) => {
    const count = g.add(g.sum(mask), TINY);
    const average = (x: Node) => g.div(g.sum(g.mul(x, mask), [0]), count);
    const mean = average(states);
    const centred = g.sub(states, mean);
    const variance = average(g.mul(centred, centred));
    return {
      mean,
      size: average(g.maximum(states, g.neg(states))),
      deviation: g.sqrt(clip(g, variance)),
    };
  });
  const losses = languagePairs(moments.length).map(([i, j]) => {
    const [a, b] = [moments[i]!, moments[j]!];
    return g.add(
      g.mul(relative(g, a.mean, b.mean, g.add(a.size, b.size)), weights.mean),
      g.mul(relative(g, a.deviation, b.deviation, g.add(a.deviation, b.deviation)), weights.deviation),
    );
  });
  return { losses, outputs: losses.map((node) => ({ node, gradient: 1 })) };
}

/** The length of (a - b) / scale over all channels. */
function relative(g: Graph, a: Node, b: Node, scale: Node): Node {
  const difference = g.div(g.sub(a, b), g.add(scale, TINY));
  return g.sqrt(clip(g, g.sum(g.mul(difference, difference))));
}

function clip(g: Graph, x: Node): Node {
  return g.neg(g.maximum(g.neg(g.maximum(x, LEAST)), -MOST));
}
