// JSON files that people write: what is wrong with one is said with its line, its column and what to do.
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { TextDocument as PlainText } from 'vscode-languageserver-textdocument';
import { z } from 'zod';
import { InputError } from '../text/types.ts';

/** Keys and indices from the root to a value. */
export type JsonPath = readonly (string | number)[];

/** A text that the schema accepts, and where its values stand. */
export interface CheckedJson<T> {
  readonly value: T;
  /** An error about a value; about what holds it where it is not there. */
  error(at: JsonPath, what: string, remedy: string): InputError;
}

/** What jsonc-parser calls mistakes, for people. */
const MISTAKES: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  CommaExpected: ['a comma is missing', 'put one between the two values'],
  ColonExpected: ['a colon is missing', 'put one between the name and its value'],
  PropertyNameExpected: ['a name in double quotes is missing', 'write it, or remove the comma before'],
  ValueExpected: ['a value is missing', 'write it, or remove the comma before'],
  CloseBraceExpected: ['a closing brace is missing', 'add }'],
  CloseBracketExpected: ['a closing bracket is missing', 'add ]'],
  EndOfFileExpected: ['there is more after the end', 'remove it'],
  InvalidCommentToken: ['JSON has no comments', 'remove it'],
  UnexpectedEndOfString: ['a string has no end', 'close it with a double quote'],
  InvalidEscapeCharacter: ['this is no escape', 'write \\\\ for a backslash'],
  InvalidUnicode: ['this is no escape', 'write \\u and four hexadecimal digits'],
  InvalidCharacter: ['a string holds a control character', 'write it as an escape, such as \\t'],
};

const NO_VALUE = ['this is no JSON value', 'write a string in double quotes, a number, a list or an object'] as const;

/**
 * @param path of the file, for messages
 * @throws InputError for the first mistake
 */
export function checkJson<T>(text: string, path: string, schema: z.ZodType<T>): CheckedJson<T> {
  const plain = PlainText.create(path, 'json', 0, text);
  const failAt = (offset: number, what: string, remedy: string) => {
    const { line, character } = plain.positionAt(offset);
    return new InputError(what, remedy, { path, line: line + 1, column: character + 1 });
  };
  if (text.trim() === '') throw failAt(0, 'the file is empty', 'write an object in braces, or remove the file');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const code = first === undefined ? '' : printParseErrorCode(first.error);
    const [what, remedy] = MISTAKES[code] ?? NO_VALUE;
    throw failAt(first?.offset ?? 0, what, remedy);
  }
  const doubled = doubledKey(root);
  if (doubled !== undefined) throw failAt(doubled.offset, `${quoted(doubled)} is there twice`, 'keep one of them');
  const error = (at: JsonPath, what: string, remedy: string) => failAt(nearest(root, at).offset, what, remedy);
  const checked = schema.safeParse(JSON.parse(text));
  if (checked.success) return { value: checked.data, error };
  throw explain(checked.error.issues[0]!, root, schema, failAt);
}

/** The second key of two that are the same, in any object. */
function doubledKey(node: Node): Node | undefined {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) return key;
    if (key !== undefined) seen.add(key.value);
    const deeper = doubledKey(child);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function quoted({ value }: Node): string {
  return JSON.stringify(value);
}

/** The value at a place, or the innermost one around it that is there. */
function nearest(root: Node, at: JsonPath): Node {
  for (let length = at.length; length > 0; length--) {
    const node = findNodeAtLocation(root, at.slice(0, length));
    if (node !== undefined) return node;
  }
  return root;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string in double quotes',
  number: 'a number',
  int: 'a whole number',
  array: 'a list in brackets',
  object: 'an object in braces',
  record: 'an object in braces',
};

const kindOf = (expected: string) => KINDS[expected] ?? expected;

/** What the schema finds, in plain words. */
function explain(
  issue: z.core.$ZodIssue,
  root: Node,
  schema: z.ZodType,
  failAt: (offset: number, what: string, remedy: string) => InputError,
): InputError {
  const at = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const name = JSON.stringify(at.findLast((key) => typeof key === 'string') ?? 'the whole');
  const node = findNodeAtLocation(root, at);
  const fail = (what: string, remedy: string) => failAt(nearest(root, at).offset, what, remedy);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const property = findNodeAtLocation(root, [...at, key])?.parent;
    const known = fieldsAt(schema, at).filter((field) => field !== '$schema');
    const remedy = `use one of ${known.join(', ')}, or remove it`;
    return failAt((property ?? root).offset, `there is no field ${JSON.stringify(key)} here`, remedy);
  }
  if (node === undefined) {
    const meaning = descriptionAt(schema, at);
    return fail(`${name} is missing`, meaning === undefined ? 'add it' : `add it (${meaning})`);
  }
  switch (issue.code) {
    case 'invalid_type': {
      const kind = kindOf(issue.expected);
      return fail(`${name} is not ${kind}`, `write ${kind}`);
    }
    case 'invalid_union': {
      const firsts = issue.errors.map(([first]) => first!);
      // What has the right kind, and a mistake inside, is what was meant.
      const inside = firsts.find(({ path }) => path.length > 0);
      if (inside !== undefined)
        return explain({ ...inside, path: [...issue.path, ...inside.path] }, root, schema, failAt);
      const kinds = firsts.flatMap((first) => (first.code === 'invalid_type' ? [kindOf(first.expected)] : []));
      return fail(`${name} is not ${kinds.join(' or ')}`, `write ${kinds.join(' or ')}`);
    }
    case 'invalid_value':
      return fail(`${name} cannot be ${JSON.stringify(node.value ?? null)}`, `write one of ${issue.values.join(', ')}`);
    case 'too_small':
      if (issue.origin === 'array') return fail(`${name} is empty`, 'put something into the list');
      return fail(`${name} is not above ${issue.minimum}`, 'write a greater number');
    default: {
      const [what, remedy] = issue.message.split('; ');
      return fail(what ?? issue.message, remedy ?? `correct ${name}`);
    }
  }
}

/** The part of a schema that describes the value at a place. */
function schemaAt(schema: unknown, at: JsonPath): unknown {
  const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const [key, ...rest] = at;
  if (key === undefined) return bare;
  if (bare instanceof z.ZodArray) return schemaAt(bare.element, rest);
  return bare instanceof z.ZodObject ? schemaAt(bare.shape[key], rest) : undefined;
}

function fieldsAt(schema: z.ZodType, at: JsonPath): string[] {
  const found = schemaAt(schema, at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function descriptionAt(schema: z.ZodType, at: JsonPath): string | undefined {
  const found = schemaAt(schema, at);
  return found instanceof z.ZodType ? found.description : undefined;
}
