// The name of an annotator's journal: any user name becomes a file name that every system takes.
import { userInfo } from 'node:os';
import { contentHash } from '../../text/index.ts';

/** Bytes: file systems take 255, and an extension follows. */
const LONGEST = 200;

/** Device names of Windows. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Letters and digits of any script stay; what a file system might not take is written as in a URL. Two names never share
 * a file, but for those that differ in case alone, on disks that ignore it.
 */
export function journalFileName(annotator: string): string {
  const encoded = annotator
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}_.@+-]|^[.]|[.]$/gu, (character) => encodeByte(character))
    .replace(RESERVED, (name) => `${encodeByte(name[0]!)}${name.slice(1)}`);
  const name = encoded === '' ? '%' : encoded;
  const bytes = Buffer.from(name);
  if (bytes.length <= LONGEST) return `${name}.jsonl`;
  const cut = bytes
    .subarray(0, LONGEST - 20)
    .toString()
    .replace(/\ufffd$|%[0-9A-F]?$/, '');
  return `${cut}-${contentHash([annotator])}.jsonl`;
}

function encodeByte(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Who labels here, where no setting says so: the system's user. */
export function systemUser(): string {
  try {
    return userInfo().username || 'annotator';
  } catch {
    // A user without an entry in the system's list, as in some containers.
    return process.env.USER || process.env.USERNAME || 'annotator';
  }
}
