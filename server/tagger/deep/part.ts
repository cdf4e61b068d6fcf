// The deep part of a trained model, at work.
import { type Engine, pick, type State } from '../../tensor/index.ts';
import type { Pause } from '../groups.ts';
import type { TaggerPart } from '../tagger.ts';
import type { DeepConfig } from './config.ts';
import { DeepEmissions } from './emissions.ts';
import type { SentenceInputs } from './gather.ts';
import { taggingPrograms } from './programs.ts';
import type { Vocabulary } from './vocabulary.ts';
import { deepSizes, graphShapes, TRANSITIONS, WORDS } from './weights.ts';

/** What sentences of a language bring besides their words. */
export type InputsOf = (
  sentences: readonly (readonly string[])[],
  language: string | undefined,
  pause: Pause,
) => Promise<SentenceInputs>;

/** @param weights those of `deepShapes` */
export async function openDeepPart(
  engine: Engine,
  threads: number,
  { config, vocabulary, tags }: { config: DeepConfig; vocabulary: Vocabulary; tags: number },
  weights: State,
  inputsOf: InputsOf,
): Promise<TaggerPart> {
  const sizes = deepSizes(config, vocabulary.counts(tags));
  const definition = {
    weights: pick(weights, Object.keys(graphShapes(sizes))),
    programs: taggingPrograms(sizes.network, sizes.characters),
  };
  const model = await engine.createModel(definition, { threads });
  const source = { config, vocabulary, tags, wordTable: weights[WORDS]?.data ?? new Float32Array(0) };
  const emissions = new DeepEmissions(model, source, true);
  return {
    transitions: weights[TRANSITIONS]!.data,
    async emissions(sentences, pause, language) {
      return emissions.of(sentences, await inputsOf(sentences, language, pause), pause);
    },
    dispose: () => model.dispose(),
  };
}
