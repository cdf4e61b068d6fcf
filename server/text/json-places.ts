// Where the parts of a JSON text stand. Only for texts that JSON.parse accepts: nothing is checked here.

/** [start, end) of a value, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** The values of the object that starts at `start`, by key; of equal keys the last counts, as for JSON.parse. */
export function membersOf(text: string, start: number): Map<string, Place> {
  const members = new Map<string, Place>();
  let at = skipBlanks(text, start + 1);
  while (text[at] !== '}') {
    const keyEnd = valueEnd(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const valueStart = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    members.set(String(key), { start: valueStart, end });
    at = skipBlanks(text, end);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return members;
}

/** The elements of the array that starts at `start`. */
export function elementsOf(text: string, start: number): Place[] {
  const elements: Place[] = [];
  let at = skipBlanks(text, start + 1);
  while (text[at] !== ']') {
    const end = valueEnd(text, at);
    elements.push({ start: at, end });
    at = skipBlanks(text, end);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return elements;
}

/**
 * Where each unit of a string's value stands in its literal, its end included: [value length + 1] offsets from the
 * opening quote on.
 */
export function unitsOf(literal: string): number[] {
  const units: number[] = [];
  let at = 1;
  while (at < literal.length - 1) {
    units.push(at);
    at += literal[at] !== '\\' ? 1 : literal[at + 1] === 'u' ? 6 : 2;
  }
  units.push(at);
  return units;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at++;
  return at;
}

function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at]!;
    if (character === '"') at = stringEnd(text, at);
    else if (character === '{' || character === '[') {
      depth++;
      at++;
    } else if (character === '}' || character === ']') {
      depth--;
      at++;
    } else if (depth > 0) at++;
    else while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at++;
  } while (depth > 0);
  return at;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
