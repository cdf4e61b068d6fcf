// The ids in the columns ID, HEAD and DEPS when words come and go.
import { COLUMN, type Row } from './numbered-rows.ts';

/** Where ids go; undefined: to another sentence. */
export interface Renumbering {
  /** New id of a word; of two that become one the same. */
  readonly word: (id: number) => number | undefined;
  /** New id of the empty node `id.number`. */
  readonly empty: (id: number, number: number) => readonly [number, number] | undefined;
}

/** Cells of a row with its own id and its references renumbered. References to other sentences are left for `rerooted`. */
export function renumbered({ kind, cells, id, to }: Row, renumbering: Renumbering): string[] {
  const out = [...cells];
  if (kind === 'word') out[COLUMN.id] = String(renumbering.word(id));
  else if (kind === 'range') out[COLUMN.id] = `${renumbering.word(id)}-${renumbering.word(to)}`;
  else if (kind === 'empty') out[COLUMN.id] = renumbering.empty(id, to)!.join('.');
  if (cells.length <= COLUMN.graph) return out;
  out[COLUMN.head] = headOf(cells[COLUMN.head]!, renumbering);
  out[COLUMN.graph] = graphOf(cells[COLUMN.graph]!, renumbering);
  return out;
}

/** Stands for a head in another sentence until `rerooted` gives a new one; no text holds it (it is no character). */
const ELSEWHERE = '\uffff';

function headOf(head: string, { word }: Renumbering): string {
  if (!/^[1-9]\d*$/.test(head)) return head;
  const id = word(Number(head));
  return id === undefined ? ELSEWHERE : String(id);
}

function graphOf(graph: string, { word, empty }: Renumbering): string {
  return mapGraph(graph, (id, number) => {
    if (id === 0 && number === undefined) return '0';
    const found = number === undefined ? word(id) : empty(id, number)?.join('.');
    return found === undefined ? ELSEWHERE : String(found);
  });
}

/** DEPS (`4:obl:from|5.1:conj`) with other heads, sorted as before it, each entry once. What is no graph stays. */
export function mapGraph(graph: string, map: (id: number, number: number | undefined) => string | undefined): string {
  const entries = graph.split('|').map((entry) => /^(\d+|\uffff)(?:\.(\d+))?:(.+)$/.exec(entry));
  if (entries.some((entry) => entry === null)) return graph;
  const mapped = entries.flatMap((entry) => {
    const [, id, number, relation] = entry!;
    const head =
      id === ELSEWHERE ? map(-1, undefined) : map(Number(id), number === undefined ? undefined : Number(number));
    return head === undefined ? [] : [`${head}:${relation}`];
  });
  const unique = [...new Set(mapped)];
  const sorted = unique.every((entry, i) => i === 0 || order(unique[i - 1]!) <= order(entry));
  const result = sorted ? unique : unique.sort((a, b) => order(a) - order(b));
  return result.length === 0 ? '_' : result.join('|');
}

/** Heads in the order of the sentence; less than a million empty nodes follow one word. */
function order(entry: string): number {
  const [id, number = '0'] = entry.slice(0, entry.indexOf(':')).split('.');
  return Number(id) + Number(number) / 1e6;
}

/**
 * The rows of a part of a sentence, where heads in the other part are `ELSEWHERE`: the first word whose head is lost becomes
 * the root where the part has none, and the others hang on the root.
 */
export function rerooted(rows: readonly string[][]): string[][] {
  const isWord = (cells: readonly string[]) => /^\d+$/.test(cells[COLUMN.id]!.trim());
  if (!rows.some((cells) => cells.length > COLUMN.graph)) return [...rows];
  const own = rows.find((cells) => isWord(cells) && cells[COLUMN.head] === '0');
  const lost = rows.find((cells) => isWord(cells) && cells[COLUMN.head] === ELSEWHERE);
  const root = own ?? lost;
  const id = root === undefined ? undefined : root[COLUMN.id]!.trim();
  return rows.map((cells) => {
    const out = [...cells];
    const becomesRoot = cells === lost && own === undefined;
    if (out[COLUMN.head] === ELSEWHERE) {
      out[COLUMN.head] = becomesRoot ? '0' : id!;
      if (becomesRoot) out[COLUMN.relation] = 'root';
    }
    const graph = out[COLUMN.graph];
    if (graph?.includes(ELSEWHERE)) {
      const elsewhere = cells === root ? undefined : id;
      const mapped = mapGraph(graph, (head, number) =>
        head < 0 ? elsewhere : number === undefined ? String(head) : `${head}.${number}`,
      );
      out[COLUMN.graph] = becomesRoot ? '0:root' : mapped;
    }
    return out;
  });
}
