// A frozen encoder on its way into the deep part: how it is opened, how its layers are used, which languages it knows.
import type { Encoder } from '../encoder/types.ts';
import type { Engine } from '../tensor/index.ts';
import { InputError } from '../text/types.ts';
import type { Mixing } from './deep/mixing.ts';

/** @throws InputError naming the file that is missing, damaged or foreign, and the remedy */
export type OpenEncoder = (
  folder: string,
  options: { readonly engine: Engine; readonly threads: number },
) => Promise<Encoder>;

/** Units of the hidden layer of `sws` (spec section 7); an encoder with fewer channels gets as many as it has. */
const SWS_UNITS = 512;

/**
 * How the layers become one vector, from `layer=N`, `all`, `fws` or `sws`; default: the middle
 * layer, whose states transfer best (F1 49.0 on Spanish, 44.0 with the last one; docs/results.md).
 * @throws InputError where there is no such way or no such layer
 */
export function mixingOf(name: string | undefined, { layers, hidden }: Encoder, folder: string): Mixing {
  const last = layers - 1;
  if (name === undefined) return { layer: Math.floor(layers / 2) };
  if (name === 'all' || name === 'fws') return name;
  if (name === 'sws') return { sws: Math.min(SWS_UNITS, 2 * hidden) };
  const layer = Number(/^layer=(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  if (layer <= last) return { layer };
  const what = `the encoder has no features ${name}`;
  throw new InputError(what, `ask for layer=0 to layer=${last}, all, fws or sws`, { path: folder });
}

const KNOWERS = { encoder: 'the encoder does', vectors: 'the word vectors do' } as const;

/** The message about a language that encoder or vectors do not know, or that nobody has named. */
export function foreignLanguage(
  knower: keyof typeof KNOWERS,
  language: string | undefined,
  known: readonly string[],
  path: string,
): InputError {
  const what =
    language === undefined
      ? 'the language of the text is not named'
      : `${KNOWERS[knower]} not know the language ${language}`;
  return new InputError(what, `name one of ${known.join(', ')}`, { path });
}
