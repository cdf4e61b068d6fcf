// `--alignment distance=cosine adversarial=0.5`: what of a template's alignment shall be otherwise.
import { type AlignmentConfig, alignmentSchema } from '../encoder/index.ts';

const NAMES = Object.keys(alignmentSchema.shape) as (keyof AlignmentConfig)[];

/** @throws Error for what is not `NAME=VALUE`, for a name that is none and a value that does not fit it */
export function alignmentOf(given: readonly string[] = []): Partial<AlignmentConfig> {
  const found: Record<string, unknown> = {};
  for (const argument of given) {
    const [name, text = ''] = argument.split('=', 2);
    const known = NAMES.find((one) => one === name);
    if (known === undefined) {
      throw new Error(`--alignment takes NAME=VALUE, the names being ${NAMES.join(', ')}; not ${argument}`);
    }
    const value = alignmentSchema.shape[known].safeParse(parsed(text));
    if (!value.success) throw new Error(`--alignment: ${argument}: ${value.error.issues[0]!.message}`);
    found[known] = value.data;
  }
  return found;
}

function parsed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
