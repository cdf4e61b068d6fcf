// What edits of the text have taken from its annotations, so that an edit that is undone gives it back.
import { createHash } from 'node:crypto';
import { coveredLength, type Entity } from './annotations.ts';

/** Edits that are remembered; the oldest are forgotten first. */
const MOST = 500;

interface Loss {
  /** Of the text before the edit, which an undo brings back. */
  readonly length: number;
  readonly digest: string;
  /** The entities that the edit deleted or shortened, as they stood in that text. */
  entities: readonly Entity[];
}

export class LostEntities {
  private losses: Loss[] = [];

  /** Notes what is lost where an edit of `text` moves the entities `before` to `after`. */
  note(text: () => string, before: readonly Entity[], after: readonly Entity[]): void {
    const lengths = new Map(after.map((entity) => [entity.lineStart, coveredLength(entity)]));
    const entities = before.filter((entity) => coveredLength(entity) > (lengths.get(entity.lineStart) ?? 0));
    if (entities.length === 0) return;
    const old = text();
    this.losses.push({ length: old.length, digest: digestOf(old), entities });
    if (this.losses.length > MOST) this.losses.shift();
  }

  /** The entities that a text has again which is as it was before an edit; they are lost no more. */
  takeBack(length: number, text: () => string): Entity[] {
    if (this.losses.every((loss) => loss.length !== length)) return [];
    const digest = digestOf(text());
    const first = this.losses.findIndex((loss) => loss.length === length && loss.digest === digest);
    if (first < 0) return [];
    // Later edits are undone with it; what the first of them found is what was there.
    const back = new Map<string, Entity>();
    for (const { entities } of this.losses.splice(first)) {
      for (const entity of entities) if (!back.has(entity.id)) back.set(entity.id, entity);
    }
    return [...back.values()];
  }

  /** The ids of all that may come back. */
  ids(): string[] {
    return this.losses.flatMap(({ entities }) => entities.map(({ id }) => id));
  }

  /** Somebody has deleted these entities, or given them other words, on purpose. */
  forget(ids: ReadonlySet<string>): void {
    for (const loss of this.losses) loss.entities = loss.entities.filter(({ id }) => !ids.has(id));
  }
}

function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
