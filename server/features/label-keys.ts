// Which key gives which label: an order that does not change while the server runs, so that fingers can learn it.
import { labelOf } from '../tags/index.ts';
import type { Task } from '../text/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import { labelsOfFile, labelsOfProject, usualLabels } from './label-choices.ts';

export class LabelKeys {
  readonly #orders = new Map<Task, string[]>();

  /**
   * The labels of a document's task, the one of the first key first: those that crosstag.json names, those of the first file
   * most frequent first, those of its model, the usual ones. What other files and models bring comes behind.
   */
  of(document: OpenDocument): readonly string[] {
    const { task, suggestions } = document;
    const order = this.#orders.get(task) ?? [];
    this.#orders.set(task, order);
    const known = new Set(order);
    const counts = [...labelsOfFile(document)].sort(([, a], [, b]) => b - a);
    const ofModel = suggestions?.model.tags.map((tag) => labelOf(tag, suggestions.model.scheme)) ?? [];
    const ofFile = counts.map(([name]) => name);
    for (const label of [...labelsOfProject(document), ...ofFile, ...ofModel, ...usualLabels(document)]) {
      if (label !== undefined && label !== '') known.add(label);
    }
    order.push(...[...known].slice(order.length));
    return order;
  }
}
