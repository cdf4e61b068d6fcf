// Characters that no word should hold, found line by line while a file is read.
import { BYTE_ORDER_MARK } from './lines.ts';
import type { Finding } from './types.ts';

const REPLACEMENT = 0xfffd;

/** The first control character, stray byte order mark, replacement character or half surrogate pair of [start, end). */
export function characterFinding(source: string, start: number, end: number): Finding | undefined {
  for (let at = start; at < end; at++) {
    const code = source.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f) continue;
    if (code === 0x09 || (code > 0x9f && code < 0xd800)) continue;
    if (code < 0xa0) return controlFinding(at, code, 'control character');
    if (code === BYTE_ORDER_MARK) return controlFinding(at, code, 'byte order mark inside the text');
    if (code === REPLACEMENT) {
      return encodingFinding(
        at,
        'replacement character U+FFFD',
        'text was lost in an earlier conversion; take it anew from its source',
      );
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = source.charCodeAt(at + 1);
      if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) {
        return encodingFinding(
          at,
          `half a surrogate pair (U+${code.toString(16).toUpperCase()})`,
          'delete it or type the character anew',
        );
      }
      at++;
    }
  }
  return undefined;
}

function controlFinding(at: number, code: number, what: string): Finding {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    code: 'format.control-character',
    severity: 'warning',
    message: `${what} ${name}; delete it`,
    start: at,
    end: at + 1,
    fix: { title: `Delete ${name}`, edits: [{ start: at, end: at + 1, text: '' }] },
  };
}

function encodingFinding(at: number, what: string, remedy: string): Finding {
  return { code: 'format.encoding', severity: 'warning', message: `${what}; ${remedy}`, start: at, end: at + 1 };
}
