// The settings that the server reads, per resource. One place for their names, values and defaults.
import { z } from 'zod';
import { isLanguageTag } from '../text/language-tag.ts';
import { FORMATS, type Task } from '../text/types.ts';

const severity = z.enum(['error', 'warning', 'information', 'hint', 'off']);

const schema = z.object({
  /** `auto`: by extension and content. */
  format: z.enum(['auto', ...FORMATS]).catch('auto'),
  /** BCP 47 tag of the language of raw text, for its words and sentences; empty: the platform's rules for any text. */
  language: z
    .string()
    .refine((tag) => tag === '' || isLanguageTag(tag))
    .catch(''),
  /** Folder of the model; empty: the newest of the workspace. */
  model: z.string().catch(''),
  engine: z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'tensorflow']).catch('auto'),
  /** Of the model processes; 0: cores - 1. */
  threads: z.number().int().min(0).catch(0),
  suggestions: z
    .object({ enabled: z.boolean().catch(true), minimumProbability: z.number().catch(0) })
    .catch({ enabled: true, minimumProbability: 0 }),
  /** Whose labels these are; empty: the system's user. */
  annotator: z.string().catch(''),
  /** Severity of findings by code or group: `{"consistency.conflict": "off", "tags.*": "hint"}`. */
  diagnostics: z.object({ severity: z.record(z.string(), severity).catch({}) }).catch({ severity: {} }),
});

/** With what is no setting: what crosstag.json says of a file. */
export type Settings = z.infer<typeof schema> & {
  /** Of a file in which no label tells it. */
  readonly task?: Task;
  /** Of a file of that task: labels that are offered before anybody has used them. */
  readonly labels?: readonly string[];
};

/** Reads what a client sent for the section `crosstag`; a value that makes no sense counts as its default. */
export function parseSettings(value: unknown): Settings {
  return schema.parse(typeof value === 'object' && value !== null ? value : {});
}
